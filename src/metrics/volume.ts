/** Volumes of binary maps in millilitres. */
import { ConfigError } from '../tensor/errors.js'
import { type BinaryMap, countOverlap, countVoxels } from './binary-map.js'

/**
 * Volume of a binary map: voxels × volume of a voxel, in ml (1 ml = 1000 mm³).
 *
 * Throws DataError where a value is neither 0 nor 1, ConfigError where the voxel's volume is not positive and finite.
 *
 * @example volumeMl(Uint8Array.of(1, 0, 1), 0.512) // 1.024: two voxels of 8×8×8 mm
 */
export function volumeMl(map: BinaryMap, voxelVolumeMl: number): number {
  checkVoxelVolume('volumeMl', voxelVolumeMl)
  return countVoxels('volumeMl', map) * voxelVolumeMl
}

/**
 * ΔV = (|Ỹ| − |Y|) · volume of a voxel, in ml: negative where the prediction is too small.
 *
 * `prediction` Ỹ and `reference` Y are binary maps of the same number of voxels.
 * Throws ShapeError where the lengths differ, DataError where a value is neither 0 nor 1, ConfigError where the voxel's
 * volume is not positive and finite. Source: Tilborghs, Bertels et al., MICCAI 2022, Table 1.
 *
 * @example volumeDifferenceMl(Uint8Array.of(0, 0), Uint8Array.of(1, 1), 0.008) // −0.016
 */
export function volumeDifferenceMl(prediction: BinaryMap, reference: BinaryMap, voxelVolumeMl: number): number {
  checkVoxelVolume('volumeDifferenceMl', voxelVolumeMl)
  const overlap = countOverlap('volumeDifferenceMl', prediction, reference)
  return (overlap.prediction - overlap.reference) * voxelVolumeMl
}

function checkVoxelVolume(where: string, voxelVolumeMl: number): void {
  if (!(voxelVolumeMl > 0 && Number.isFinite(voxelVolumeMl))) {
    throw new ConfigError(where, 'a voxel volume above 0 ml', String(voxelVolumeMl))
  }
}
