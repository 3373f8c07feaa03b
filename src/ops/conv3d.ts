/**
 * 3-D convolution (cross-correlation), channels last: out[b,o,n] = bias[n] + Σ_t Σ_c x[b, o·stride − padding + t·dilation, c] · w[t,c,n].
 * It is linear in x and in w; the two transposes are ops of their own, and each is differentiated by the other two.
 */
import { checkOptions, checkTensor } from '../tensor/arguments.js'
import { type Op, apply } from '../autograd/graph/op.js'
import type { Conv3dGeometry } from '../backend/geometry.js'
import { kernelsOf } from '../backend/select.js'
import { type Tensor, empty } from '../tensor/tensor.js'
import { conv3dInputGradient } from './conv3dInputGradient.js'
import { conv3dWeightGradient } from './conv3dWeightGradient.js'
import { type Conv3dOptions, checkBias, convolutionGeometry, outputShape } from './convolution.js'
import { checkFloat, checkSameDType, dense } from './elementwise.js'
import { sum } from './sum.js'

export const conv3dOp: Op<readonly [Tensor, Tensor, ...Tensor[]], Conv3dGeometry> = {
  name: 'conv3d',
  forward([x, weight, bias], geometry) {
    const out = empty(outputShape(geometry), x.dtype)
    kernelsOf(x.device).conv3d(dense(x), dense(weight), bias === undefined ? null : dense(bias), geometry, out)
    return out
  },
  saves: { inputs: [0, 1] },
  vjp(g, { inputs: [x, weight, bias], params: geometry }) {
    const both = [() => conv3dInputGradient(g, weight, geometry), () => conv3dWeightGradient(x, g, geometry)]
    return bias === undefined ? both : [...both, () => sum(g, [0, 1, 2, 3])]
  },
}

/** The convolution whose geometry is already known; no bias. */
export function conv3dWith(x: Tensor, weight: Tensor, geometry: Conv3dGeometry): Tensor {
  return apply(conv3dOp, [x, weight], geometry)
}

/**
 * x (B, X, Y, Z, Cin) ∗ weight (kx, ky, kz, Cin/groups, Cout) + bias (Cout) → (B, X', Y', Z', Cout).
 *
 *     conv3d(x, weight, { bias, padding: 'same' })
 */
export function conv3d(x: Tensor, weight: Tensor, options: Conv3dOptions & { readonly bias?: Tensor } = {}): Tensor {
  for (const each of [x, weight]) checkTensor('conv3d', each)
  checkOptions('conv3d', options)
  const geometry = convolutionGeometry('conv3d', x.shape, weight.shape, options)
  const { bias } = options
  checkBias('conv3d', bias, geometry.outChannels)
  checkFloat('conv3d', x)
  checkSameDType('conv3d', bias === undefined ? [x, weight] : [x, weight, bias])
  return apply(conv3dOp, bias === undefined ? [x, weight] : [x, weight, bias], geometry)
}
