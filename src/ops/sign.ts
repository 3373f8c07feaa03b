/** The sign of x: −1, 0 or 1; NaN stays. Constant but for the jump at 0, so its derivative is 0, also there. */
import { type Op, apply } from '../autograd/graph/op.js'
import type { Tensor } from '../tensor/tensor.js'
import { unaryNumeric } from './elementwise.js'

export const signOp: Op<readonly [Tensor], null> = {
  name: 'sign',
  forward: ([x]) => unaryNumeric('sign', x),
  saves: { inputs: [] },
  vjp: () => [() => null],
}

/** Sign of x as −1, 0 or 1, elementwise, of numbers of any dtype but bool. */
export function sign(x: Tensor): Tensor {
  return apply(signOp, [x], null)
}
