/** ln(1 + x), exact also where x is tiny. Derivative 1 / (1 + x). */
import { type Op, apply } from '../autograd/graph/op.js'
import type { Tensor } from '../tensor/tensor.js'
import { add } from './add.js'
import { div } from './div.js'
import { unaryFloat } from './elementwise.js'

export const log1pOp: Op<readonly [Tensor], null> = {
  name: 'log1p',
  forward: ([x]) => unaryFloat('log1p', x),
  saves: { inputs: [0] },
  vjp: (g, { inputs: [x] }) => [() => div(g, add(x, 1))],
}

/** ln(1 + x), elementwise; −∞ at −1, NaN below. */
export function log1p(x: Tensor): Tensor {
  return apply(log1pOp, [x], null)
}
