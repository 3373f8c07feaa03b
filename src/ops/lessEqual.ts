/** a ≤ b. A bool tensor, which has no derivative. */
import { type Op, apply } from '../autograd/graph/op.js'
import type { Tensor } from '../tensor/tensor.js'
import { type Operand, binary, operands } from './elementwise.js'

export const lessEqualOp: Op<readonly [Tensor, Tensor], null> = {
  name: 'lessEqual',
  forward: ([a, b]) => binary('lessEqual', a, b, 'any'),
}

/** a ≤ b, elementwise, as a bool tensor. Broadcasts as NumPy does; a number takes the dtype of the tensor. */
export function lessEqual(a: Operand, b: Operand): Tensor {
  return apply(lessEqualOp, operands('lessEqual', a, b), null)
}
