/** Index along an axis of the largest element; the first of equal ones, NaN before any number. */
import type { Kernels } from '../kernels.js'
import { placeExtremumIndex } from './extremumIndex.js'

export const argMax: Kernels['argMax'] = (x, axis, out) =>
  placeExtremumIndex(x, axis, out, (value, best) => value > best)
