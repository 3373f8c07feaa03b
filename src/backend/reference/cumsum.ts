/** Running sums along an axis, accumulated in float64. */
import { at, sizeOf } from '../../tensor/shape.js'
import type { Kernels } from '../kernels.js'
import { denseArray } from './layout.js'

export const cumsum: Kernels['cumsum'] = (input, axis, output) => {
  const x = denseArray(input)
  const out = denseArray(output)
  const n = at(input.shape, axis)
  const inner = sizeOf(input.shape.slice(axis + 1))
  const lines = x.length === 0 ? 0 : x.length / n
  for (let line = 0; line < lines; line++) {
    const start = Math.floor(line / inner) * n * inner + (line % inner)
    let total = 0
    for (let i = start; i < start + n * inner; i += inner) {
      total += x[i] as number
      out[i] = total
    }
  }
}
