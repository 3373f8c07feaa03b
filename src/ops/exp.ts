/** e^x. Derivative e^x. */
import { type Op, apply } from '../autograd/graph/op.js'
import type { Tensor } from '../tensor/tensor.js'
import { unaryFloat } from './elementwise.js'
import { mul } from './mul.js'

export const expOp: Op<readonly [Tensor], null> = {
  name: 'exp',
  forward: ([x]) => unaryFloat('exp', x),
  saves: { inputs: [], output: true },
  vjp: (g, { output }) => [() => mul(g, output)],
}

/** e^x, elementwise. */
export function exp(x: Tensor): Tensor {
  return apply(expOp, [x], null)
}
