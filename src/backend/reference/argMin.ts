/** Index along an axis of the smallest element; the first of equal ones, NaN before any number. */
import type { Kernels } from '../kernels.js'
import { placeExtremumIndex } from './extremumIndex.js'

export const argMin: Kernels['argMin'] = (x, axis, out) =>
  placeExtremumIndex(x, axis, out, (value, best) => value < best)
