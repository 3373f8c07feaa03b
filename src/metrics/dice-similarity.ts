/**
 * The Dice similarity coefficient of two binary maps, and its mean over cases. This is the metric, without ε:
 * what an empty map counts is a choice the caller can see. The differentiable loss is in losses/.
 */
import { type BinaryMap, countOverlap, type Overlap } from './binary-map.js'

/** What a case counts: not a number, 1, 0, or nothing at all (null: the case leaves the mean). */
export type EmptyPolicy = 'nan' | 'one' | 'zero' | 'skip'

export interface DiceSimilarityOptions {
  /** Neither map holds a voxel: 0/0 in the formula. Default 'nan'. */
  readonly bothEmpty?: EmptyPolicy
  /** The reference is empty and the prediction is not. The formula gives 0, and so does the default, 'zero'. */
  readonly referenceEmpty?: EmptyPolicy
}

const POLICY_VALUES = { nan: Number.NaN, one: 1, zero: 0, skip: null } as const

/**
 * DSC(Y, Ỹ) = 2 |Y ∩ Ỹ| / (|Y| + |Ỹ|), in [0, 1].
 *
 * `prediction` Ỹ and `reference` Y are binary maps of the same number of voxels, in the same order. An empty
 * prediction of a reference that is not empty is 0, always. Null is returned only under the policy 'skip'.
 *
 * Throws ShapeError where the lengths differ, DataError where a value is neither 0 nor 1.
 * Source: Tilborghs, Bertels et al., MICCAI 2022, Eq. 2.
 *
 * @example diceSimilarity(Uint8Array.of(1, 1, 0), Uint8Array.of(0, 1, 1)) // 0.5
 */
export function diceSimilarity(
  prediction: BinaryMap,
  reference: BinaryMap,
  options?: {
    readonly bothEmpty?: Exclude<EmptyPolicy, 'skip'>
    readonly referenceEmpty?: Exclude<EmptyPolicy, 'skip'>
  },
): number
export function diceSimilarity(
  prediction: BinaryMap,
  reference: BinaryMap,
  options?: DiceSimilarityOptions,
): number | null
export function diceSimilarity(
  prediction: BinaryMap,
  reference: BinaryMap,
  options: DiceSimilarityOptions = {},
): number | null {
  return diceOfOverlap(countOverlap('diceSimilarity', prediction, reference), options)
}

function diceOfOverlap(overlap: Overlap, options: DiceSimilarityOptions): number | null {
  const { bothEmpty = 'nan', referenceEmpty = 'zero' } = options
  if (overlap.reference === 0) return POLICY_VALUES[overlap.prediction === 0 ? bothEmpty : referenceEmpty]
  return (2 * overlap.intersection) / (overlap.reference + overlap.prediction)
}

export interface MeanDiceSimilarity {
  /** Mean over the counted cases; NaN when there is none. */
  readonly mean: number
  /** Cases in the mean, and cases that the policy 'skip' left out. */
  readonly counted: number
  readonly skipped: number
  /** How often the options decided: cases where both maps are empty, and where only the reference is. */
  readonly bothEmpty: number
  readonly referenceEmpty: number
}

/**
 * Mean DSC over cases, with the number of cases that an empty map decided: a mean without these counts does not say
 * what it is a mean of.
 *
 * Each pair is a prediction and its reference, as in diceSimilarity, whose errors it throws. The policy 'nan' makes the
 * mean NaN as soon as one case meets it; 'skip' leaves such cases out.
 *
 * @example meanDiceSimilarity([[prediction, reference]], { bothEmpty: 'skip' }).mean
 */
export function meanDiceSimilarity(
  pairs: Iterable<readonly [prediction: BinaryMap, reference: BinaryMap]>,
  options: DiceSimilarityOptions = {},
): MeanDiceSimilarity {
  let sum = 0
  let counted = 0
  let skipped = 0
  let bothEmpty = 0
  let referenceEmpty = 0
  for (const [prediction, reference] of pairs) {
    const overlap = countOverlap('meanDiceSimilarity', prediction, reference)
    if (overlap.reference === 0 && overlap.prediction === 0) bothEmpty += 1
    else if (overlap.reference === 0) referenceEmpty += 1
    const score = diceOfOverlap(overlap, options)
    if (score === null) {
      skipped += 1
      continue
    }
    sum += score
    counted += 1
  }
  return { mean: sum / counted, counted, skipped, bothEmpty, referenceEmpty }
}
