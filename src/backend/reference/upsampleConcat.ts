/**
 * out = concat([skip, upsampleNearest(x)], channels) in one pass, and its vjp; reference kernels. The decoder of a U-Net
 * does this at every level, and the upsampled volume would be its largest temporary.
 */
import { type FloatArray, type UpsampleGeometry, volume } from '../geometry.js'
import { upsampleNearest, upsampleNearestGradient } from './upsampleNearest.js'

/** Voxels of the batch after upsampling. */
function voxels(g: UpsampleGeometry): number {
  return g.batch * volume(g.input) * volume(g.factors)
}

/** skip (B, X·fx, Y·fy, Z·fz, skipChannels), x (B, X, Y, Z, C) → out (B, X·fx, Y·fy, Z·fz, skipChannels + C). */
export function upsampleConcat(
  skip: FloatArray,
  x: FloatArray,
  out: FloatArray,
  g: UpsampleGeometry,
  skipChannels: number,
): void {
  const outChannels = skipChannels + g.channels
  const count = voxels(g)
  for (let v = 0; v < count; v++) {
    for (let c = 0; c < skipChannels; c++) out[v * outChannels + c] = skip[v * skipChannels + c] as number
  }
  upsampleNearest(x, out, g, outChannels, skipChannels)
}

/** outGradient (of out's shape) → skipGradient and xGradient, all of both written. */
export function upsampleConcatGradient(
  outGradient: FloatArray,
  skipGradient: FloatArray,
  xGradient: FloatArray,
  g: UpsampleGeometry,
  skipChannels: number,
): void {
  const outChannels = skipChannels + g.channels
  const count = voxels(g)
  for (let v = 0; v < count; v++) {
    for (let c = 0; c < skipChannels; c++)
      skipGradient[v * skipChannels + c] = outGradient[v * outChannels + c] as number
  }
  upsampleNearestGradient(outGradient, xGradient, g, outChannels, skipChannels)
}
