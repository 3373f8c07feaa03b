/**
 * The sums of the overlap losses: per subset φ of Φ, I = Σ y·p, Y = Σ y, P = Σ p (and Σ y², Σ p², Σ |p − y|), each element times its
 * channel's factor, and the number of elements that count. Sums are float64: those of a tile first, then those of the tiles.
 */
import type { Kernels } from '../kernels.js'
import { type OverlapGeometry, type OverlapSumName, countsEverywhere, wantedSums } from '../overlap.js'
import { denseArray } from './layout.js'
import { TileReader, factorOf, forEachTile } from './overlapTile.js'

export const overlapStatistics: Kernels['overlapStatistics'] = (operands, geometry, sumsOut, countsOut) => {
  const totals = new Totals(geometry)
  const tile = new TileReader(operands, geometry)
  const simple = countsEverywhere(geometry, operands)
  forEachTile(geometry, (row, count, subset, step) => {
    tile.read(row, count)
    if (simple && step === 0) addByChannel(tile, count, subset, geometry, totals)
    else {
      tile.readSubsets(row, count, subset, step)
      addByElement(tile, count * geometry.channels, geometry, totals)
    }
  })
  denseArray(sumsOut).set(totals.sums)
  denseArray(countsOut).set(totals.counts)
}

class Totals {
  readonly sums: Float64Array
  readonly counts: Float64Array
  readonly intersection: Float64Array
  readonly target: Float64Array
  readonly prediction: Float64Array
  readonly targetSquares: Float64Array
  readonly predictionSquares: Float64Array
  readonly difference: Float64Array
  readonly squares: boolean
  readonly hasDifference: boolean

  constructor(geometry: OverlapGeometry) {
    const { subsets } = geometry
    const names = wantedSums(geometry)
    const sums = new Float64Array(names.length * subsets)
    const row = (name: OverlapSumName): Float64Array => {
      const k = names.indexOf(name)
      return k < 0 ? sums.subarray(0, 0) : sums.subarray(k * subsets, (k + 1) * subsets)
    }
    this.sums = sums
    this.counts = new Float64Array(subsets)
    this.intersection = row('intersection')
    this.target = row('target')
    this.prediction = row('prediction')
    this.targetSquares = row('targetSquares')
    this.predictionSquares = row('predictionSquares')
    this.difference = row('difference')
    this.squares = geometry.squares
    this.hasDifference = geometry.difference !== undefined
  }

  add(subset: number, factor: number, i: number, y: number, p: number): void {
    this.intersection[subset] = (this.intersection[subset] as number) + factor * i
    this.target[subset] = (this.target[subset] as number) + factor * y
    this.prediction[subset] = (this.prediction[subset] as number) + factor * p
  }

  addSquares(subset: number, factor: number, yy: number, pp: number): void {
    this.targetSquares[subset] = (this.targetSquares[subset] as number) + factor * yy
    this.predictionSquares[subset] = (this.predictionSquares[subset] as number) + factor * pp
  }

  addDifference(subset: number, factor: number, difference: number): void {
    this.difference[subset] = (this.difference[subset] as number) + factor * difference
  }
}

/** A tile whose elements are in one subset per channel: the sums stay in registers. */
function addByChannel(tile: TileReader, count: number, subset: number, g: OverlapGeometry, totals: Totals): void {
  const { prediction, target } = tile
  const { channels, firstChannel } = g
  const channelStride = g.axes?.channelStride ?? 0
  const length = count * channels
  for (let c = firstChannel; c < channels; c++) {
    let intersection = 0
    let ySum = 0
    let pSum = 0
    for (let i = c; i < length; i += channels) {
      const y = target[i] as number
      const p = prediction[i] as number
      intersection += y * p
      ySum += y
      pSum += p
    }
    const at = subset + (c - firstChannel) * channelStride
    const factor = factorOf(g, at, c)
    totals.add(at, factor, intersection, ySum, pSum)
    totals.counts[at] = (totals.counts[at] as number) + count
    if (totals.squares) addSquaresOfChannel(tile, length, channels, c, at, factor, totals)
    if (totals.hasDifference) totals.addDifference(at, factor, differenceOfChannel(tile, length, channels, c))
  }
}

function addSquaresOfChannel(
  { prediction, target }: TileReader,
  length: number,
  channels: number,
  channel: number,
  subset: number,
  factor: number,
  totals: Totals,
): void {
  let ySquares = 0
  let pSquares = 0
  for (let i = channel; i < length; i += channels) {
    ySquares += (target[i] as number) ** 2
    pSquares += (prediction[i] as number) ** 2
  }
  totals.addSquares(subset, factor, ySquares, pSquares)
}

function differenceOfChannel(
  { prediction, target }: TileReader,
  length: number,
  channels: number,
  channel: number,
): number {
  let difference = 0
  for (let i = channel; i < length; i += channels)
    difference += Math.abs((prediction[i] as number) - (target[i] as number))
  return difference
}

function addByElement(tile: TileReader, length: number, g: OverlapGeometry, totals: Totals): void {
  const { prediction, target, subset } = tile
  for (let i = 0, c = 0; i < length; i++) {
    const at = subset[i] as number
    if (at >= 0) {
      const y = target[i] as number
      const p = prediction[i] as number
      const factor = factorOf(g, at, c)
      totals.add(at, factor, y * p, y, p)
      totals.counts[at] = (totals.counts[at] as number) + 1
      if (totals.squares) totals.addSquares(at, factor, y * y, p * p)
      if (totals.hasDifference) totals.addDifference(at, factor, Math.abs(p - y))
    }
    c = c + 1 === g.channels ? 0 : c + 1
  }
}
