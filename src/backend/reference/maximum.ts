/** out = max(a, b); NaN wins, elementwise. */
import type { BinaryKernel } from '../kernels.js'
import { forEachRun } from './layout.js'

export const maximum: BinaryKernel = (a, b, out) => {
  forEachRun(a, b, out, (x, xStart, xStep, y, yStart, yStep, z, zStart, count) => {
    for (let i = 0; i < count; i++)
      z[zStart + i] = Math.max(x[xStart + i * xStep] as number, y[yStart + i * yStep] as number)
  })
}
