/** out = x where x > 0, slope · x elsewhere. */
import type { Kernels } from '../kernels.js'
import { denseArray } from './layout.js'

export const leakyRelu: Kernels['leakyRelu'] = (input, slope, output) => {
  const x = denseArray(input)
  const out = denseArray(output)
  for (let i = 0; i < out.length; i++) {
    const value = x[i] as number
    out[i] = value > 0 ? value : slope * value
  }
}
