/** −x. Derivative −1. */
import { type Op, apply } from '../autograd/graph/op.js'
import type { Tensor } from '../tensor/tensor.js'
import { unaryFloat } from './elementwise.js'

export const negOp: Op<readonly [Tensor], null> = {
  name: 'neg',
  forward: ([x]) => unaryFloat('neg', x),
  saves: { inputs: [] },
  vjp: (g) => [() => neg(g)],
}

/** −x, elementwise. */
export function neg(x: Tensor): Tensor {
  return apply(negOp, [x], null)
}
