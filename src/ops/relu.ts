/** max(x, 0). Derivative 1 where x > 0, 0 elsewhere: 0 at 0, as usual. */
import { type Op, apply } from '../autograd/graph/op.js'
import type { Tensor } from '../tensor/tensor.js'
import { unaryFloat } from './elementwise.js'
import { cast } from './cast.js'
import { greater } from './greater.js'
import { mul } from './mul.js'

export const reluOp: Op<readonly [Tensor], null> = {
  name: 'relu',
  forward: ([x]) => unaryFloat('relu', x),
  saves: { inputs: [0] },
  vjp: (g, { inputs: [x] }) => [() => mul(g, cast(greater(x, 0), g.dtype))],
}

/** max(x, 0), elementwise. */
export function relu(x: Tensor): Tensor {
  return apply(reluOp, [x], null)
}
