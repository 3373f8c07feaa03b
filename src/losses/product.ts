/** Partitions that are products over Ω = images × voxels × classes: a group of images, a group of voxels and a group of classes each. */
import { ConfigError, ShapeError } from '../tensor/errors.js'
import { type Shape, at, sizeOf } from '../tensor/shape.js'

/** 'together': one group. 'apart': each its own. Or the group of each, from 0 on, −1 for none. */
export type Factor = 'together' | 'apart' | readonly number[] | Int32Array

export interface Factors {
  /** Of the B images. Default 'together', as for the others. */
  readonly images?: Factor
  /** Of the voxels of one image, in C order. */
  readonly voxels?: Factor
  /** Of the C classes. */
  readonly classes?: Factor
}

const factorNames = ['images', 'voxels', 'classes'] as const

/** @throws ConfigError for a factor that is none. */
export function checkFactors(factors: Factors): void {
  for (const name of factorNames) {
    const factor = factors[name]
    if (factor === undefined || factor === 'together' || factor === 'apart') continue
    const isList = Array.isArray(factor) || factor instanceof Int32Array
    if (!isList || !Array.from(factor).every((group) => Number.isInteger(group) && group >= -1)) {
      throw new ConfigError('Partition.product', `${name}: together, apart or groups from −1 on`, String(factor))
    }
  }
}

interface Groups {
  readonly of: ArrayLike<number>
  readonly count: number
}

function groupsOf(where: string, name: string, factor: Factor = 'together', length: number): Groups {
  if (factor === 'together') return { of: new Int32Array(length), count: 1 }
  if (factor === 'apart') return { of: Int32Array.from({ length }, (_, i) => i), count: length }
  if (factor.length !== length) throw new ShapeError(where, `a group for each of ${length} ${name}`, `${factor.length}`)
  let largest = -1
  for (const group of factor) largest = Math.max(largest, group)
  return { of: factor, count: largest + 1 }
}

/** @throws ShapeError where the groups are not as many as the shape has images, voxels or classes. */
export function productLabels(where: string, factors: Factors, shape: Shape): { labels: Int32Array; count: number } {
  const [batch, voxelCount, channels] = [at(shape, 0), sizeOf(shape.slice(1, -1)), at(shape, shape.length - 1)]
  const images = groupsOf(where, 'images', factors.images, batch)
  const voxels = groupsOf(where, 'voxels', factors.voxels, voxelCount)
  const classes = groupsOf(where, 'classes', factors.classes, channels)
  const labels = new Int32Array(sizeOf(shape))
  let i = 0
  for (let b = 0; b < batch; b++) {
    for (let v = 0; v < voxelCount; v++) {
      const row = [images.of[b] ?? -1, voxels.of[v] ?? -1] as const
      const first = row[0] < 0 || row[1] < 0 ? -1 : (row[0] * voxels.count + row[1]) * classes.count
      for (let c = 0; c < channels; c++, i++) {
        const group = classes.of[c] ?? -1
        labels[i] = first < 0 || group < 0 ? -1 : first + group
      }
    }
  }
  return { labels, count: images.count * voxels.count * classes.count }
}
