/**
 * Σ (x − mean)² / (n − ddof) over axes, around the mean in a second pass: Σ x² − n·mean² would lose the digits that matter in
 * an image with a large offset. With n ≤ ddof the divisor is 0 and the result NaN (or ∞), as in NumPy.
 */
import { checkNumber, checkOptions, checkTensor } from '../tensor/arguments.js'
import { scope } from '../tensor/scope.js'
import { at, normalizeAxes, sizeOf } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { div } from './div.js'
import { checkFloat } from './elementwise.js'
import { mean } from './mean.js'
import { square } from './square.js'
import { sub } from './sub.js'
import { type ReduceOptions, sum } from './sum.js'

export interface VarianceOptions extends ReduceOptions {
  /** Delta degrees of freedom: what is taken from n in the divisor. 0 (default) population, 1 unbiased. */
  readonly ddof?: number
}

/** Variance over `axes` (all by default) of a float tensor. */
export function variance(x: Tensor, axes?: number | readonly number[], options: VarianceOptions = {}): Tensor {
  checkTensor('variance', x)
  checkOptions('variance', options)
  checkFloat('variance', x)
  const { ddof = 0 } = options
  checkNumber('variance.ddof', ddof)
  const over = normalizeAxes('variance', axes, x.rank)
  const count = sizeOf(over.map((axis) => at(x.shape, axis)))
  return scope(() => {
    const centered = sub(x, mean(x, over, { keepDims: true }))
    return div(sum(square(centered), over, options), Math.max(0, count - ddof))
  })
}
