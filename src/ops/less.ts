/** a < b. A bool tensor, which has no derivative. */
import { type Op, apply } from '../autograd/graph/op.js'
import type { Tensor } from '../tensor/tensor.js'
import { type Operand, binary, operands } from './elementwise.js'

export const lessOp: Op<readonly [Tensor, Tensor], null> = {
  name: 'less',
  forward: ([a, b]) => binary('less', a, b, 'any'),
}

/** a < b, elementwise, as a bool tensor. Broadcasts as NumPy does; a number takes the dtype of the tensor. */
export function less(a: Operand, b: Operand): Tensor {
  return apply(lessOp, operands('less', a, b), null)
}
