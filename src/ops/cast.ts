/** Conversion to another dtype. The derivative is cast back; integers and bools have none. */
import { describe } from '../tensor/describe.js'
import { type Op, apply } from '../autograd/graph/op.js'
import { kernelsOf } from '../backend/select.js'
import { type DType, dtypes } from '../tensor/dtype.js'
import { DTypeError } from '../tensor/errors.js'
import { type Tensor, empty } from '../tensor/tensor.js'
import { dense } from './elementwise.js'

export const castOp: Op<readonly [Tensor], { readonly dtype: DType }> = {
  name: 'cast',
  forward([x], { dtype }) {
    if (!dtypes.includes(dtype)) throw new DTypeError('cast', `one of ${dtypes.join(', ')}`, describe(dtype))
    const out = empty(x.shape, dtype)
    kernelsOf(x.device).cast(dense(x), out)
    return out
  },
  saves: { inputs: [] },
  vjp: (g, { inputs: [x] }) => [() => cast(g, x.dtype)],
}

/** The values in another dtype: integers truncate towards zero, bool is x ≠ 0. A copy, also when the dtype is the same. */
export function cast(x: Tensor, dtype: DType): Tensor {
  return apply(castOp, [x], { dtype })
}
