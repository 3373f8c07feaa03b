/**
 * The vjp of conv3d for its weight, reference kernel:
 *
 *   weightGradient[t, c, d] = Σ_b Σ_o x[b, o·stride − padding + t·dilation, c] · outGradient[b, o, d]
 *
 *   for each group, sample and slab: pack x (gather.ts) and outGradient, the latter into panels of 2 channels
 *     for each block of 128 outputs: for each tap: for each 4 numbers of its run: for each panel: 4 × 2 sums in registers
 *
 * The sum runs over samples, slabs and outputs, always in that order, in float64. Slabs depend on the sizes alone.
 */
import { type Conv3dGeometry, type FloatArray, volume } from '../geometry.js'
import { forwardAxis } from './conv3d.js'
import { type GatherAxes, PackedSlab, slabPositions } from './gather.js'
import { DoubleScratch } from './scratch.js'

const PANEL = 2
const RUN_TILE = 4
const BLOCK = 128

const slab = new PackedSlab()
const panelScratch = new DoubleScratch()
const sumScratch = new DoubleScratch()

/** x (B, X, Y, Z, Cin), outGradient (B, X', Y', Z', Cout) → weightGradient (kx, ky, kz, Cin/groups, Cout), all of it written. */
export function conv3dWeightGradient(
  x: FloatArray,
  outGradient: FloatArray,
  weightGradient: FloatArray,
  g: Conv3dGeometry,
): void {
  const axes: GatherAxes = [forwardAxis(g, 0), forwardAxis(g, 1), forwardAxis(g, 2)]
  if (g.batch * volume(g.output) === 0) {
    weightGradient.fill(0)
    return
  }
  const inGroup = g.inChannels / g.groups
  const outGroup = g.outChannels / g.groups
  const panels = Math.ceil(outGroup / PANEL)
  const positions = slabPositions(axes, inGroup)
  const plane = g.output[1] * g.output[2]
  // A tap's run is rounded up to whole tiles: never more than a tile of extra rows for each tap.
  const sums = sumScratch.take(volume(g.kernel) * (inGroup + RUN_TILE) * panels * PANEL)
  for (let group = 0; group < g.groups; group++) {
    sums.fill(0)
    const channels = { size: g.input, channels: g.inChannels, firstChannel: group * inGroup, groupChannels: inGroup }
    for (let b = 0; b < g.batch; b++) {
      for (let first = 0; first < g.output[0]; first += positions) {
        const count = Math.min(positions, g.output[0] - first)
        slab.pack(x, b * volume(g.input) * g.inChannels, channels, axes, first, count)
        const voxel = b * volume(g.output) + first * plane
        const panel = packGradient(outGradient, voxel * g.outChannels + group * outGroup, g.outChannels, outGroup)
        addSlab(panel, panels, sums)
      }
    }
    writeGradient(sums, panels, weightGradient, group * outGroup, g.outChannels, outGroup)
  }
}

/** panel (⌈D/2⌉, outputs of the slab, 2), zeros where D is odd. */
function packGradient(outGradient: FloatArray, start: number, channels: number, outGroup: number): Float64Array {
  const count = slab.rowCount
  const panels = Math.ceil(outGroup / PANEL)
  const panel = panelScratch.take(panels * count * PANEL)
  if (outGroup % PANEL !== 0) panel.fill(0, (panels - 1) * count * PANEL, panels * count * PANEL)
  for (let p = 0; p < count; p++) {
    const from = start + p * channels
    for (let d = 0; d < outGroup; d++) {
      panel[((d >> 1) * count + p) * PANEL + (d & 1)] = outGradient[from + d] as number
    }
  }
  return panel
}

function addSlab(panel: Float64Array, panels: number, sums: Float64Array): void {
  const { taps, tapCount, run, rowCount } = slab
  const stride = panels * PANEL
  const tiledRun = Math.ceil(run / RUN_TILE) * RUN_TILE
  for (let begin = 0; begin < rowCount; begin += BLOCK) {
    const end = Math.min(begin + BLOCK, rowCount)
    for (let t = 0; t < tapCount; t++) {
      for (let l = 0; l < run; l += RUN_TILE) {
        const offset = (taps[t] as number) + l
        const place = (t * tiledRun + l) * stride
        for (let q = 0; q < panels; q++) addTile(offset, begin, end, panel, q, sums, place + q * PANEL, stride)
      }
    }
  }
}

/** sums[place + i·stride + j] += Σ_p source[rows[p] + offset + i] · panel[q, p, j] for i in 0 … 3, j in 0 … 1. */
function addTile(
  offset: number,
  begin: number,
  end: number,
  panel: Float64Array,
  q: number,
  sums: Float64Array,
  place: number,
  stride: number,
): void {
  const { source, rows, rowCount } = slab
  let w = (q * rowCount + begin) * PANEL
  const place1 = place + stride
  const place2 = place1 + stride
  const place3 = place2 + stride
  let s00 = sums[place] as number
  let s01 = sums[place + 1] as number
  let s10 = sums[place1] as number
  let s11 = sums[place1 + 1] as number
  let s20 = sums[place2] as number
  let s21 = sums[place2 + 1] as number
  let s30 = sums[place3] as number
  let s31 = sums[place3 + 1] as number
  for (let p = begin; p < end; p = (p + 1) | 0) {
    const a = ((rows[p] as number) + offset) | 0
    const g0 = panel[w] as number
    const g1 = panel[(w + 1) | 0] as number
    const x0 = source[a] as number
    s00 += x0 * g0
    s01 += x0 * g1
    const x1 = source[(a + 1) | 0] as number
    s10 += x1 * g0
    s11 += x1 * g1
    const x2 = source[(a + 2) | 0] as number
    s20 += x2 * g0
    s21 += x2 * g1
    const x3 = source[(a + 3) | 0] as number
    s30 += x3 * g0
    s31 += x3 * g1
    w = (w + 2) | 0
  }
  sums[place] = s00
  sums[place + 1] = s01
  sums[place1] = s10
  sums[place1 + 1] = s11
  sums[place2] = s20
  sums[place2 + 1] = s21
  sums[place3] = s30
  sums[place3 + 1] = s31
}

function writeGradient(
  sums: Float64Array,
  panels: number,
  weightGradient: FloatArray,
  firstChannel: number,
  channels: number,
  outGroup: number,
): void {
  const { tapCount, run } = slab
  const stride = panels * PANEL
  const tiledRun = Math.ceil(run / RUN_TILE) * RUN_TILE
  let to = firstChannel
  for (let t = 0; t < tapCount; t++) {
    for (let l = 0; l < run; l++) {
      const from = (t * tiledRun + l) * stride
      for (let d = 0; d < outGroup; d++) weightGradient[to + d] = sums[from + d] as number
      to += channels
    }
  }
}
