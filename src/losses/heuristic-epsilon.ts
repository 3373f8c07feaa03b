/** ε from data: the paper's heuristic (Sect. 2.3). The exact solution of Eq. 5 is not here. */
import { ConfigError, ShapeError } from '../tensor/errors.js'
import { at, sizeOf } from '../tensor/shape.js'
import { Tensor } from '../tensor/tensor.js'

/** Label maps in an array, channels last: (…, C) in C order; each is one image. */
export interface LabelArray {
  readonly labels: Uint8Array | Float32Array | Float64Array
  readonly classes: number
}

/** One label tensor (B, …, C); the label array of one image; or volumes in voxels: of one class, or of each class. */
export type LabelVolumes = Tensor | LabelArray | number | readonly number[]

/**
 * The mean label volume of each class over all maps, empty ones included: ε_c = Σ over maps of Σ y / number of maps, in voxels.
 * Empty maps belong in the mean: with a fraction q of non-empty ones, Eq. 5 for BI is solved by ε = q·v, which is this mean.
 *
 * `labels` is a tensor (B, …, C), or a list whose items are tensors (B, …, C), arrays of one image with their number of
 * classes, or volumes in voxels (a number for one class, C numbers for several). Soft labels count by their sum. Leave out
 * maps that were not annotated: they are not empty, they are missing. Returns C numbers, as the option `epsilon` takes them for
 * a Φ of single-class subsets.
 *
 * Throws ConfigError for an empty list or a volume that is no finite number ≥ 0, ShapeError where numbers of classes differ.
 *
 * Source: Tilborghs, Bertels et al., MICCAI 2022, Sect. 2.3.
 *
 * @example
 * heuristicEpsilon([12_000, 0, 6_000]) // [6000]
 * diceLoss(p, y, { phi: 'BI', epsilon: heuristicEpsilon(trainingLabels) })
 */
export function heuristicEpsilon(labels: Tensor | readonly LabelVolumes[]): number[] {
  const volumes = (labels instanceof Tensor ? [labels] : Array.from(labels)).flatMap(volumesOf)
  const [first] = volumes
  if (first === undefined) throw new ConfigError('heuristicEpsilon', 'at least one label map', 'none')
  const totals = first.map(() => 0)
  for (const map of volumes) {
    if (map.length !== totals.length) {
      throw new ShapeError('heuristicEpsilon', `${totals.length} classes in every item`, String(map.length))
    }
    map.forEach((volume, c) => {
      if (!Number.isFinite(volume) || volume < 0) {
        throw new ConfigError('heuristicEpsilon', 'volumes that are finite and ≥ 0', String(volume))
      }
      totals[c] = (totals[c] ?? 0) + volume
    })
  }
  return totals.map((total) => total / volumes.length)
}

/** The volume of each class in each image of an item. */
function volumesOf(item: LabelVolumes): (readonly number[])[] {
  if (typeof item === 'number') return [[item]]
  if (item instanceof Tensor) {
    if (item.rank < 3) throw new ShapeError('heuristicEpsilon', 'labels of shape (B,…,C)', `rank ${item.rank}`)
    const voxels = sizeOf(item.shape.slice(1, -1))
    return imagesOf(item.data(), at(item.shape, 0), voxels, at(item.shape, item.rank - 1))
  }
  if (!('labels' in item)) return [item]
  const voxels = item.labels.length / item.classes
  if (!Number.isInteger(voxels)) {
    throw new ShapeError('heuristicEpsilon', `labels of ${item.classes} classes`, `${item.labels.length} elements`)
  }
  return imagesOf(item.labels, 1, voxels, item.classes)
}

function imagesOf(values: ArrayLike<number>, images: number, voxels: number, classes: number): number[][] {
  return Array.from({ length: images }, (_, b) => {
    const volumes = new Array<number>(classes).fill(0)
    const start = b * voxels * classes
    for (let i = 0; i < voxels * classes; i++) {
      volumes[i % classes] = (volumes[i % classes] ?? 0) + (values[start + i] ?? 0)
    }
    return volumes
  })
}
