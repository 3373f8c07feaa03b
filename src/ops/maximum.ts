/** max(a, b); NaN wins. Where a = b each gets half of the derivative: the mean of the two one-sided choices. */
import { type Op, apply } from '../autograd/graph/op.js'
import type { Tensor } from '../tensor/tensor.js'
import { type Operand, binary, operands } from './elementwise.js'
import { add } from './add.js'
import { cast } from './cast.js'
import { equal } from './equal.js'
import { greater } from './greater.js'
import { mul } from './mul.js'

/** 1 where `x` is chosen over `y`, ½ where they are equal. */
function share(x: Tensor, y: Tensor): Tensor {
  return add(cast(greater(x, y), x.dtype), mul(cast(equal(x, y), x.dtype), 0.5))
}

export const maximumOp: Op<readonly [Tensor, Tensor], null> = {
  name: 'maximum',
  forward: ([a, b]) => binary('maximum', a, b, 'numeric'),
  vjp: (g, { inputs: [a, b] }) => [() => mul(g, share(a, b)), () => mul(g, share(b, a))],
}

/** The larger of a and b, elementwise. Broadcasts as NumPy does; a number takes the dtype of the tensor. */
export function maximum(a: Operand, b: Operand): Tensor {
  return apply(maximumOp, operands('maximum', a, b), null)
}
