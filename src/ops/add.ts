/** a + b. Derivatives 1 and 1. */
import { type Op, apply } from '../autograd/graph/op.js'
import type { Tensor } from '../tensor/tensor.js'
import { type Operand, binary, operands } from './elementwise.js'

export const addOp: Op<readonly [Tensor, Tensor], null> = {
  name: 'add',
  forward: ([a, b]) => binary('add', a, b, 'numeric'),
  saves: { inputs: [] },
  vjp: (g) => [() => g, () => g],
}

/** a + b, elementwise. Broadcasts as NumPy does; a number takes the dtype of the tensor. */
export function add(a: Operand, b: Operand): Tensor {
  return apply(addOp, operands('add', a, b), null)
}
