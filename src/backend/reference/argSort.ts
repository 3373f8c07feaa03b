/** The order of the elements along the last axis; stable, NaN above every number. */
import { at } from '../../tensor/shape.js'
import type { Kernels } from '../kernels.js'
import { denseArray } from './layout.js'

/** −, 0 or + as a comes before, with or after b in ascending order. */
function compare(a: number, b: number): number {
  if (a < b) return -1
  if (a > b) return 1
  return Number(Number.isNaN(a)) - Number(Number.isNaN(b))
}

export const argSort: Kernels['argSort'] = (input, descending, output) => {
  const x = denseArray(input)
  const out = denseArray(output)
  const n = at(input.shape, input.rank - 1)
  const sign = descending ? -1 : 1
  for (let start = 0; start < x.length; start += n) {
    const order = Int32Array.from({ length: n }, (_, i) => i)
    order.sort((i, j) => sign * compare(x[start + i] as number, x[start + j] as number) || i - j)
    out.set(order, start)
  }
}
