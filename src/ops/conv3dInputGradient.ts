/** The transpose of conv3d in its input: (gradient of the output, weight) → gradient of the input. Bilinear, as conv3d is. */
import { type Op, apply } from '../autograd/graph/op.js'
import type { Conv3dGeometry } from '../backend/geometry.js'
import { kernelsOf } from '../backend/select.js'
import { type Tensor, empty } from '../tensor/tensor.js'
import { conv3dWith } from './conv3d.js'
import { conv3dWeightGradient } from './conv3dWeightGradient.js'
import { inputShape } from './convolution.js'
import { dense } from './elementwise.js'

export const conv3dInputGradientOp: Op<readonly [Tensor, Tensor], Conv3dGeometry> = {
  name: 'conv3dInputGradient',
  forward([outputGradient, weight], geometry) {
    const out = empty(inputShape(geometry), outputGradient.dtype)
    kernelsOf(out.device).conv3dInputGradient(dense(outputGradient), dense(weight), geometry, out)
    return out
  },
  vjp: (g, { inputs: [outputGradient, weight], params: geometry }) => [
    () => conv3dWith(g, weight, geometry),
    () => conv3dWeightGradient(g, outputGradient, geometry),
  ],
}

/** Gradient of a convolution's input (B, X, Y, Z, Cin) from that of its output (B, X', Y', Z', Cout). */
export function conv3dInputGradient(outputGradient: Tensor, weight: Tensor, geometry: Conv3dGeometry): Tensor {
  return apply(conv3dInputGradientOp, [outputGradient, weight], geometry)
}
