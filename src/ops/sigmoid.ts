/** σ(x) = 1 / (1 + e^−x). Derivative σ (1 − σ). */
import { type Op, apply } from '../autograd/graph/op.js'
import type { Tensor } from '../tensor/tensor.js'
import { unaryFloat } from './elementwise.js'
import { mul } from './mul.js'
import { sub } from './sub.js'

export const sigmoidOp: Op<readonly [Tensor], null> = {
  name: 'sigmoid',
  forward: ([x]) => unaryFloat('sigmoid', x),
  saves: { inputs: [], output: true },
  vjp: (g, { output }) => [() => mul(g, mul(output, sub(1, output)))],
}

/** Logistic function 1 / (1 + e^−x), elementwise; never overflows. */
export function sigmoid(x: Tensor): Tensor {
  return apply(sigmoidOp, [x], null)
}
