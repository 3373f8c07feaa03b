/** out = √x. */
import type { UnaryKernel } from '../kernels.js'
import { denseArray } from './layout.js'

export const sqrt: UnaryKernel = (input, output) => {
  const x = denseArray(input)
  const out = denseArray(output)
  for (let i = 0; i < out.length; i++) out[i] = Math.sqrt(x[i] as number)
}
