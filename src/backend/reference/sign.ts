/** out = −1, 0 or 1 by the sign of x; NaN stays. */
import type { UnaryKernel } from '../kernels.js'
import { denseArray } from './layout.js'

export const sign: UnaryKernel = (input, output) => {
  const x = denseArray(input)
  const out = denseArray(output)
  for (let i = 0; i < out.length; i++) out[i] = Math.sign(x[i] as number)
}
