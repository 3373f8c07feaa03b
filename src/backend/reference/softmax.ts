/** softmax along the last axis: e^(x − m) / Σ e^(x − m) with m = max x, so that nothing overflows. */
import { at } from '../../tensor/shape.js'
import type { UnaryKernel } from '../kernels.js'
import { denseArray } from './layout.js'

export const softmax: UnaryKernel = (input, output) => {
  const x = denseArray(input)
  const out = denseArray(output)
  const classes = at(input.shape, input.rank - 1)
  for (let start = 0; start < x.length; start += classes) {
    let largest = -Infinity
    for (let c = start; c < start + classes; c++) largest = Math.max(largest, x[c] as number)
    let total = 0
    for (let c = start; c < start + classes; c++) {
      const e = Math.exp((x[c] as number) - largest)
      out[c] = e
      total += e
    }
    for (let c = start; c < start + classes; c++) out[c] = (out[c] as number) / total
  }
}
