/** Partitions as label maps, and the common refinement of two of them. Which subset lies in which is kept, for losses of losses. */
import { type Shape, at, sizeOf } from '../tensor/shape.js'

/** The subset of every element of a tensor: Σ index · stride over the axes. */
export function labelsByAxes(shape: Shape, strides: readonly number[]): Int32Array {
  const labels = new Int32Array(sizeOf(shape))
  const index = new Array<number>(shape.length).fill(0)
  let label = 0
  for (let i = 0; i < labels.length; i++) {
    labels[i] = label
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const next = at(index, axis) + 1
      label += at(strides, axis)
      if (next < at(shape, axis)) {
        index[axis] = next
        break
      }
      label -= next * at(strides, axis)
      index[axis] = 0
    }
  }
  return labels
}

/** For subsets by axes, those of a coarser partition by axes (its strides) that they lie in. */
export function parentsByAxes(
  shape: Shape,
  firstChannel: 0 | 1,
  reduced: readonly number[],
  coarseStrides: readonly number[],
  count: number,
): Int32Array {
  const last = shape.length - 1
  const kept = shape.map((n, axis) => (reduced.includes(axis) ? 1 : axis === last ? n - firstChannel : n))
  const parents = count === 0 ? new Int32Array(0) : labelsByAxes(kept, coarseStrides)
  return parents
}

/**
 * Elements share a label iff they share both; labels without elements are left out, the rest are ordered by a, then by b. `parents` is
 * the label in a of each.
 */
export function refineLabels(a: Int32Array, b: Int32Array): { labels: Int32Array; count: number; parents: Int32Array } {
  let width = 1
  for (const label of b) width = Math.max(width, label + 1)
  const keys = new Set<number>()
  const keyOf = (i: number): number => {
    const [x = -1, y = -1] = [a[i], b[i]]
    return x < 0 || y < 0 ? -1 : x * width + y
  }
  for (let i = 0; i < a.length; i++) keys.add(keyOf(i))
  keys.delete(-1)
  const order = Float64Array.from(keys).sort()
  const indexOf = new Map(Array.from(order, (key, index) => [key, index]))
  const labels = Int32Array.from(a, (_, i) => indexOf.get(keyOf(i)) ?? -1)
  return { labels, count: order.length, parents: Int32Array.from(order, (key) => Math.floor(key / width)) }
}
