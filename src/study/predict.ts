/** From a trained network to binary maps on the case's own grid, and what these are worth. */
import { noGrad } from '../autograd/graph/node.js'
import type { Case } from '../data/case.js'
import { writeNifti } from '../data/nifti.js'
import { diceSimilarity } from '../metrics/dice-similarity.js'
import { volumeDifferenceMl, volumeMl } from '../metrics/volume.js'
import { tensor } from '../tensor/create.js'
import { scope } from '../tensor/scope.js'
import type { Tensor } from '../tensor/tensor.js'

const THRESHOLD = 0.5

/** Maps an image (1, X, Y, Z, C) to probabilities (1, X, Y, Z, 1). */
export interface Predictor {
  call(image: Tensor): Tensor
}

/**
 * The whole volume at once: a binary map (X, Y, Z), 1 where the probability is above one half.
 *
 * @example const map = predictCase(network, readBratsCase(entry))
 */
export function predictCase(network: Predictor, item: Case): Uint8Array {
  const probabilities = scope(() =>
    noGrad(() => network.call(tensor(item.image, { shape: [1, ...item.shape, item.channels] })).data()),
  )
  return Uint8Array.from(probabilities, (probability) => (probability > THRESHOLD ? 1 : 0))
}

/** Writes a binary map (X, Y, Z) as uint8 with the case's affine. Throws DataError naming the file. */
export function writePrediction(path: string, item: Case, prediction: Uint8Array): void {
  writeNifti(path, { shape: item.shape, affine: item.affine, data: prediction }, { dtype: 'uint8' })
}

export interface CaseMetrics {
  readonly id: string
  readonly group: string
  /** Dice similarity coefficient (Eq. 2); null where both maps are empty. */
  readonly dsc: number | null
  /** Predicted − reference, in ml. */
  readonly deltaVolumeMl: number
  readonly predictedVolumeMl: number
  readonly referenceVolumeMl: number
}

/** Compares a binary map (X, Y, Z) with the case's own label, that of its only class. */
export function measureCase(item: Case, prediction: Uint8Array): CaseMetrics {
  const { id, group, label, voxelVolumeMl } = item
  return {
    id,
    group,
    dsc: diceSimilarity(prediction, label, { bothEmpty: 'skip' }),
    deltaVolumeMl: volumeDifferenceMl(prediction, label, voxelVolumeMl),
    predictedVolumeMl: volumeMl(prediction, voxelVolumeMl),
    referenceVolumeMl: volumeMl(label, voxelVolumeMl),
  }
}
