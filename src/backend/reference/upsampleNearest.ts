/**
 * Nearest upsampling by whole factors (fx, fy, fz), reference kernels:
 *
 *   out[b, o, c] = x[b, ⌊o / factors⌋, c]        xGradient[b, i, c] = Σ over the block of i of outGradient[b, o, c]
 *
 * Either may stand in a wider tensor: `outChannels` numbers a voxel, of which ours begin at `firstChannel`. That is how
 * upsampleConcat writes its second half without a temporary.
 */
import type { FloatArray, UpsampleGeometry } from '../geometry.js'

/** x (B, X, Y, Z, C) → channels firstChannel … firstChannel + C − 1 of out (B, X·fx, Y·fy, Z·fz, outChannels). */
export function upsampleNearest(
  x: FloatArray,
  out: FloatArray,
  g: UpsampleGeometry,
  outChannels = g.channels,
  firstChannel = 0,
): void {
  const [fx, fy, fz] = g.factors
  const [, sizeY, sizeZ] = g.input
  const planes = g.batch * g.input[0] * fx
  const channels = g.channels
  let to = firstChannel
  // The batch is walked as part of x: sample b's planes follow those of sample b − 1 in both tensors.
  for (let i = 0; i < planes; i++) {
    for (let j = 0; j < sizeY * fy; j++) {
      let from = (Math.floor(i / fx) * sizeY + Math.floor(j / fy)) * sizeZ * channels
      for (let k = 0; k < sizeZ; k++) {
        for (let repeat = 0; repeat < fz; repeat++) {
          for (let c = 0; c < channels; c++) out[to + c] = x[from + c] as number
          to += outChannels
        }
        from += channels
      }
    }
  }
}

/** The vjp: all of xGradient (B, X, Y, Z, C) from those channels of outGradient; blocks are summed in C order, in float64. */
export function upsampleNearestGradient(
  outGradient: FloatArray,
  xGradient: FloatArray,
  g: UpsampleGeometry,
  outChannels = g.channels,
  firstChannel = 0,
): void {
  const [, sizeY, sizeZ] = g.input
  const [fx, fy, fz] = g.factors
  const planes = g.batch * g.input[0]
  let to = 0
  for (let i = 0; i < planes; i++) {
    for (let j = 0; j < sizeY; j++) {
      for (let k = 0; k < sizeZ; k++) {
        const from = ((i * fx * sizeY * fy + j * fy) * sizeZ * fz + k * fz) * outChannels + firstChannel
        for (let c = 0; c < g.channels; c++) xGradient[to++] = blockSum(outGradient, from + c, g, outChannels)
      }
    }
  }
}

function blockSum(values: FloatArray, first: number, g: UpsampleGeometry, stride: number): number {
  const [fx, fy, fz] = g.factors
  const rowStride = g.input[2] * fz * stride
  const planeStride = g.input[1] * fy * rowStride
  let sum = 0
  for (let i = 0; i < fx; i++) {
    for (let j = 0; j < fy; j++) {
      let at = first + i * planeStride + j * rowStride
      for (let k = 0; k < fz; k++) {
        sum += values[at] as number
        at += stride
      }
    }
  }
  return sum
}
