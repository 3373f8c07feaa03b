/** a / b. Derivatives 1/b and −a/b². */
import { type Op, apply } from '../autograd/graph/op.js'
import type { Tensor } from '../tensor/tensor.js'
import { type Operand, binary, operands } from './elementwise.js'
import { mul } from './mul.js'
import { neg } from './neg.js'

export const divOp: Op<readonly [Tensor, Tensor], null> = {
  name: 'div',
  forward: ([a, b]) => binary('div', a, b, 'float'),
  vjp: (g, { inputs: [a, b] }) => [() => div(g, b), () => neg(div(mul(g, a), mul(b, b)))],
}

/** a / b, elementwise, of float tensors. Broadcasts as NumPy does; a number takes the dtype of the tensor. */
export function div(a: Operand, b: Operand): Tensor {
  return apply(divOp, operands('div', a, b), null)
}
