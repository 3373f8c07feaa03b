/** out = tanh x. */
import type { UnaryKernel } from '../kernels.js'
import { denseArray } from './layout.js'

export const tanh: UnaryKernel = (input, output) => {
  const x = denseArray(input)
  const out = denseArray(output)
  for (let i = 0; i < out.length; i++) out[i] = Math.tanh(x[i] as number)
}
