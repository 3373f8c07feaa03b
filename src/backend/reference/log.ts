/** out = ln x. */
import type { UnaryKernel } from '../kernels.js'
import { denseArray } from './layout.js'

export const log: UnaryKernel = (input, output) => {
  const x = denseArray(input)
  const out = denseArray(output)
  for (let i = 0; i < out.length; i++) out[i] = Math.log(x[i] as number)
}
