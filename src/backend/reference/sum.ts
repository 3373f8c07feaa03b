/** Σ x over axes, accumulated in float64 in memory order. */
import type { ReduceKernel } from '../kernels.js'
import { denseArray } from './layout.js'
import { forEachReduceRun } from './reduce.js'

export const sum: ReduceKernel = (input, axes, output) => {
  const x = denseArray(input)
  const totals = new Float64Array(output.size)
  forEachReduceRun(input, axes, (start, count, target, spread) => {
    if (spread) {
      for (let i = 0; i < count; i++) totals[target + i] = (totals[target + i] as number) + (x[start + i] as number)
    } else {
      let total = totals[target] as number
      for (let i = start; i < start + count; i++) total += x[i] as number
      totals[target] = total
    }
  })
  denseArray(output).set(totals)
}
