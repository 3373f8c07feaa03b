/**
 * target[p, d] = bias[d] + Σ_t Σ_c source[p at tap t, c] · weight[t, c, d]: the one loop nest behind the forward
 * convolution and its input gradient, which differ only in how targets meet sources and in which of the weight's two
 * channel axes is summed over.
 *
 *   for each group: pack the weights into panels of 2 target channels
 *     for each sample and slab: pack the source (gather.ts)
 *       for each block of 64 targets: for each panel: for each 4 targets: 4 × 2 sums in registers
 *
 * Why 4 × 2: V8 schedules all products of an iteration before its sums, so that both compete for the 16 vector registers;
 * tiles of 12 and 16 sums measured slower. Two steps of the sum at a time share the checks and reloads of the arrays, which
 * V8 makes in every iteration. Loops see Float64Arrays only, whatever the tensors' dtype.
 * The sum runs over taps, then channels, always in that order.
 */
import { type FloatArray, type Triple, volume } from '../geometry.js'
import { type GatherAxes, PackedSlab, ROW_TILE, slabPositions } from './gather.js'
import { DoubleScratch, IntegerScratch } from './scratch.js'

export interface GatherConvolution {
  readonly batch: number
  readonly groups: number
  readonly axes: GatherAxes
  readonly source: Triple
  readonly target: Triple
  readonly sourceChannels: number
  readonly targetChannels: number
  /** Weight element (tap, c, d) of group g is at tap·tapElements + c·sourceStride + d·targetStride + g·groupStride. */
  readonly kernel: Triple
  readonly tapElements: number
  readonly sourceStride: number
  readonly targetStride: number
  readonly groupStride: number
}

const PANEL = 2
const BLOCK = 64

const slab = new PackedSlab()
const panelScratch = new DoubleScratch()
const blockScratch = new DoubleScratch()
const placeScratch = new IntegerScratch()

/** Writes the targets that `axes` name, and no others. */
export function gatherConvolution(
  source: FloatArray,
  weight: FloatArray,
  bias: FloatArray | null,
  target: FloatArray,
  g: GatherConvolution,
): void {
  const [x, y, z] = g.axes
  if (x.positions * y.positions * z.positions === 0) return
  const sourceGroup = g.sourceChannels / g.groups
  const targetGroup = g.targetChannels / g.groups
  const panels = Math.ceil(targetGroup / PANEL)
  const block = blockScratch.take(BLOCK * panels * PANEL)
  const positions = slabPositions(g.axes, sourceGroup)
  for (let group = 0; group < g.groups; group++) {
    const panel = packWeights(weight, g, group, sourceGroup, targetGroup)
    const channels = {
      size: g.source,
      channels: g.sourceChannels,
      firstChannel: group * sourceGroup,
      groupChannels: sourceGroup,
    }
    for (let b = 0; b < g.batch; b++) {
      const sample = b * volume(g.target) * g.targetChannels + group * targetGroup
      for (let first = 0; first < x.positions; first += positions) {
        const count = Math.min(positions, x.positions - first)
        slab.pack(source, b * volume(g.source) * g.sourceChannels, channels, g.axes, first, count)
        const places = placeTargets(g, first, count)
        for (let p = 0; p < slab.rowCount; p += BLOCK) {
          const end = Math.min(p + BLOCK, slab.rowCount)
          for (let q = 0; q < panels; q++) sumPanel(panel, q, panels, block, p, end)
          writeBlock(block, panels * PANEL, bias, group * targetGroup, target, sample, places, p, end, targetGroup)
        }
      }
    }
  }
}

/** panel (⌈D/2⌉, taps, C, 2), zeros where D is odd. */
function packWeights(
  weight: FloatArray,
  g: GatherConvolution,
  group: number,
  sourceGroup: number,
  targetGroup: number,
): Float64Array {
  const [x, y, z] = g.axes
  const panels = Math.ceil(targetGroup / PANEL)
  const panel = panelScratch.take(panels * x.taps * y.taps * z.taps * sourceGroup * PANEL)
  let n = 0
  for (let d = 0; d < targetGroup; d += PANEL) {
    const odd = d + 1 === targetGroup
    for (let i = 0; i < x.taps; i++) {
      for (let j = 0; j < y.taps; j++) {
        for (let k = 0; k < z.taps; k++) {
          const plane = (x.firstTap + i * x.weightStep) * g.kernel[1] + y.firstTap + j * y.weightStep
          const tap = plane * g.kernel[2] + z.firstTap + k * z.weightStep
          let from = tap * g.tapElements + group * g.groupStride + d * g.targetStride
          for (let c = 0; c < sourceGroup; c++) {
            panel[n++] = weight[from] as number
            panel[n++] = odd ? 0 : (weight[from + g.targetStride] as number)
            from += g.sourceStride
          }
        }
      }
    }
  }
  return panel
}

