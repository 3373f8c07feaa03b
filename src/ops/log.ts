/** ln x. Derivative 1/x. */
import { type Op, apply } from '../autograd/graph/op.js'
import type { Tensor } from '../tensor/tensor.js'
import { unaryFloat } from './elementwise.js'
import { div } from './div.js'

export const logOp: Op<readonly [Tensor], null> = {
  name: 'log',
  forward: ([x]) => unaryFloat('log', x),
  saves: { inputs: [0] },
  vjp: (g, { inputs: [x] }) => [() => div(g, x)],
}

/** Natural logarithm, elementwise; −∞ at 0, NaN below. */
export function log(x: Tensor): Tensor {
  return apply(logOp, [x], null)
}
