/** The subsets that a partition Φ has in one shape, and how they are found from axes or labels. */
import type { Tensor } from '../tensor/tensor.js'
import { type Shape, at, sizeOf } from '../tensor/shape.js'
import type { PartitionName } from './partition.js'
import { labelsByAxes } from './refinement.js'

/** What a partition means for one shape. */
export interface Subsets {
  /** |Φ| */
  readonly count: number
  /** Shape of one loss per subset: (B,C), (B), (C), () for I, CI, BI, BCI, else (|Φ|); without channel 0 where it is ignored. */
  readonly shape: Shape
  /** (|Φ|): the class that a subset lies in, −1 where it has elements of several, −2 where it has none. */
  readonly classes: Int32Array
  /** Whether two images never share a subset, so that subsets are ordered by image. */
  readonly separatesImages: boolean
  /** Which subset an element is in. */
  readonly index: SubsetIndex
  /** Of a refinement of Φ: the subset of Φ that each lies in. Null for others. */
  readonly parents: Int32Array | null
  /** Of an adaptive Φ: which subsets stay in it. Null for others. */
  readonly keeps: VolumeRule | null
}

/**
 * Whether a subset stays in Φ: `volume` is Y = Σ y in voxels, `elements` the number of its elements that count, `subset` its
 * index.
 */
export type VolumeRule = (volume: number, elements: number, subset: number) => boolean

/** By the sum over axes of index · stride (the channel counted from the first one that is used), or by label. */
export type SubsetIndex =
  { readonly kind: 'axes'; readonly strides: readonly number[] } | { readonly kind: 'labels'; readonly labels: Tensor }

export const SEVERAL_CLASSES = -1
export const NO_ELEMENTS = -2

/** The label of every element, −1 for none. */
export function labelsOf({ index, count }: Subsets, shape: Shape): Int32Array {
  if (index.kind === 'axes') return labelsByAxes(shape, index.strides)
  return Int32Array.from(index.labels.data(), (label) => (label < count ? label : -1))
}

/** The reduced axes of a named partition: B is axis 0, C the last, I all between. */
export function axesOf(name: PartitionName, rank: number): number[] {
  const axes = Array.from({ length: rank }, (_, axis) => axis)
  return axes.filter((axis) => {
    const dimension = axis === 0 ? 'B' : axis === rank - 1 ? 'C' : 'I'
    return name.includes(dimension)
  })
}

export function byAxes(shape: Shape, firstChannel: 0 | 1, reduced: readonly number[], isNamed: boolean): Subsets {
  const last = shape.length - 1
  const used = shape.map((n, axis) => (axis === last ? Math.max(0, n - firstChannel) : n))
  const strides = new Array<number>(shape.length).fill(0)
  let count = 1
  for (let axis = last; axis >= 0; axis--) {
    if (reduced.includes(axis)) continue
    strides[axis] = count
    count *= at(used, axis)
  }
  const classes = new Int32Array(count)
  const channels = at(used, last)
  if (!reduced.includes(last)) for (let i = 0; i < count; i++) classes[i] = firstChannel + (i % channels)
  else classes.fill(channels === 1 ? firstChannel : SEVERAL_CLASSES)
  if (sizeOf(used) === 0) classes.fill(NO_ELEMENTS)
  return {
    count,
    shape: isNamed ? used.filter((_, axis) => !reduced.includes(axis)) : [count],
    classes,
    separatesImages: !reduced.includes(0),
    index: { kind: 'axes', strides },
    parents: null,
    keeps: null,
  }
}

export function classesOfLabels(labels: Tensor, count: number, firstChannel: number): Int32Array {
  const classes = new Int32Array(count).fill(NO_ELEMENTS)
  const channels = at(labels.shape, labels.rank - 1)
  labels.data().forEach((label, i) => {
    const channel = i % channels
    if (label < 0 || channel < firstChannel) return
    const known = classes[label]
    classes[label] = known === NO_ELEMENTS || known === channel ? channel : SEVERAL_CLASSES
  })
  return classes
}
