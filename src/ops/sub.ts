/** a − b. Derivatives 1 and −1. */
import { type Op, apply } from '../autograd/graph/op.js'
import type { Tensor } from '../tensor/tensor.js'
import { type Operand, binary, operands } from './elementwise.js'
import { neg } from './neg.js'

export const subOp: Op<readonly [Tensor, Tensor], null> = {
  name: 'sub',
  forward: ([a, b]) => binary('sub', a, b, 'numeric'),
  saves: { inputs: [] },
  vjp: (g) => [() => g, () => neg(g)],
}

/** a − b, elementwise. Broadcasts as NumPy does; a number takes the dtype of the tensor. */
export function sub(a: Operand, b: Operand): Tensor {
  return apply(subOp, operands('sub', a, b), null)
}
