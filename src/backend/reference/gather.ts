/**
 * What the convolution kernels share: how targets meet sources along an axis, and the packing of a slab of the source into
 * a zero-padded Float64Array, so that the inner loops know neither borders, nor strides, nor dtypes.
 *
 * A target voxel p (an output voxel, or an input voxel in the input gradient) reads the source at
 * rows[p] + taps[t] + l, where l runs over `run` neighbouring numbers: the channels of a group, or, where taps follow one
 * another along z, all channels of all z taps.
 */
import type { FloatArray, Triple } from '../geometry.js'
import { DoubleScratch, IntegerScratch } from './scratch.js'

/** Along one axis, target i (0 … positions − 1) meets source index origin + i·step + t·tapStep at tap t (0 … taps − 1). */
export interface AxisGather {
  readonly positions: number
  readonly origin: number
  readonly step: number
  readonly taps: number
  readonly tapStep: number
  /** Tap t is weight index firstTap + t·weightStep. */
  readonly firstTap: number
  readonly weightStep: number
  /** Target i stands at targetOrigin + i·targetStep of the target's axis. */
  readonly targetOrigin: number
  readonly targetStep: number
}

export type GatherAxes = readonly [AxisGather, AxisGather, AxisGather]

/** A dense volume (X, Y, Z, C) and the channels firstChannel … firstChannel + groupChannels − 1 of it. */
export interface ChannelGroup {
  readonly size: Triple
  readonly channels: number
  readonly firstChannel: number
  readonly groupChannels: number
}

/** Elements of a packed slab above which a sample is taken in several: 16 MB, so that scratch stays small at any size. */
const SLAB_ELEMENTS = 1 << 21

/** Rows are followed by this many repeats of the last one: register tiles need no tail and never read outside the slab. */
export const ROW_TILE = 4

/** Source indices between the first and the last one that `positions` targets meet, inclusive. */
function extent(axis: AxisGather, positions: number): number {
  return (positions - 1) * axis.step + (axis.taps - 1) * axis.tapStep + 1
}

/** How many x positions of the targets are packed at once. */
export function slabPositions([x, y, z]: GatherAxes, groupChannels: number): number {
  const plane = extent(y, y.positions) * extent(z, z.positions) * Math.max(1, groupChannels)
  const planes = Math.floor(SLAB_ELEMENTS / plane)
  const positions = Math.floor((planes - (x.taps - 1) * x.tapStep - 1) / x.step) + 1
  return Math.min(x.positions, Math.max(1, positions))
}

/** The scratch of one kernel, holding the slab that was packed last. */
export class PackedSlab {
  private readonly sourceScratch = new DoubleScratch()
  private readonly rowScratch = new IntegerScratch()
  private readonly tapScratch = new IntegerScratch()
  source = this.sourceScratch.take(0)
  rows = this.rowScratch.take(0)
  taps = this.tapScratch.take(0)
  tapCount = 0
  run = 0
  rowCount = 0

  /** Packs what the x positions `first` … `first + positions − 1` meet in the sample that begins at `sample`. */
  pack(
    source: FloatArray,
    sample: number,
    group: ChannelGroup,
    axes: GatherAxes,
    first: number,
    positions: number,
  ): void {
    const [x, y, z] = axes
    const channels = group.groupChannels
    const sizeX = extent(x, positions)
    const sizeY = extent(y, y.positions)
    const sizeZ = extent(z, z.positions)
    // Tiles of the weight gradient read up to three numbers past the last run; they are discarded, but must exist.
    this.source = this.sourceScratch.take(sizeX * sizeY * sizeZ * channels + 4)
    const origins = [x.origin + first * x.step, y.origin, z.origin] as const
    copyPadded(source, sample, group, this.source, origins, [sizeX, sizeY, sizeZ])
    this.placeRows(axes, positions, sizeY, sizeZ, channels)
    this.placeTaps(axes, sizeY, sizeZ, channels)
  }

  private placeRows([x, y, z]: GatherAxes, positions: number, sizeY: number, sizeZ: number, channels: number): void {
    this.rowCount = positions * y.positions * z.positions
    this.rows = this.rowScratch.take(this.rowCount + ROW_TILE)
    const rows = this.rows
    const step = z.step * channels
    let n = 0
    let row = 0
    for (let i = 0; i < positions; i++) {
      for (let j = 0; j < y.positions; j++) {
        row = (i * x.step * sizeY + j * y.step) * sizeZ * channels
        for (let k = 0; k < z.positions; k++) {
          rows[n++] = row
          row += step
        }
      }
    }
    rows.fill(row - step, n, n + ROW_TILE)
  }

  private placeTaps([x, y, z]: GatherAxes, sizeY: number, sizeZ: number, channels: number): void {
    const joined = z.tapStep === 1
    const tapsZ = joined ? 1 : z.taps
    this.run = joined ? z.taps * channels : channels
    this.tapCount = x.taps * y.taps * tapsZ
    this.taps = this.tapScratch.take(this.tapCount)
    let n = 0
    for (let i = 0; i < x.taps; i++) {
      for (let j = 0; j < y.taps; j++) {
        for (let k = 0; k < tapsZ; k++) {
          this.taps[n++] = ((i * x.tapStep * sizeY + j * y.tapStep) * sizeZ + k * z.tapStep) * channels
        }
      }
    }
  }
}

/** packed (sizes, groupChannels) = the source around `origins`, 0 outside of it. */
function copyPadded(
  source: FloatArray,
  sample: number,
  group: ChannelGroup,
  packed: Float64Array,
  origins: Triple,
  sizes: Triple,
): void {
  const { size, channels, firstChannel, groupChannels } = group
  const row = sizes[2] * groupChannels
  const begin = Math.min(sizes[2], Math.max(0, -origins[2]))
  const end = Math.max(begin, Math.min(sizes[2], size[2] - origins[2]))
  let target = 0
  for (let i = 0; i < sizes[0]; i++) {
    const x = origins[0] + i
    for (let j = 0; j < sizes[1]; j++) {
      const y = origins[1] + j
      const inside = x >= 0 && x < size[0] && y >= 0 && y < size[1]
      const from = inside ? begin : sizes[2]
      const to = inside ? end : sizes[2]
      packed.fill(0, target, target + from * groupChannels)
      if (from < to) {
        const voxel = (x * size[1] + y) * size[2] + origins[2] + from
        const start = sample + voxel * channels + firstChannel
        copyVoxels(source, start, channels, packed, target + from * groupChannels, groupChannels, to - from)
      }
      packed.fill(0, target + to * groupChannels, target + row)
      target += row
    }
  }
}

/** Copies `groupChannels` of the `channels` numbers of each of `voxels` neighbouring voxels. */
function copyVoxels(
  source: FloatArray,
  start: number,
  channels: number,
  packed: Float64Array,
  target: number,
  groupChannels: number,
  voxels: number,
): void {
  const whole = channels === groupChannels
  const count = whole ? voxels * channels : channels === 0 ? 0 : groupChannels
  const repeats = whole ? 1 : voxels
  for (let v = 0; v < repeats; v++) {
    const from = start + v * channels
    const to = target + v * groupChannels
    for (let c = 0; c < count; c++) packed[to + c] = source[from + c] as number
  }
}
