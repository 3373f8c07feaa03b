/**
 * Maps in files of their own: predictions and targets as NIfTI volumes, one file per image, their channels the classes. Several
 * files of one grid make a batch. Label maps become channels by an explicit list of values; nothing is guessed or resampled.
 */
import { basename } from 'node:path'
import { ConfigError, DataError } from '../tensor/errors.js'
import { sizeOf } from '../tensor/shape.js'
import { type Volume, readNifti } from './nifti.js'

export interface MapBatch {
  /** (B, X, Y, Z, C) */
  readonly shape: readonly [number, number, number, number, number]
  /** In C order: float32, or float64 where a file holds more than that. */
  readonly data: Float32Array | Float64Array
  /** 4×4, row-major: voxel index → mm, of the first file. */
  readonly affine: Float64Array
}

export interface MapOptions {
  /** The files are label maps: channel k is 1 where the label is one of `labels[k]`, else 0; others are in no channel. */
  readonly labels?: readonly (readonly number[])[]
  /** Every value is in [0, 1]: probabilities and targets, not logits. Default true. */
  readonly unitInterval?: boolean
}

/** The file's name without folder and .nii or .nii.gz. */
export function volumeName(path: string): string {
  return basename(path).replace(/\.nii(\.gz)?$/, '')
}

/**
 * Reads maps as one batch (B, X, Y, Z, C), in the order of `paths`.
 *
 * Throws DataError naming the file: broken (see readNifti), another grid or number of channels than the first, a value
 * outside [0, 1], a label map with several channels or with values that are no integers. ConfigError without paths.
 *
 * @example
 * readMaps(['a_seg.nii.gz', 'b_seg.nii.gz'], { labels: [[1, 2, 4], [1, 4]] }).shape // [2, X, Y, Z, 2]
 */
export function readMaps(paths: readonly string[], options: MapOptions = {}): MapBatch {
  const { labels, unitInterval = true } = options
  const volumes = paths.map((path) => ({ path, volume: expanded(path, readNifti(path), labels) }))
  const [first] = volumes
  if (first === undefined) throw new ConfigError('readMaps', 'at least one file', 'none')
  const { shape, channels, affine } = first.volume
  const size = sizeOf(shape) * channels
  // What float32 cannot hold: float64 and 32-bit integers.
  const isWide = volumes.some(({ volume: { data } }) => data.BYTES_PER_ELEMENT > 2 && !(data instanceof Float32Array))
  const data = isWide ? new Float64Array(paths.length * size) : new Float32Array(paths.length * size)
  for (const [b, { path, volume }] of volumes.entries()) {
    const found = [...volume.shape, volume.channels].join('×')
    const expected = [...shape, channels].join('×')
    if (found !== expected) throw new DataError(path, `X×Y×Z×C of ${expected} as in ${first.path}`, found)
    if (unitInterval) checkUnitInterval(path, volume)
    data.set(volume.data, b * size)
  }
  return { shape: [paths.length, ...shape, channels], data, affine }
}

function checkUnitInterval(path: string, { data }: Pick<Volume, 'data'>): void {
  for (const value of data) {
    if (!(value >= 0 && value <= 1)) {
      const hint = Number.isInteger(value) ? 'label maps need a list of their labels' : 'logits need their activation'
      throw new DataError(path, `values in [0, 1] (${hint})`, String(value))
    }
  }
}

function expanded(path: string, volume: Volume, labels: MapOptions['labels']): Volume {
  if (labels === undefined) return volume
  if (volume.channels !== 1) throw new DataError(path, 'a label map of one channel', `${volume.channels} channels`)
  const C = labels.length
  const data = new Uint8Array(volume.data.length * C)
  volume.data.forEach((value: number, voxel: number) => {
    for (const [k, values] of labels.entries()) if (values.includes(value)) data[voxel * C + k] = 1
    if (!Number.isInteger(value)) throw new DataError(path, 'a label map of integers', String(value))
  })
  return { ...volume, data, channels: C }
}
