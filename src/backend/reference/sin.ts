/** out = sin x. */
import type { UnaryKernel } from '../kernels.js'
import { denseArray } from './layout.js'

export const sin: UnaryKernel = (input, output) => {
  const x = denseArray(input)
  const out = denseArray(output)
  for (let i = 0; i < out.length; i++) out[i] = Math.sin(x[i] as number)
}
