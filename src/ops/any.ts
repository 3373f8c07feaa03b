/** Whether some element is not 0, over axes; of no elements false. NaN counts as true, as in NumPy. No derivative. */
import { checkOptions, checkTensor } from '../tensor/arguments.js'
import { scope } from '../tensor/scope.js'
import { normalizeAxes } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { cast } from './cast.js'
import { greater } from './greater.js'
import { type ReduceOptions, sum } from './sum.js'

/** True where some element along `axes` (all by default) is not 0; a bool tensor. */
export function any(x: Tensor, axes?: number | readonly number[], options: ReduceOptions = {}): Tensor {
  checkTensor('any', x)
  checkOptions('any', options)
  const over = normalizeAxes('any', axes, x.rank)
  return scope(() => greater(countTrue(x, over, options), 0))
}

/** How many elements along `axes` are not 0, as int32. */
export function countTrue(x: Tensor, axes: readonly number[], options: ReduceOptions): Tensor {
  return sum(cast(cast(x, 'bool'), 'int32'), axes, options)
}
