/** Scalar fields on a voxel grid in mm: smooth random fields, distances, soft steps. The parts that phantoms are made of. */
import type { Generator } from '../../tensor/random.js'
import { sizeOf } from '../../tensor/shape.js'

export type Triple = readonly [number, number, number]

export interface Grid {
  /** (X, Y, Z) in voxels. */
  readonly shape: Triple
  /** Size of a voxel in mm. */
  readonly spacing: Triple
  readonly voxels: number
  /** Positions of the voxels' centres in mm along each axis; the centre of the field of view is 0. */
  readonly positions: readonly [Float64Array, Float64Array, Float64Array]
}

/** A grid that divides a field of view, in mm, into equal voxels. */
export function makeGrid(shape: Triple, fieldOfView: Triple): Grid {
  const spacing = (axis: 0 | 1 | 2): number => fieldOfView[axis] / shape[axis]
  const centres = (axis: 0 | 1 | 2): Float64Array =>
    Float64Array.from({ length: shape[axis] }, (_, i) => (i + 0.5) * spacing(axis) - fieldOfView[axis] / 2)
  return {
    shape,
    spacing: [spacing(0), spacing(1), spacing(2)],
    voxels: sizeOf(shape),
    positions: [centres(0), centres(1), centres(2)],
  }
}

/** 4×4, row-major: voxel index → mm, with the centre of the field of view at the origin. */
export function gridAffine({ spacing, positions }: Grid): Float64Array {
  const [dx, dy, dz] = spacing
  const [x, y, z] = positions.map((centres) => centres[0] ?? 0)
  return Float64Array.of(dx, 0, 0, x ?? 0, 0, dy, 0, y ?? 0, 0, 0, dz, z ?? 0, 0, 0, 0, 1)
}

/** Evaluates f at every voxel, (X, Y, Z) in C order; positions in mm. */
export function fieldOf(grid: Grid, f: (x: number, y: number, z: number) => number): Float64Array {
  const values = new Float64Array(grid.voxels)
  const [xs, ys, zs] = grid.positions
  let voxel = 0
  for (const x of xs) for (const y of ys) for (const z of zs) values[voxel++] = f(x, y, z)
  return values
}

/** |(x − c) / a|: 1 on the surface of the ellipsoid with centre c and semi-axes a, in mm. */
export function ellipsoidRadius(grid: Grid, c: Triple, a: Triple): Float64Array {
  return fieldOf(grid, (x, y, z) =>
    Math.sqrt(((x - c[0]) / a[0]) ** 2 + ((y - c[1]) / a[1]) ** 2 + ((z - c[2]) / a[2]) ** 2),
  )
}

/** s(t) = 1 / (1 + e^−t). */
export function logistic(t: number): number {
  return 1 / (1 + Math.exp(-t))
}

export function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value))
}

const WAVES = 8

/**
 * F(λ) = √(2/8) Σ_j cos(2π k_j·x + φ_j), j = 1 … 8, with k_j ~ N(0, 1)³ / (λ√3) and φ_j ~ U(0, 2π): a smooth field of mean
 * 0 and variance 1 whose features are about λ mm wide. A wave is split as cos(α + β) with α of (x, y) and β of z.
 */
export function randomField(grid: Grid, random: Generator, wavelength: number): Float64Array {
  const values = new Float64Array(grid.voxels)
  const [xs, ys, zs] = grid.positions
  const amplitude = Math.sqrt(2 / WAVES)
  for (let wave = 0; wave < WAVES; wave++) {
    const scale = (2 * Math.PI) / (wavelength * Math.sqrt(3))
    const [kx, ky, kz] = [random.normal() * scale, random.normal() * scale, random.normal() * scale]
    const phase = 2 * Math.PI * random.uniform()
    const cosines = zs.map((z) => Math.cos(kz * z))
    const sines = zs.map((z) => Math.sin(kz * z))
    let voxel = 0
    for (const x of xs) {
      for (const y of ys) {
        const alpha = kx * x + ky * y + phase
        const cosine = amplitude * Math.cos(alpha)
        const sine = amplitude * Math.sin(alpha)
        for (let z = 0; z < zs.length; z++, voxel++) {
          values[voxel] = (values[voxel] ?? 0) + cosine * (cosines[z] ?? 0) - sine * (sines[z] ?? 0)
        }
      }
    }
  }
  return values
}
