/**
 * One pass over a derivative: how much of it lies in each subset of Φ and in each map (one class of one image), and its means
 * where y = 0 and where y = 1. Plain numbers in, plain numbers out; what they mean is said in gradient-report.ts.
 */
import { type Shape, at, sizeOf } from '../tensor/shape.js'
import type { SubsetIndex } from './subsets.js'

export interface MassInput {
  /** (B, …, C) */
  readonly shape: Shape
  readonly index: SubsetIndex
  readonly subsets: number
  readonly firstChannel: number
  /** The derivative and the target, (B, …, C) in C order. */
  readonly gradient: ArrayLike<number>
  readonly target: ArrayLike<number>
  /** (B, …, 1) or (B, …, C); null where every voxel counts. */
  readonly mask: ArrayLike<number> | null
  /** (B, C); null where every map is annotated. */
  readonly annotated: ArrayLike<number> | null
  /** (|Φ|): subsets that are annotated; null where all are. */
  readonly present: ArrayLike<number> | null
  /** (|Φ|): the derivative where y = 0, if it is one number per subset. It stands in for `gradient` in the means of maps. */
  readonly background: Float64Array | null
}

/** Sums over some elements: Σ|g|, Σ y·g, Σ y, Σ (1 − y)·|g₀|, Σ (1 − y)·g and Σ (1 − y). */
export interface MassSums {
  readonly mass: Float64Array
  readonly labelled: Float64Array
  readonly labels: Float64Array
  readonly unlabelledSize: Float64Array
  readonly unlabelled: Float64Array
  readonly rest: Float64Array
}

export interface GradientMass {
  /** (|Φ|) each. */
  readonly subsets: MassSums
  /** (B·C) each, class fastest. */
  readonly maps: MassSums
  /** (|Φ|) and (B·C): whether any element is annotated. */
  readonly annotatedSubsets: Uint8Array
  readonly annotatedMaps: Uint8Array
  /** (B·C): whether the map has elements in a subset with Y > 0, be it by another map's labels. */
  readonly sharesSubset: Uint8Array
}

function sums(length: number): MassSums {
  const make = (): Float64Array => new Float64Array(length)
  return { mass: make(), labelled: make(), labels: make(), unlabelledSize: make(), unlabelled: make(), rest: make() }
}

function add(to: MassSums, i: number, y: number, g: number, g0: number): void {
  to.mass[i] = (to.mass[i] ?? 0) + Math.abs(g)
  to.labelled[i] = (to.labelled[i] ?? 0) + y * g
  to.labels[i] = (to.labels[i] ?? 0) + y
  to.unlabelledSize[i] = (to.unlabelledSize[i] ?? 0) + (1 - y) * Math.abs(g0)
  to.unlabelled[i] = (to.unlabelled[i] ?? 0) + (1 - y) * g
  to.rest[i] = (to.rest[i] ?? 0) + (1 - y)
}

export function gradientMass(input: MassInput): GradientMass {
  const { shape, subsets, annotated, present, background, gradient, target } = input
  const channels = at(shape, shape.length - 1)
  const maps = at(shape, 0) * channels
  const perImage = sizeOf(shape.slice(1, -1))
  const result = {
    subsets: sums(subsets),
    maps: sums(maps),
    annotatedSubsets: new Uint8Array(subsets),
    annotatedMaps: new Uint8Array(maps),
    sharesSubset: new Uint8Array(maps),
  }
  const hasMaskPerVoxel = input.mask !== null && input.mask.length !== gradient.length
  forEachElement(input, (i, voxel, c, subset) => {
    const map = Math.floor(voxel / perImage) * channels + c
    if (annotated?.[map] === 0 || present?.[subset] === 0) return
    result.annotatedSubsets[subset] = 1
    result.annotatedMaps[map] = 1
    if (input.mask?.[hasMaskPerVoxel ? voxel : i] === 0) return
    const [y = 0, g = 0] = [target[i], gradient[i]]
    const g0 = background?.[subset] ?? g
    add(result.subsets, subset, y, g, g0)
    add(result.maps, map, y, g, g0)
  })
  forEachElement(input, (_, voxel, c, subset) => {
    if (result.subsets.labels[subset] !== 0) result.sharesSubset[Math.floor(voxel / perImage) * channels + c] = 1
  })
  return result
}

/** Visits the elements that are in a subset: position in C order, voxel over all images, channel, subset. */
function forEachElement(
  { shape, index, firstChannel }: MassInput,
  visit: (i: number, voxel: number, c: number, subset: number) => void,
): void {
  const channels = at(shape, shape.length - 1)
  const voxels = sizeOf(shape.slice(0, -1))
  const labels = index.kind === 'labels' ? index.labels.data() : null
  const strides = index.kind === 'axes' ? index.strides : shape.map(() => 0)
  const channelStride = at(strides, strides.length - 1)
  const position = shape.slice(0, -1).map(() => 0)
  let first = 0
  for (let voxel = 0; voxel < voxels; voxel++) {
    for (let c = firstChannel; c < channels; c++) {
      const i = voxel * channels + c
      const subset = labels === null ? first + (c - firstChannel) * channelStride : (labels[i] ?? -1)
      if (subset >= 0) visit(i, voxel, c, subset)
    }
    // The next position, counted like an odometer, and the index of its first subset along with it.
    for (let axis = position.length - 1; axis >= 0; axis--) {
      first += at(strides, axis)
      position[axis] = at(position, axis) + 1
      if (at(position, axis) < at(shape, axis)) break
      first -= at(shape, axis) * at(strides, axis)
      position[axis] = 0
    }
  }
}
