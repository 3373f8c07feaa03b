/** Slices and outlines of volumes in C order (X, Y, Z): what the example pictures are made of. No drawing. */
import { type Shape, show, sizeOf } from '../tensor/shape.js'
import { ShapeError } from '../tensor/errors.js'

export type VolumeShape = readonly [number, number, number]

/** An axial slice as rows from the top of the picture: element row·width + column. */
export interface Slice {
  readonly width: number
  readonly height: number
  readonly values: Float64Array
}

/** How an axial slice lies in the picture. */
export interface Orientation {
  readonly mirror: { readonly x: boolean; readonly y: boolean }
  /** Millimetres per pixel, or 1. */
  readonly scale: { readonly x: number; readonly y: number }
}

/**
 * Radiological convention: the patient's right on the left of the picture, anterior at the top. In RAS+ world x grows to
 * the patient's right and y to anterior, so both axes are mirrored where the affine's diagonal is positive. `affine` is voxel → mm,
 * row-major 4×4; without it voxels are square and shown as stored.
 */
export function orientation(affine: ArrayLike<number> | undefined): Orientation {
  if (affine === undefined) return { mirror: { x: false, y: false }, scale: { x: 1, y: 1 } }
  const entry = (row: number, column: number) => affine[4 * row + column] ?? 0
  const spacing = (column: number) => Math.hypot(entry(0, column), entry(1, column), entry(2, column)) || 1
  return { mirror: { x: entry(0, 0) > 0, y: entry(1, 1) > 0 }, scale: { x: spacing(0), y: spacing(1) } }
}

/** Throws ShapeError where a volume does not have one value per voxel. */
export function checkVolume(where: string, data: ArrayLike<number>, shape: Shape): void {
  if (data.length !== sizeOf(shape)) {
    throw new ShapeError(where, `${sizeOf(shape)} voxels of shape ${show(shape)}`, String(data.length))
  }
}

/** The index z of the axial slice with most reference voxels, the lowest such; the middle one where there is none. */
export function largestSlice(reference: ArrayLike<number>, [, , depth]: VolumeShape): number {
  const areas = new Float64Array(depth)
  for (let voxel = 0; voxel < reference.length; voxel++) {
    const z = voxel % depth
    areas[z] = (areas[z] ?? 0) + (reference[voxel] ?? 0)
  }
  const largest = areas.reduce((most, area) => Math.max(most, area), 0)
  return largest === 0 ? Math.floor(depth / 2) : areas.indexOf(largest)
}

/**
 * The voxels (x, y, z) of one z as a picture: x runs to the right and y downwards, or the other way where it is mirrored.
 */
export function axialSlice(
  data: ArrayLike<number>,
  [width, height, depth]: VolumeShape,
  z: number,
  mirror: Orientation['mirror'],
): Slice {
  const values = new Float64Array(width * height)
  for (let row = 0; row < height; row++) {
    const y = mirror.y ? height - 1 - row : row
    for (let column = 0; column < width; column++) {
      const x = mirror.x ? width - 1 - column : column
      values[row * width + column] = data[(x * height + y) * depth + z] ?? 0
    }
  }
  return { width, height, values }
}

/**
 * The outline of the non-zero pixels along pixel edges, as the data of an SVG path in units of pixels. It follows the
 * prediction exactly: no smoothing that would hide how coarse the grid is. Empty where no pixel is set.
 *
 * @example outline({ width: 1, height: 1, values: Float64Array.of(1) }) // M0 0h1M0 1h1M0 0v1M1 0v1
 */
export function outline({ width, height, values }: Slice): string {
  const inside = (column: number, row: number) =>
    column >= 0 && column < width && row >= 0 && row < height && values[row * width + column] !== 0
  const segments: string[] = []
  for (let row = 0; row <= height; row++) {
    for (const [start, end] of runsOf(width, (column) => inside(column, row) !== inside(column, row - 1))) {
      segments.push(`M${start} ${row}h${end - start}`)
    }
  }
  for (let column = 0; column <= width; column++) {
    for (const [start, end] of runsOf(height, (row) => inside(column, row) !== inside(column - 1, row))) {
      segments.push(`M${column} ${start}v${end - start}`)
    }
  }
  return segments.join('')
}

/** Maximal intervals [start, end) of the indices below `length` that hold. */
function runsOf(length: number, holds: (index: number) => boolean): [number, number][] {
  const runs: [number, number][] = []
  let start = -1
  for (let index = 0; index <= length; index++) {
    const on = index < length && holds(index)
    if (on && start < 0) start = index
    if (!on && start >= 0) {
      runs.push([start, index])
      start = -1
    }
  }
  return runs
}
