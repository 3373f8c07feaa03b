/** |x|. Derivative sign x: 0 at 0, the mean of the two one-sided ones, as in NumPy-like engines. */
import { type Op, apply } from '../autograd/graph/op.js'
import type { Tensor } from '../tensor/tensor.js'
import { mul } from './mul.js'
import { sign } from './sign.js'
import { unaryNumeric } from './elementwise.js'

export const absOp: Op<readonly [Tensor], null> = {
  name: 'abs',
  forward: ([x]) => unaryNumeric('abs', x),
  saves: { inputs: [0] },
  vjp: (g, { inputs: [x] }) => [() => mul(g, sign(x))],
}

/** |x|, elementwise, of numbers of any dtype but bool. */
export function abs(x: Tensor): Tensor {
  return apply(absOp, [x], null)
}
