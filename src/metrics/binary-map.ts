/**
 * The one check of binary maps for every metric. Maps are typed arrays of 0 and 1 in any voxel order; turning
 * probabilities into 0 and 1 (at a threshold of one half, say) is the caller's step.
 */
import { DataError, ShapeError } from '../tensor/errors.js'

/** One value per voxel, 0 or 1. */
export type BinaryMap = ArrayLike<number>

/** Sizes in voxels: |Y ∩ Ỹ|, |Ỹ| and |Y|. */
export interface Overlap {
  readonly intersection: number
  readonly prediction: number
  readonly reference: number
}

/**
 * Number of ones in a map. Throws DataError where a value is neither 0 nor 1.
 *
 * @example countVoxels('brain', Uint8Array.of(0, 1, 1)) // 2
 */
export function countVoxels(where: string, map: BinaryMap): number {
  let count = 0
  for (let voxel = 0; voxel < map.length; voxel++) count += binaryValue(where, map, voxel)
  return count
}

/**
 * The three counts from which the overlap metrics are made, in one pass over both maps.
 * Throws ShapeError where the maps differ in length, DataError where a value is neither 0 nor 1.
 */
export function countOverlap(where: string, prediction: BinaryMap, reference: BinaryMap): Overlap {
  if (prediction.length !== reference.length) {
    throw new ShapeError(where, `a prediction of ${reference.length} voxels`, String(prediction.length))
  }
  let intersection = 0
  let predicted = 0
  let referred = 0
  for (let voxel = 0; voxel < reference.length; voxel++) {
    const p = binaryValue(where, prediction, voxel)
    const y = binaryValue(where, reference, voxel)
    intersection += p * y
    predicted += p
    referred += y
  }
  return { intersection, prediction: predicted, reference: referred }
}

function binaryValue(where: string, map: BinaryMap, voxel: number): number {
  const value = map[voxel]
  if (value !== 0 && value !== 1) {
    throw new DataError(where, 'a binary map of 0 and 1', `${String(value)} at voxel ${voxel}`)
  }
  return value
}
