/**
 * The elements in order along an axis: gather by argSort. The derivative goes back to where each element came from; among
 * equal elements in their stable order.
 */
import { checkOptions, checkTensor } from '../tensor/arguments.js'
import { ShapeError } from '../tensor/errors.js'
import { scope } from '../tensor/scope.js'
import { normalizeAxis } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { type SortOptions, argSort } from './argSort.js'
import { gather } from './gather.js'

/** x in ascending (or descending) order along `axis` (the last by default); NaN counts as the largest value. */
export function sort(x: Tensor, axis = -1, options: SortOptions = {}): Tensor {
  checkTensor('sort', x)
  checkOptions('sort', options)
  if (x.rank === 0) throw new ShapeError('sort', 'at least one axis', 'a scalar')
  const position = normalizeAxis('sort', axis, x.rank)
  return scope(() => gather(x, argSort(x, position, options), position))
}