/** Offsets, within a sample, of the targets of a slab. */
function placeTargets(g: GatherConvolution, first: number, positions: number): Int32Array {
  const [x, y, z] = g.axes
  const places = placeScratch.take(positions * y.positions * z.positions)
  let n = 0
  for (let i = first; i < first + positions; i++) {
    const targetX = x.targetOrigin + i * x.targetStep
    for (let j = 0; j < y.positions; j++) {
      const row = (targetX * g.target[1] + y.targetOrigin + j * y.targetStep) * g.target[2]
      for (let k = 0; k < z.positions; k++) {
        places[n++] = (row + z.targetOrigin + k * z.targetStep) * g.targetChannels
      }
    }
  }
  return places
}

/** block[p − begin, 2q … 2q + 1] = the sums of the slab's targets begin … end − 1 with panel q. */
function sumPanel(
  panel: Float64Array,
  q: number,
  panels: number,
  block: Float64Array,
  begin: number,
  end: number,
): void {
  const { source, rows, taps, tapCount, run } = slab
  const panelStart = q * tapCount * run * PANEL
  const blockStride = panels * PANEL
  const evenRun = run & ~1
  let out = q * PANEL
  for (let p = begin; p < end; p = (p + ROW_TILE) | 0) {
    const row0 = rows[p] as number
    const row1 = rows[(p + 1) | 0] as number
    const row2 = rows[(p + 2) | 0] as number
    const row3 = rows[(p + 3) | 0] as number
    let w = panelStart
    let s00 = 0
    let s01 = 0
    let s10 = 0
    let s11 = 0
    let s20 = 0
    let s21 = 0
    let s30 = 0
    let s31 = 0
    for (let t = 0; t < tapCount; t = (t + 1) | 0) {
      const tap = taps[t] as number
      let a0 = (row0 + tap) | 0
      let a1 = (row1 + tap) | 0
      let a2 = (row2 + tap) | 0
      let a3 = (row3 + tap) | 0
      const pairsEnd = (a0 + evenRun) | 0
      while (a0 < pairsEnd) {
        const x0 = source[a0] as number
        const y0 = source[(a0 + 1) | 0] as number
        const x1 = source[a1] as number
        const y1 = source[(a1 + 1) | 0] as number
        const x2 = source[a2] as number
        const y2 = source[(a2 + 1) | 0] as number
        const x3 = source[a3] as number
        const y3 = source[(a3 + 1) | 0] as number
        const u0 = panel[w] as number
        const v0 = panel[(w + 2) | 0] as number
        s00 = s00 + x0 * u0 + y0 * v0
        s10 = s10 + x1 * u0 + y1 * v0
        s20 = s20 + x2 * u0 + y2 * v0
        s30 = s30 + x3 * u0 + y3 * v0
        const u1 = panel[(w + 1) | 0] as number
        const v1 = panel[(w + 3) | 0] as number
        s01 = s01 + x0 * u1 + y0 * v1
        s11 = s11 + x1 * u1 + y1 * v1
        s21 = s21 + x2 * u1 + y2 * v1
        s31 = s31 + x3 * u1 + y3 * v1
        a0 = (a0 + 2) | 0
        a1 = (a1 + 2) | 0
        a2 = (a2 + 2) | 0
        a3 = (a3 + 2) | 0
        w = (w + 4) | 0
      }
      if (evenRun !== run) {
        const u0 = panel[w] as number
        const u1 = panel[(w + 1) | 0] as number
        const x0 = source[a0] as number
        s00 += x0 * u0
        s01 += x0 * u1
        const x1 = source[a1] as number
        s10 += x1 * u0
        s11 += x1 * u1
        const x2 = source[a2] as number
        s20 += x2 * u0
        s21 += x2 * u1
        const x3 = source[a3] as number
        s30 += x3 * u0
        s31 += x3 * u1
        w = (w + 2) | 0
      }
    }
    block[out] = s00
    block[out + 1] = s01
    block[out + blockStride] = s10
    block[out + blockStride + 1] = s11
    block[out + 2 * blockStride] = s20
    block[out + 2 * blockStride + 1] = s21
    block[out + 3 * blockStride] = s30
    block[out + 3 * blockStride + 1] = s31
    out += ROW_TILE * blockStride
  }
}

/** target = block + bias, rounded to the target's dtype. */
function writeBlock(
  block: Float64Array,
  blockStride: number,
  bias: FloatArray | null,
  firstBias: number,
  target: FloatArray,
  sample: number,
  places: Int32Array,
  begin: number,
  end: number,
  channels: number,
): void {
  let from = 0
  for (let p = begin; p < end; p++) {
    const to = sample + (places[p] as number)
    for (let c = 0; c < channels; c++) {
      const sum = block[from + c] as number
      target[to + c] = bias === null ? sum : sum + (bias[firstBias + c] as number)
    }
    from += blockStride
  }
}
