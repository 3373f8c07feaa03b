/** out = e^x − 1. */
import type { UnaryKernel } from '../kernels.js'
import { denseArray } from './layout.js'

export const expm1: UnaryKernel = (input, output) => {
  const x = denseArray(input)
  const out = denseArray(output)
  for (let i = 0; i < out.length; i++) out[i] = Math.expm1(x[i] as number)
}
