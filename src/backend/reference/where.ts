/** out = condition ? a : b. */
import type { Kernels } from '../kernels.js'
import { forEachRun } from './layout.js'

export const where: Kernels['where'] = (condition, a, b, out) => {
  forEachRun(a, b, out, (x, xStart, xStep, y, yStart, yStep, z, zStart, count) => {
    for (let i = 0; i < count; i++) z[zStart + i] = y[yStart + i * yStep] as number
  })
  forEachRun(condition, a, out, (c, cStart, cStep, x, xStart, xStep, z, zStart, count) => {
    for (let i = 0; i < count; i++) if (c[cStart + i * cStep] !== 0) z[zStart + i] = x[xStart + i * xStep] as number
  })
}
