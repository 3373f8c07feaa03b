/** Whether every element is not 0, over axes; of no elements true. NaN counts as true, as in NumPy. No derivative. */
import { checkOptions, checkTensor } from '../tensor/arguments.js'
import { scope } from '../tensor/scope.js'
import { at, normalizeAxes, sizeOf } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { countTrue } from './any.js'
import { equal } from './equal.js'
import type { ReduceOptions } from './sum.js'

/** True where every element along `axes` (all by default) is not 0; a bool tensor. */
export function all(x: Tensor, axes?: number | readonly number[], options: ReduceOptions = {}): Tensor {
  checkTensor('all', x)
  checkOptions('all', options)
  const over = normalizeAxes('all', axes, x.rank)
  return scope(() => equal(countTrue(x, over, options), sizeOf(over.map((axis) => at(x.shape, axis)))))
}
