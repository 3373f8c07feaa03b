/** Mean over axes: sum / n. Over no elements it is NaN, as 0/0 is. */
import { checkOptions, checkTensor } from '../tensor/arguments.js'
import { normalizeAxes } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { div } from './div.js'
import { checkFloat } from './elementwise.js'
import { type ReduceOptions, sum } from './sum.js'

/** Arithmetic mean over `axes` (all by default) of a float tensor. */
export function mean(x: Tensor, axes?: number | readonly number[], options: ReduceOptions = {}): Tensor {
  checkTensor('mean', x)
  checkOptions('mean', options)
  checkFloat('mean', x)
  const count = normalizeAxes('mean', axes, x.rank).reduce((n, axis) => n * (x.shape[axis] ?? 1), 1)
  return div(sum(x, axes, options), count)
}
