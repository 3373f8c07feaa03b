/** How reductions walk: one pass over the input in memory order, one float64 accumulator per element of the result. */
import { at, denseStrides } from '../../tensor/shape.js'
import type { Tensor } from '../../tensor/tensor.js'
import { collapse } from './layout.js'

/** Handles `count` neighbouring elements from `start`; they go to accumulator `target`, or to `target + i` when `spread`. */
export type ReduceRun = (start: number, count: number, target: number, spread: boolean) => void

/** Calls `run` for every run of x along which the accumulator stays or advances by one. */
export function forEachReduceRun(x: Tensor, axes: readonly number[], run: ReduceRun): void {
  if (x.size === 0) return
  const kept = x.shape.map((n, axis) => (axes.includes(axis) ? 1 : n))
  const targetStrides = denseStrides(kept).map((stride, axis) => (axes.includes(axis) ? 0 : stride))
  const { sizes, strides } = collapse(x.shape, [denseStrides(x.shape), targetStrides])
  const targets = strides[1] ?? []
  const last = sizes.length - 1
  const count = at(sizes, last)
  const spread = at(targets, last) !== 0
  const index = new Array<number>(last).fill(0)
  let target = 0
  for (let start = 0; start < x.size; start += count) {
    run(start, count, target, spread)
    for (let axis = last - 1; axis >= 0; axis--) {
      const next = at(index, axis) + 1
      target += at(targets, axis)
      if (next < at(sizes, axis)) {
        index[axis] = next
        break
      }
      target -= next * at(targets, axis)
      index[axis] = 0
    }
  }
}
