/** out = |x|. */
import type { UnaryKernel } from '../kernels.js'
import { denseArray } from './layout.js'

export const abs: UnaryKernel = (input, output) => {
  const x = denseArray(input)
  const out = denseArray(output)
  for (let i = 0; i < out.length; i++) out[i] = Math.abs(x[i] as number)
}
