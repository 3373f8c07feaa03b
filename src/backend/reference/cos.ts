/** out = cos x. */
import type { UnaryKernel } from '../kernels.js'
import { denseArray } from './layout.js'

export const cos: UnaryKernel = (input, output) => {
  const x = denseArray(input)
  const out = denseArray(output)
  for (let i = 0; i < out.length; i++) out[i] = Math.cos(x[i] as number)
}
