/**
 * Instance normalisation, affine map and leaky ReLU in one pass, and the vjp in two; reference kernels. For every sample b
 * and channel c, over the N positions n of the volume:
 *
 *   mean = Σ x / N      variance = Σ (x − mean)² / N      inverse = 1 / √(variance + epsilon)
 *   x̂ = (x − mean)·inverse      z = gamma[c]·x̂ + beta[c]      out = z > 0 ? z : slope·z
 *
 * The variance is taken around the mean in a second pass, all in float64: Σx² − N·mean² would lose the digits that matter in
 * an image with a large offset. At z = 0 the derivative is `slope`. slope = 1 leaves the activation out, slope = 0 is ReLU.
 * With the batch counted among the positions (batch 1, B·N positions) the same kernels are batch normalisation.
 */
import type { FloatArray, NormGeometry } from '../geometry.js'
import { DoubleScratch } from './scratch.js'

const totalScratch = new DoubleScratch()
const sumScratch = new DoubleScratch()

/** x (B, N, C), gamma and beta (C) → out (B, N, C), mean and inverse (B, C), all of them written. */
export function normActivation(
  x: FloatArray,
  gamma: FloatArray,
  beta: FloatArray,
  out: FloatArray,
  mean: Float64Array,
  inverse: Float64Array,
  epsilon: number,
  slope: number,
  g: NormGeometry,
): void {
  const { positions, channels } = g
  for (let b = 0; b < g.batch; b++) {
    const start = b * positions * channels
    const end = start + positions * channels
    const row = b * channels
    placeStatistics(x, start, end, mean, inverse, row, epsilon, g)
    for (let at = start; at < end; at += channels) {
      for (let c = 0; c < channels; c++) {
        const normal = ((x[at + c] as number) - (mean[row + c] as number)) * (inverse[row + c] as number)
        const z = (gamma[c] as number) * normal + (beta[c] as number)
        out[at + c] = z > 0 ? z : slope * z
      }
    }
  }
}

/** mean[row + c] and inverse[row + c] of the sample that lies in start … end − 1. */
function placeStatistics(
  x: FloatArray,
  start: number,
  end: number,
  mean: Float64Array,
  inverse: Float64Array,
  row: number,
  epsilon: number,
  { positions, channels }: NormGeometry,
): void {
  mean.fill(0, row, row + channels)
  for (let at = start; at < end; at += channels) {
    for (let c = 0; c < channels; c++) mean[row + c] = (mean[row + c] as number) + (x[at + c] as number)
  }
  for (let c = 0; c < channels; c++) mean[row + c] = (mean[row + c] as number) / positions
  inverse.fill(0, row, row + channels)
  for (let at = start; at < end; at += channels) {
    for (let c = 0; c < channels; c++) {
      const centred = (x[at + c] as number) - (mean[row + c] as number)
      inverse[row + c] = (inverse[row + c] as number) + centred * centred
    }
  }
  for (let c = 0; c < channels; c++) {
    inverse[row + c] = 1 / Math.sqrt((inverse[row + c] as number) / positions + epsilon)
  }
}

/**
 * The vjp. With d = outGradient·(z > 0 ? 1 : slope), per sample and channel:
 *
 *   betaGradient = Σ_b Σ_n d      gammaGradient = Σ_b Σ_n d·x̂
 *   xGradient = gamma·inverse·(d − Σ_n d / N − x̂·Σ_n d·x̂ / N)
 *
 * x, outGradient → xGradient (B, N, C), gammaGradient and betaGradient (C), all of them written; mean and inverse (B, C) as
 * normActivation left them.
 */
export function normActivationGradient(
  x: FloatArray,
  gamma: FloatArray,
  beta: FloatArray,
  mean: Float64Array,
  inverse: Float64Array,
  outGradient: FloatArray,
  xGradient: FloatArray,
  gammaGradient: FloatArray,
  betaGradient: FloatArray,
  slope: number,
  g: NormGeometry,
): void {
  const { positions, channels } = g
  // Rows of `totals`: Σ d and Σ d·x̂ over the batch; rows of `sums`: the same of one sample.
  const totals = totalScratch.take(2 * channels)
  const sums = sumScratch.take(2 * channels)
  totals.fill(0)
  for (let b = 0; b < g.batch; b++) {
    const start = b * positions * channels
    const end = start + positions * channels
    const row = b * channels
    sums.fill(0)
    for (let at = start; at < end; at += channels) {
      for (let c = 0; c < channels; c++) {
        const normal = ((x[at + c] as number) - (mean[row + c] as number)) * (inverse[row + c] as number)
        const z = (gamma[c] as number) * normal + (beta[c] as number)
        const d = z > 0 ? (outGradient[at + c] as number) : slope * (outGradient[at + c] as number)
        sums[c] = (sums[c] as number) + d
        sums[channels + c] = (sums[channels + c] as number) + d * normal
      }
    }
    for (let at = start; at < end; at += channels) {
      for (let c = 0; c < channels; c++) {
        const scale = inverse[row + c] as number
        const normal = ((x[at + c] as number) - (mean[row + c] as number)) * scale
        const z = (gamma[c] as number) * normal + (beta[c] as number)
        const d = z > 0 ? (outGradient[at + c] as number) : slope * (outGradient[at + c] as number)
        const centred = d - ((sums[c] as number) + normal * (sums[channels + c] as number)) / positions
        xGradient[at + c] = (gamma[c] as number) * scale * centred
      }
    }
    for (let c = 0; c < 2 * channels; c++) totals[c] = (totals[c] as number) + (sums[c] as number)
  }
  for (let c = 0; c < channels; c++) {
    betaGradient[c] = totals[c] as number
    gammaGradient[c] = totals[channels + c] as number
  }
}
