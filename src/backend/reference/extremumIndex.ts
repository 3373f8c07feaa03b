/** Where along an axis the element stands that a comparison prefers: what argMax and argMin share. */
import { at, sizeOf } from '../../tensor/shape.js'
import type { Tensor } from '../../tensor/tensor.js'
import { denseArray } from './layout.js'

/** out[o, i] = the first j at which no x[o, k, i] is better than x[o, j, i]; NaN is better than every number. */
export function placeExtremumIndex(
  input: Tensor,
  axis: number,
  output: Tensor,
  isBetter: (value: number, best: number) => boolean,
): void {
  const x = denseArray(input)
  const out = denseArray(output)
  const n = at(input.shape, axis)
  const inner = sizeOf(input.shape.slice(axis + 1))
  for (let i = 0; i < out.length; i++) {
    const start = Math.floor(i / inner) * n * inner + (i % inner)
    let index = 0
    let best = x[start] as number
    for (let j = 1; j < n && !Number.isNaN(best); j++) {
      const value = x[start + j * inner] as number
      if (isBetter(value, best) || Number.isNaN(value)) {
        best = value
        index = j
      }
    }
    out[i] = index
  }
}
