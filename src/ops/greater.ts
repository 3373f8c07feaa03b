/** a > b. A bool tensor, which has no derivative. */
import { type Op, apply } from '../autograd/graph/op.js'
import type { Tensor } from '../tensor/tensor.js'
import { type Operand, binary, operands } from './elementwise.js'

export const greaterOp: Op<readonly [Tensor, Tensor], null> = {
  name: 'greater',
  forward: ([a, b]) => binary('greater', a, b, 'any'),
}

/** a > b, elementwise, as a bool tensor. Broadcasts as NumPy does; a number takes the dtype of the tensor. */
export function greater(a: Operand, b: Operand): Tensor {
  return apply(greaterOp, operands('greater', a, b), null)
}
