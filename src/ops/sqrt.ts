/** √x. Derivative 1 / (2√x). */
import { type Op, apply } from '../autograd/graph/op.js'
import type { Tensor } from '../tensor/tensor.js'
import { unaryFloat } from './elementwise.js'
import { div } from './div.js'
import { mul } from './mul.js'

export const sqrtOp: Op<readonly [Tensor], null> = {
  name: 'sqrt',
  forward: ([x]) => unaryFloat('sqrt', x),
  saves: { inputs: [], output: true },
  vjp: (g, { output }) => [() => div(g, mul(output, 2))],
}

/** √x, elementwise; NaN below 0. Its derivative at 0 is infinite. */
export function sqrt(x: Tensor): Tensor {
  return apply(sqrtOp, [x], null)
}
