/**
 * What the kernels of the overlap losses are told: which subset of Φ an element is in, which elements count, and which sums
 * are wanted. Ops have checked every size before. Tensors are (B, …, C), dense, seen as rows (one per voxel) of C channels.
 */
import type { Tensor } from '../tensor/tensor.js'

export type Activation = 'none' | 'sigmoid' | 'softmax'

/**
 * The sums per subset: I = Σ y·p, Y = Σ y, P = Σ p, and where they are wanted Σ y², Σ p² and Σ |p − y|. A new statistic is a
 * name here, a line in each kernel and a line in the composition.
 */
export const overlapSumNames = [
  'intersection',
  'target',
  'prediction',
  'targetSquares',
  'predictionSquares',
  'difference',
] as const

export type OverlapSumName = (typeof overlapSumNames)[number]

/**
 * The derivative of |p − y| in p where p = y: 0, or the one-sided one into [0, 1] (1 at 0, −1 at 1), which a prediction that
 * cannot leave [0, 1] sees. In y it is the same.
 */
export type Tie = 'inward' | 'zero'

export interface OverlapOperands {
  /** (B, …, C), float. */
  readonly prediction: Tensor
  /** (B, …, C), the prediction's dtype or uint8. */
  readonly target: Tensor
  /** bool, one value per voxel or one per element. */
  readonly mask: Tensor | null
  /** int32, (B, …, C): index of the subset, −1 for none. */
  readonly labels: Tensor | null
}

/** subset(voxel, c) = Σ index·strides over the axes (B, …) of sizes `sizes`, + (c − firstChannel)·channelStride. */
export interface SubsetAxes {
  readonly sizes: readonly number[]
  readonly strides: readonly number[]
  readonly channelStride: number
}

export interface OverlapGeometry {
  readonly batch: number
  /** Voxels of one image. */
  readonly voxels: number
  readonly channels: number
  /** Channels below it are in no subset. */
  readonly firstChannel: 0 | 1
  readonly subsets: number
  /** Null where a label map says which subset an element is in. */
  readonly axes: SubsetAxes | null
  readonly activation: Activation
  /** Whether Σ y² and Σ p² are wanted too. */
  readonly squares: boolean
  /** Given where Σ |p − y| is wanted too. */
  readonly difference?: Tie
  /** (B, C): maps whose elements count; null for all. */
  readonly annotated: Uint8Array | null
  /** (C): factors on the elements of every sum; null for 1. */
  readonly channelFactors: Float64Array | null
  /** (|Φ|): subsets that the factors apply to; null for all. */
  readonly factoredSubsets: Uint8Array | null
}

/** The sums that are wanted, in the order of the rows of a (sums, |Φ|) tensor. */
export function wantedSums({ squares, difference }: OverlapGeometry): readonly OverlapSumName[] {
  return overlapSumNames.filter((name) =>
    name === 'difference' ? difference !== undefined : squares || !name.endsWith('Squares'),
  )
}

/** Number of sums per subset. */
export function sumsOf(geometry: OverlapGeometry): number {
  return wantedSums(geometry).length
}

/** d|own − other| / d own. */
export function differenceSlope(own: number, other: number, tie: Tie | undefined): number {
  if (own > other) return 1
  if (own < other) return -1
  if (own === other && tie === 'inward') return own <= 0 ? 1 : own >= 1 ? -1 : 0
  return own === other ? 0 : Number.NaN
}

/** Whether elements of one subset follow each other without gaps in a channel: nothing has to be looked up per element. */
export function countsEverywhere(geometry: OverlapGeometry, operands: OverlapOperands): boolean {
  return geometry.axes !== null && geometry.annotated === null && operands.mask === null
}
