/** out = ln(1 + x). */
import type { UnaryKernel } from '../kernels.js'
import { denseArray } from './layout.js'

export const log1p: UnaryKernel = (input, output) => {
  const x = denseArray(input)
  const out = denseArray(output)
  for (let i = 0; i < out.length; i++) out[i] = Math.log1p(x[i] as number)
}
