/** out[i] = x[labels[i]], and 0 where labels[i] < 0: the transpose of segmentSum. */
import type { Kernels } from '../kernels.js'
import { denseArray } from './layout.js'

export const segmentExpand: Kernels['segmentExpand'] = (input, labels, output) => {
  const x = denseArray(input)
  const segments = denseArray(labels)
  const out = denseArray(output)
  for (let i = 0; i < out.length; i++) {
    const segment = segments[i] as number
    out[i] = segment < 0 ? 0 : (x[segment] as number)
  }
}
