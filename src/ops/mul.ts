/** a · b. Derivatives b and a. */
import { type Op, apply } from '../autograd/graph/op.js'
import type { Tensor } from '../tensor/tensor.js'
import { type Operand, binary, operands } from './elementwise.js'

export const mulOp: Op<readonly [Tensor, Tensor], null> = {
  name: 'mul',
  forward: ([a, b]) => binary('mul', a, b, 'numeric'),
  vjp: (g, { inputs: [a, b] }) => [() => mul(g, b), () => mul(g, a)],
}

/** a · b, elementwise. Broadcasts as NumPy does; a number takes the dtype of the tensor. */
export function mul(a: Operand, b: Operand): Tensor {
  return apply(mulOp, operands('mul', a, b), null)
}
