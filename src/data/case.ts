/**
 * A case: the image of one subject, its label maps, and which of these an annotator made. No files here.
 *
 * Two things look alike in a label map of zeros and mean different things, all the way to the loss:
 *   empty    annotated, and none there: `annotated` is true, the network is told that the class is absent;
 *   missing  not annotated: `annotated` is false, nothing is known and the map says nothing.
 * Which of the two a loss takes a map of zeros for is the subject of Tilborghs, Bertels et al., MICCAI 2022 (Sect. 2.2).
 */
import { ConfigError, ShapeError } from '../tensor/errors.js'
import { sizeOf } from '../tensor/shape.js'
import { determinant } from './nifti-header.js'

export interface Case {
  readonly id: string
  /** The subject's group in the data set, such as 'HGG' or 'LGG'. */
  readonly group: string
  /** (X, Y, Z) in voxels. */
  readonly shape: readonly [number, number, number]
  readonly channels: number
  readonly classes: number
  /** (X, Y, Z, C) in C order. */
  readonly image: Float32Array
  /** (X, Y, Z, K) in C order: one binary map per class, all zeros where the class is empty or missing. */
  readonly label: Uint8Array
  /** (K): whether the class was annotated in this case; false is missing, not empty. */
  readonly annotated: readonly boolean[]
  /** 4×4, row-major: voxel index → mm. */
  readonly affine: Float64Array
  /** Distance in mm between neighbours along each voxel axis. */
  readonly spacing: readonly [number, number, number]
  readonly voxelVolumeMl: number
}

/** The volume in ml of one voxel: |det| of the affine's 3×3 part is in mm³. */
export function voxelVolumeMl(affine: Float64Array): number {
  return Math.abs(determinant(affine)) / 1000
}

/** Returns the case if its arrays fit its sizes; throws ShapeError naming the case otherwise. */
export function checkCase(item: Case): Case {
  const voxels = sizeOf(item.shape)
  const expected = [voxels * item.channels, voxels * item.classes, item.classes]
  const found = [item.image.length, item.label.length, item.annotated.length]
  if (expected.some((length, i) => length !== found[i])) {
    const what = `image, label and annotated of ${expected.join(', ')} elements`
    throw new ShapeError(`case ${item.id}`, what, found.join(', '))
  }
  return item
}

/** How many voxels of a class are labelled. Throws ConfigError for a class that the case has not. */
export function labelledVoxels(item: Case, classIndex = 0): number {
  checkClasses(item, [classIndex])
  let count = 0
  for (let i = classIndex; i < item.label.length; i += item.classes) count += item.label[i] ?? 0
  return count
}

function checkClasses(item: Case, classes: readonly number[]): void {
  const wrong = classes.find((index) => !Number.isInteger(index) || index < 0 || index >= item.classes)
  if (wrong !== undefined) {
    throw new ConfigError(`case ${item.id}`, `a class from 0 to ${item.classes - 1}`, String(wrong))
  }
}

function relabel(item: Case, classes: readonly number[] | undefined, annotated: boolean): Case {
  const chosen = classes ?? item.annotated.map((_, index) => index)
  checkClasses(item, chosen)
  const label = item.label.slice()
  for (const index of chosen) for (let i = index; i < label.length; i += item.classes) label[i] = 0
  return { ...item, label, annotated: item.annotated.map((was, index) => (chosen.includes(index) ? annotated : was)) }
}

/**
 * The case with empty maps for the given classes (all by default), said to be annotated: the network is *told* that
 * there is none. This is the paper's partially labelled setting (Sect. 3): the labels of one group are replaced by
 * empty maps, and the loss decides whether that is learned.
 *
 * Shapes are unchanged; the image is shared with the given case. Throws ConfigError for a class that is not there.
 * Source: Tilborghs, Bertels et al., MICCAI 2022.
 *
 * @example const training = cases.map((item) => (item.group === 'LGG' ? replaceByEmpty(item) : item))
 */
export function replaceByEmpty(item: Case, classes?: readonly number[]): Case {
  return relabel(item, classes, true)
}

/**
 * The case with the given classes (all by default) marked as not annotated. Their maps are zeroed too, so that nothing
 * can learn from them by accident; a loss that is given `present` leaves them out.
 *
 * Shapes are unchanged; the image is shared with the given case. Throws ConfigError for a class that is not there.
 *
 * @example const training = cases.map((item) => (item.group === 'LGG' ? markMissing(item) : item))
 */
export function markMissing(item: Case, classes?: readonly number[]): Case {
  return relabel(item, classes, false)
}
