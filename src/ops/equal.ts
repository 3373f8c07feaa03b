/** a = b. A bool tensor, which has no derivative. */
import { type Op, apply } from '../autograd/graph/op.js'
import type { Tensor } from '../tensor/tensor.js'
import { type Operand, binary, operands } from './elementwise.js'

export const equalOp: Op<readonly [Tensor, Tensor], null> = {
  name: 'equal',
  forward: ([a, b]) => binary('equal', a, b, 'any'),
}

/** a = b, elementwise, as a bool tensor. Broadcasts as NumPy does; a number takes the dtype of the tensor. */
export function equal(a: Operand, b: Operand): Tensor {
  return apply(equalOp, operands('equal', a, b), null)
}
