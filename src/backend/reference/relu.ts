/** out = max(x, 0); NaN stays NaN. */
import type { UnaryKernel } from '../kernels.js'
import { denseArray } from './layout.js'

export const relu: UnaryKernel = (input, output) => {
  const x = denseArray(input)
  const out = denseArray(output)
  for (let i = 0; i < out.length; i++) out[i] = (x[i] as number) < 0 ? 0 : (x[i] as number)
}
