/**
 * Non-overlapping max pooling over windows (wx, wy, wz), reference kernels:
 *
 *   out[b, o, c] = max over t in the window of x[b, o·window + t, c]
 *
 * Ties: the first of equal maxima in C order has the derivative, so that the gradient is that of one element and its sum is
 * kept. NaN counts as the largest value, as in NumPy. Voxels beyond the last whole window are not read; their gradient is 0.
 */
import type { FloatArray, Pool3dGeometry, Triple } from '../geometry.js'

/** ⌊input / window⌋ along each axis. */
export function pooledSize({ input, window }: Pool3dGeometry): Triple {
  return [Math.floor(input[0] / window[0]), Math.floor(input[1] / window[1]), Math.floor(input[2] / window[2])]
}

/** Index in x of the largest element of the window that begins at index `first`. */
function maximumIndex(x: FloatArray, first: number, g: Pool3dGeometry): number {
  const [windowX, windowY, windowZ] = g.window
  const rowStride = g.input[2] * g.channels
  const planeStride = g.input[1] * rowStride
  let best = x[first] as number
  let index = first
  for (let i = 0; i < windowX; i++) {
    for (let j = 0; j < windowY; j++) {
      let at = first + i * planeStride + j * rowStride
      for (let k = 0; k < windowZ; k++) {
        const value = x[at] as number
        if (value > best || (Number.isNaN(value) && !Number.isNaN(best))) {
          best = value
          index = at
        }
        at += g.channels
      }
    }
  }
  return index
}

/** Calls visit(o, i): the maximum of the window of output element o is element i of x; o ascends. */
function forEachMaximum(x: FloatArray, g: Pool3dGeometry, visit: (o: number, i: number) => void): void {
  const [sizeX, sizeY, sizeZ] = pooledSize(g)
  let o = 0
  for (let b = 0; b < g.batch; b++) {
    for (let i = 0; i < sizeX; i++) {
      for (let j = 0; j < sizeY; j++) {
        for (let k = 0; k < sizeZ; k++) {
          const plane = b * g.input[0] + i * g.window[0]
          const voxel = (plane * g.input[1] + j * g.window[1]) * g.input[2] + k * g.window[2]
          for (let c = 0; c < g.channels; c++) visit(o++, maximumIndex(x, voxel * g.channels + c, g))
        }
      }
    }
  }
}

/** x (B, X, Y, Z, C) → out (B, X', Y', Z', C), all of it written. */
export function maxPool3d(x: FloatArray, out: FloatArray, g: Pool3dGeometry): void {
  forEachMaximum(x, g, (o, i) => {
    out[o] = x[i] as number
  })
}

/** x (B, X, Y, Z, C) → indices (B, X', Y', Z', C): where in x, counted in C order over the whole batch, each maximum stands. */
export function maxPool3dIndices(x: FloatArray, indices: Int32Array, g: Pool3dGeometry): void {
  forEachMaximum(x, g, (o, i) => {
    indices[o] = i
  })
}

/**
 * The vjp: xGradient (B, X, Y, Z, C) is outGradient (B, X', Y', Z', C) where the maxima of x stand and 0 elsewhere. The
 * maxima are found again, so that nothing but x need be kept.
 */
export function maxPool3dGradient(
  x: FloatArray,
  outGradient: FloatArray,
  xGradient: FloatArray,
  g: Pool3dGeometry,
): void {
  xGradient.fill(0)
  forEachMaximum(x, g, (o, i) => {
    xGradient[i] = outGradient[o] as number
  })
}
