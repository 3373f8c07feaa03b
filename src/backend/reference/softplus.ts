/** out = ln(1 + e^x) = max(x, 0) + ln(1 + e^−|x|), which neither overflows nor cancels. */
import type { UnaryKernel } from '../kernels.js'
import { denseArray } from './layout.js'

export const softplus: UnaryKernel = (input, output) => {
  const x = denseArray(input)
  const out = denseArray(output)
  for (let i = 0; i < out.length; i++) {
    const value = x[i] as number
    out[i] = Math.max(value, 0) + Math.log1p(Math.exp(-Math.abs(value)))
  }
}
