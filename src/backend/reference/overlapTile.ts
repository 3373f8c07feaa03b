/**
 * How the overlap kernels walk over memory: in tiles of a few thousand elements that stay in the cache. Reading a tile converts
 * to float64 and applies the activation; only then do the sums or the gradient look at it. So every combination of dtype,
 * activation, mask and partition costs one read of the data and no temporary of the volume's size.
 */
import type { NumberArray } from '../../tensor/dtype.js'
import { at } from '../../tensor/shape.js'
import type { OverlapGeometry, OverlapOperands } from '../overlap.js'
import { denseArray } from './layout.js'
import { DoubleScratch, IntegerScratch } from './scratch.js'

const TILE_ELEMENTS = 2048

const predictionScratch = new DoubleScratch()
const targetScratch = new DoubleScratch()
const slopeScratch = new DoubleScratch()
const subsetScratch = new IntegerScratch()

/** A stretch of rows; with `step` 0 all of them are in the same subset, channel by channel. */
export type RowRun = (row: number, count: number, subset: number, step: number) => void

/** Calls `run` for stretches of rows of at most a tile, in order; those under a label map have subset −1. */
export function forEachTile(geometry: OverlapGeometry, run: RowRun): void {
  const { axes, batch, voxels, channels } = geometry
  const limit = Math.max(1, Math.floor(TILE_ELEMENTS / channels))
  const { sizes, strides } = axes ?? { sizes: [batch * voxels], strides: [0] }
  const last = sizes.length - 1
  const length = at(sizes, last)
  const step = at(strides, last)
  const index = new Array<number>(last).fill(0)
  let subset = axes === null ? -1 : 0
  for (let start = 0; start < batch * voxels; start += length) {
    for (let row = 0; row < length; row += limit)
      run(start + row, Math.min(limit, length - row), subset + row * step, step)
    for (let axis = last - 1; axis >= 0; axis--) {
      const next = at(index, axis) + 1
      subset += at(strides, axis)
      if (next < at(sizes, axis)) {
        index[axis] = next
        break
      }
      subset -= next * at(strides, axis)
      index[axis] = 0
    }
  }
}

/** The buffers of one kernel call, and how they are filled. */
export class TileReader {
  /** Probabilities, after the activation. */
  readonly prediction: Float64Array
  readonly target: Float64Array
  /** dσ/dz of the sigmoid. */
  readonly slope: Float64Array
  /** Subset of each element, −1 where it does not count. Filled by `readSubsets`. */
  readonly subset: Int32Array
  private readonly source: NumberArray
  private readonly labels: NumberArray | null
  private readonly mask: NumberArray | null
  private readonly reference: NumberArray
  private readonly maskChannels: number

  constructor(
    operands: OverlapOperands,
    private readonly geometry: OverlapGeometry,
  ) {
    const length = Math.max(TILE_ELEMENTS, geometry.channels)
    this.prediction = predictionScratch.take(length)
    this.target = targetScratch.take(length)
    this.slope = slopeScratch.take(length)
    this.subset = subsetScratch.take(length)
    this.source = denseArray(operands.prediction)
    this.reference = denseArray(operands.target)
    this.mask = operands.mask === null ? null : denseArray(operands.mask)
    this.labels = operands.labels === null ? null : denseArray(operands.labels)
    this.maskChannels =
      operands.mask !== null && operands.mask.size === operands.prediction.size ? geometry.channels : 1
  }

  /** Fills `prediction` and `target` (and `slope` under a sigmoid). */
  read(row: number, count: number): void {
    const { channels, activation } = this.geometry
    const start = row * channels
    const length = count * channels
    copy(this.reference, start, length, this.target)
    if (activation === 'sigmoid') sigmoid(this.source, start, length, this.prediction, this.slope)
    else copy(this.source, start, length, this.prediction)
    if (activation === 'softmax') softmax(this.prediction, length, channels)
  }

  /** Fills `subset`. */
  readSubsets(row: number, count: number, subset: number, step: number): void {
    const { channels, firstChannel, voxels, annotated, axes } = this.geometry
    const { labels, mask, maskChannels, subset: out } = this
    const channelStride = axes?.channelStride ?? 0
    for (let r = 0, i = 0; r < count; r++) {
      const map = annotated === null ? 0 : Math.floor((row + r) / voxels) * channels
      for (let c = 0; c < channels; c++, i++) {
        const counts =
          c >= firstChannel &&
          (annotated === null || annotated[map + c] !== 0) &&
          (mask === null || mask[(row + r) * maskChannels + (maskChannels === 1 ? 0 : c)] !== 0)
        if (!counts) out[i] = -1
        else if (labels === null) out[i] = subset + r * step + (c - firstChannel) * channelStride
        else out[i] = labels[row * channels + i] as number
      }
    }
  }
}

function copy(source: NumberArray, start: number, length: number, out: Float64Array): void {
  for (let i = 0; i < length; i++) out[i] = source[start + i] as number
}

/** σ(z) and σ'(z) = e/(1+e)² with e = exp(−|z|): neither overflows, and σ' keeps its digits where σ is next to 1. */
function sigmoid(source: NumberArray, start: number, length: number, out: Float64Array, slope: Float64Array): void {
  for (let i = 0; i < length; i++) {
    const z = source[start + i] as number
    const e = Math.exp(-Math.abs(z))
    const inverse = 1 / (1 + e)
    out[i] = z < 0 ? e * inverse : inverse
    slope[i] = e * inverse * inverse
  }
}

/** In place, row by row; the largest logit is taken off first. */
function softmax(values: Float64Array, length: number, channels: number): void {
  for (let start = 0; start < length; start += channels) {
    let largest = -Infinity
    for (let i = start; i < start + channels; i++) largest = Math.max(largest, values[i] as number)
    let total = 0
    for (let i = start; i < start + channels; i++) total += values[i] = Math.exp((values[i] as number) - largest)
    for (let i = start; i < start + channels; i++) values[i] = (values[i] as number) / total
  }
}

/** What the elements of a sum are multiplied with: the channel's factor, in subsets that take it. */
export function factorOf(geometry: OverlapGeometry, subset: number, channel: number): number {
  const { channelFactors, factoredSubsets } = geometry
  if (channelFactors === null || factoredSubsets?.[subset] === 0) return 1
  return channelFactors[channel] as number
}
