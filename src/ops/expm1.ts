/** e^x − 1, exact also where x is tiny. Derivative e^x. */
import { type Op, apply } from '../autograd/graph/op.js'
import type { Tensor } from '../tensor/tensor.js'
import { exp } from './exp.js'
import { mul } from './mul.js'
import { unaryFloat } from './elementwise.js'

export const expm1Op: Op<readonly [Tensor], null> = {
  name: 'expm1',
  forward: ([x]) => unaryFloat('expm1', x),
  saves: { inputs: [0] },
  vjp: (g, { inputs: [x] }) => [() => mul(g, exp(x))],
}

/** e^x − 1, elementwise. */
export function expm1(x: Tensor): Tensor {
  return apply(expm1Op, [x], null)
}
