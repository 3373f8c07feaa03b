/** out = 1 / (1 + e^−x), without overflow: the exponential is always of a number ≤ 0. */
import type { UnaryKernel } from '../kernels.js'
import { denseArray } from './layout.js'

export const sigmoid: UnaryKernel = (input, output) => {
  const x = denseArray(input)
  const out = denseArray(output)
  for (let i = 0; i < out.length; i++) {
    const value = x[i] as number
    const e = Math.exp(-Math.abs(value))
    out[i] = value < 0 ? e / (1 + e) : 1 / (1 + e)
  }
}
