/** Running sums x₀, x₀ + x₁, … along an axis, accumulated in float64. The derivative is the running sum from the other end. */
import { type Op, apply } from '../autograd/graph/op.js'
import { kernelsOf } from '../backend/select.js'
import { checkTensor } from '../tensor/arguments.js'
import { DTypeError, ShapeError } from '../tensor/errors.js'
import { normalizeAxis } from '../tensor/shape.js'
import { type Tensor, empty } from '../tensor/tensor.js'
import { dense } from './elementwise.js'
import { flip } from './flip.js'

export const cumsumOp: Op<readonly [Tensor], { readonly axis: number }> = {
  name: 'cumsum',
  forward([x], { axis }) {
    if (x.dtype === 'bool') throw new DTypeError('cumsum', 'a numeric dtype (convert with cast)', 'bool')
    const out = empty(x.shape, x.dtype)
    kernelsOf(x.device).cumsum(dense(x), axis, out)
    return out
  },
  saves: { inputs: [] },
  vjp: (g, { params: { axis } }) => [() => flip(cumsum(flip(g, axis), axis), axis)],
}

/** Sum of the elements up to and including each, along `axis` (the last by default). */
export function cumsum(x: Tensor, axis = -1): Tensor {
  checkTensor('cumsum', x)
  if (x.rank === 0) throw new ShapeError('cumsum', 'at least one axis', 'a scalar')
  return apply(cumsumOp, [x], { axis: normalizeAxis('cumsum', axis, x.rank) })
}
