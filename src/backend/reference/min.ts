/** The smallest element over axes; NaN wins. */
import type { ReduceKernel } from '../kernels.js'
import { denseArray } from './layout.js'
import { forEachReduceRun } from './reduce.js'

export const min: ReduceKernel = (input, axes, output) => {
  const x = denseArray(input)
  const smallest = new Float64Array(output.size).fill(Infinity)
  forEachReduceRun(input, axes, (start, count, target, spread) => {
    for (let i = 0; i < count; i++) {
      const to = spread ? target + i : target
      smallest[to] = Math.min(smallest[to] as number, x[start + i] as number)
    }
  })
  denseArray(output).set(smallest)
}
