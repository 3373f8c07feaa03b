/** out = x in another dtype: integers truncate towards zero and wrap, bool is x ≠ 0. */
import type { UnaryKernel } from '../kernels.js'
import { denseArray } from './layout.js'

export const cast: UnaryKernel = (input, output) => {
  const x = denseArray(input)
  const out = denseArray(output)
  if (output.dtype !== 'bool') out.set(x)
  else for (let i = 0; i < out.length; i++) out[i] = x[i] === 0 ? 0 : 1
}
