/** out = the nearest integer; halves go to the even one. */
import type { UnaryKernel } from '../kernels.js'
import { denseArray } from './layout.js'

export const round: UnaryKernel = (input, output) => {
  const x = denseArray(input)
  const out = denseArray(output)
  for (let i = 0; i < out.length; i++) {
    const value = x[i] as number
    const isHalf = Math.abs(value - Math.trunc(value)) === 0.5
    out[i] = isHalf ? 2 * Math.round(value / 2) : Math.round(value)
  }
}
