/** out[l] = Σ x[i] over labels[i] = l, accumulated in float64 in order of i; labels below 0 are in no segment. */
import type { Kernels } from '../kernels.js'
import { denseArray } from './layout.js'

export const segmentSum: Kernels['segmentSum'] = (input, labels, output) => {
  const x = denseArray(input)
  const segments = denseArray(labels)
  const totals = new Float64Array(output.size)
  for (let i = 0; i < x.length; i++) {
    const segment = segments[i] as number
    if (segment >= 0) totals[segment] = (totals[segment] as number) + (x[i] as number)
  }
  denseArray(output).set(totals)
}
