/** out = ⌊x⌋. */
import type { UnaryKernel } from '../kernels.js'
import { denseArray } from './layout.js'

export const floor: UnaryKernel = (input, output) => {
  const x = denseArray(input)
  const out = denseArray(output)
  for (let i = 0; i < out.length; i++) out[i] = Math.floor(x[i] as number)
}
