/** The transpose of conv3d in its weight: (input, gradient of the output) → gradient of the weight. Bilinear, as conv3d is. */
import { type Op, apply } from '../autograd/graph/op.js'
import type { Conv3dGeometry } from '../backend/geometry.js'
import { kernelsOf } from '../backend/select.js'
import { type Tensor, empty } from '../tensor/tensor.js'
import { conv3dWith } from './conv3d.js'
import { conv3dInputGradient } from './conv3dInputGradient.js'
import { weightShape } from './convolution.js'
import { dense } from './elementwise.js'

export const conv3dWeightGradientOp: Op<readonly [Tensor, Tensor], Conv3dGeometry> = {
  name: 'conv3dWeightGradient',
  forward([x, outputGradient], geometry) {
    const out = empty(weightShape(geometry), x.dtype)
    kernelsOf(out.device).conv3dWeightGradient(dense(x), dense(outputGradient), geometry, out)
    return out
  },
  vjp: (g, { inputs: [x, outputGradient], params: geometry }) => [
    () => conv3dInputGradient(outputGradient, g, geometry),
    () => conv3dWith(x, g, geometry),
  ],
}

/** Gradient of a convolution's weight (kx, ky, kz, Cin/groups, Cout) from its input and the gradient of its output. */
export function conv3dWeightGradient(x: Tensor, outputGradient: Tensor, geometry: Conv3dGeometry): Tensor {
  return apply(conv3dWeightGradientOp, [x, outputGradient], geometry)
}
