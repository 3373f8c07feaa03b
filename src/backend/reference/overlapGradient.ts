/**
 * The derivative of a function of the overlap sums, given its partial derivatives in them (per subset: d/dI, d/dY, d/dP and
 * d/dΣy², d/dΣp², d/dΣ|p−y| = dD), f the channel's factor:
 *
 *   d/dp = f·(dI·y + dP + 2·dPP·p + dD·sign(p−y))      d/dy = f·(dI·p + dY + 2·dYY·y + dD·sign(y−p))
 *
 * 0 where an element is in no subset,
 *
 * and for logits z: d/dz = d/dp · σ'(z), or p·(d/dp − Σ p·d/dp) over the channels of the voxel. One read, one write.
 */
import type { Kernels } from '../kernels.js'
import {
  type OverlapGeometry,
  type OverlapSumName,
  type Tie,
  countsEverywhere,
  differenceSlope,
  wantedSums,
} from '../overlap.js'
import { denseArray } from './layout.js'
import { TileReader, factorOf, forEachTile } from './overlapTile.js'
import { DoubleScratch } from './scratch.js'

const gradientScratch = new DoubleScratch()

export const overlapGradient: Kernels['overlapGradient'] = (operands, geometry, partials, predictionOut, targetOut) => {
  const tile = new TileReader(operands, geometry)
  const simple = countsEverywhere(geometry, operands)
  const { channels } = geometry
  const gradient = gradientScratch.take(tile.prediction.length)
  const sides = sidesOf(denseArray(partials) as Float64Array, geometry)
  const forPrediction = predictionOut === null ? null : denseArray(predictionOut)
  const forTarget = targetOut === null ? null : denseArray(targetOut)
  forEachTile(geometry, (row, count, subset, step) => {
    const start = row * channels
    const length = count * channels
    const inOneSubset = simple && step === 0
    tile.read(row, count)
    if (!inOneSubset) tile.readSubsets(row, count, subset, step)
    const place = (side: Side, own: Float64Array, other: Float64Array): void => {
      if (inOneSubset) placeByChannel(side, own, other, length, subset, geometry, gradient)
      else placeByElement(side, own, other, tile.subset, length, geometry, gradient)
    }
    if (forPrediction !== null) {
      place(sides.prediction, tile.prediction, tile.target)
      throughActivation(gradient, tile, length, geometry)
      for (let i = 0; i < length; i++) forPrediction[start + i] = gradient[i] as number
    }
    if (forTarget !== null) {
      place(sides.target, tile.target, tile.prediction)
      for (let i = 0; i < length; i++) forTarget[start + i] = gradient[i] as number
    }
  })
}

/** For one of the two tensors, the coefficients per subset of the other's value, of 1, of its own value and of sign(own − other). */
interface Side {
  readonly other: Float64Array
  readonly constant: Float64Array
  readonly own: Float64Array | null
  readonly sign: Float64Array | null
  readonly tie: Tie | undefined
}

function sidesOf(partials: Float64Array, geometry: OverlapGeometry): { target: Side; prediction: Side } {
  const { subsets, squares, difference } = geometry
  const names = wantedSums(geometry)
  const row = (name: OverlapSumName): Float64Array =>
    partials.subarray(names.indexOf(name) * subsets, (names.indexOf(name) + 1) * subsets)
  const side = (name: 'target' | 'prediction'): Side => ({
    other: row('intersection'),
    constant: row(name),
    own: squares ? row(`${name}Squares`).map((x) => 2 * x) : null,
    sign: difference === undefined ? null : row('difference'),
    tie: difference,
  })
  return { target: side('target'), prediction: side('prediction') }
}

function placeByChannel(
  side: Side,
  own: Float64Array,
  other: Float64Array,
  length: number,
  subset: number,
  g: OverlapGeometry,
  out: Float64Array,
): void {
  const { channels, firstChannel } = g
  const channelStride = g.axes?.channelStride ?? 0
  for (let c = 0; c < firstChannel; c++) for (let i = c; i < length; i += channels) out[i] = 0
  for (let c = firstChannel; c < channels; c++) {
    const at = subset + (c - firstChannel) * channelStride
    const factor = factorOf(g, at, c)
    const slope = factor * (side.other[at] as number)
    const constant = factor * (side.constant[at] as number)
    const square = side.own === null ? 0 : factor * (side.own[at] as number)
    for (let i = c; i < length; i += channels)
      out[i] = slope * (other[i] as number) + constant + square * (own[i] as number)
    if (side.sign !== null) {
      const step = factor * (side.sign[at] as number)
      for (let i = c; i < length; i += channels)
        out[i] = (out[i] as number) + step * differenceSlope(own[i] as number, other[i] as number, side.tie)
    }
  }
}

function placeByElement(
  side: Side,
  own: Float64Array,
  other: Float64Array,
  subset: Int32Array,
  length: number,
  g: OverlapGeometry,
  out: Float64Array,
): void {
  for (let i = 0, c = 0; i < length; i++) {
    const at = subset[i] as number
    if (at < 0) out[i] = 0
    else {
      const square = side.own === null ? 0 : (side.own[at] as number) * (own[i] as number)
      const sign = side.sign === null ? 0 : differenceSlope(own[i] as number, other[i] as number, side.tie)
      const step = side.sign === null ? 0 : (side.sign[at] as number) * sign
      const inner = (side.other[at] as number) * (other[i] as number) + (side.constant[at] as number) + square + step
      out[i] = factorOf(g, at, c) * inner
    }
    c = c + 1 === g.channels ? 0 : c + 1
  }
}

/** In place: from d/dp to d/dz. */
function throughActivation(
  gradient: Float64Array,
  tile: TileReader,
  length: number,
  { activation, channels }: OverlapGeometry,
): void {
  const { prediction, slope } = tile
  if (activation === 'sigmoid') {
    for (let i = 0; i < length; i++) gradient[i] = (gradient[i] as number) * (slope[i] as number)
  }
  if (activation !== 'softmax') return
  for (let start = 0; start < length; start += channels) {
    let mean = 0
    for (let i = start; i < start + channels; i++) mean += (prediction[i] as number) * (gradient[i] as number)
    for (let i = start; i < start + channels; i++)
      gradient[i] = (prediction[i] as number) * ((gradient[i] as number) - mean)
  }
}
