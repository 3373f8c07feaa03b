/**
 * The order that sorts along an axis. Stable: equal elements keep their order, also when descending. NaN counts as the
 * largest value, as in max: last when ascending (NumPy, PyTorch), first when descending (PyTorch).
 */
import { type Op, apply } from '../autograd/graph/op.js'
import { kernelsOf } from '../backend/select.js'
import { checkOptions, checkTensor } from '../tensor/arguments.js'
import { ShapeError } from '../tensor/errors.js'
import { scope } from '../tensor/scope.js'
import { normalizeAxis } from '../tensor/shape.js'
import { type Tensor, empty } from '../tensor/tensor.js'
import { dense } from './elementwise.js'
import { transpose } from './transpose.js'

export interface SortOptions {
  /** Largest first. Default false. */
  readonly descending?: boolean
}

/** Along the last axis. */
export const argSortOp: Op<readonly [Tensor], { readonly descending: boolean }> = {
  name: 'argSort',
  forward([x], { descending }) {
    const out = empty(x.shape, 'int32')
    kernelsOf(x.device).argSort(dense(x), descending, out)
    return out
  },
}

/** int32 indices along `axis` (the last by default) that `gather` turns x into sorted order with. */
export function argSort(x: Tensor, axis = -1, options: SortOptions = {}): Tensor {
  checkTensor('argSort', x)
  checkOptions('argSort', options)
  if (x.rank === 0) throw new ShapeError('argSort', 'at least one axis', 'a scalar')
  const position = normalizeAxis('argSort', axis, x.rank)
  const params = { descending: options.descending ?? false }
  if (position === x.rank - 1) return apply(argSortOp, [x], params)
  const swap = x.shape.map((_, i) => (i === position ? x.rank - 1 : i === x.rank - 1 ? position : i))
  return scope(() => transpose(apply(argSortOp, [transpose(x, swap)], params), swap))
}
