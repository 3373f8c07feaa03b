/** Losses of one subset made of others: a power of one (focal Tversky), and one whose overlap is that of the semimetric. */
import { overlapSumNames } from '../backend/overlap.js'
import { type PerSum, mapSums } from '../ops/overlapLoss.js'
import { less } from '../ops/less.js'
import { maximum } from '../ops/maximum.js'
import { mul } from '../ops/mul.js'
import { pow } from '../ops/pow.js'
import { sub } from '../ops/sub.js'
import { add } from '../ops/add.js'
import { where as choose } from '../ops/where.js'
import type { Tensor } from '../tensor/tensor.js'
import { LARGEST } from './dice-formula.js'
import type { SubsetFormula } from './finish.js'

/** Below this loss its power is the secant through 0, so that the derivative of a perfect subset is finite for exponents below 1. */
const SMALLEST_BASE = 1e-12

/** loss^exponent, exponent > 0; below a loss of 1e-12 linear, and 0 at 0. */
export function powerFormula(formula: SubsetFormula, exponent: number): SubsetFormula {
  const slope = SMALLEST_BASE ** (exponent - 1)
  return {
    evaluate(sums, i, epsilon, partials) {
      const base = formula.evaluate(sums, i, epsilon, partials)
      const isSmall = base < SMALLEST_BASE
      const factor = isSmall ? slope : exponent * base ** (exponent - 1)
      for (const name of overlapSumNames) {
        const each = partials[name]
        if (each !== null) each[i] = Math.max(-LARGEST, Math.min(LARGEST, factor * (each[i] ?? 0)))
      }
      return isSmall ? slope * base : base ** exponent
    },
    compose(sums, epsilon) {
      const base = formula.compose(sums, epsilon)
      return choose(less(base, SMALLEST_BASE), mul(base, slope), pow(maximum(base, SMALLEST_BASE), exponent))
    },
  }
}

/**
 * The same loss with I = (Y + P − Σ |p − y|)/2 = Σ min(p, y) for Σ y·p: equal for binary targets and predictions in [0, 1], and 0 for p = y
 * also where y is soft. Of the Dice loss this is the Dice semimetric loss, of the Jaccard loss the Jaccard metric loss.
 */
export function semimetricFormula(formula: SubsetFormula): SubsetFormula {
  return {
    evaluate(sums, i, epsilon, partials) {
      const one = mapSums((name) => sums[name]?.subarray(i, i + 1) ?? null)
      const found = mapSums((name) => partials[name]?.subarray(i, i + 1) ?? null)
      const loss = formula.evaluate(withMinima(one), 0, epsilon, found)
      minimaToDifference(found)
      return loss
    },
    compose: (sums, epsilon) => formula.compose(composedMinima(sums), epsilon),
  }
}

/** The sums with Σ min(p, y) for I. */
export function withMinima(sums: PerSum<Float64Array>): PerSum<Float64Array> {
  const { target, prediction, difference } = sums
  if (difference === null) return sums
  const intersection = target.map((y, i) => (y + (prediction[i] ?? 0) - (difference[i] ?? 0)) / 2)
  return { ...sums, intersection }
}

/** In place: derivatives in Σ min(p, y), Y and P as derivatives in Y, P and Σ |p − y|. */
export function minimaToDifference({ intersection, target, prediction, difference }: PerSum<Float64Array>): void {
  if (difference === null) return
  intersection.forEach((slope, i) => {
    target[i] = (target[i] ?? 0) + slope / 2
    prediction[i] = (prediction[i] ?? 0) + slope / 2
    difference[i] = -slope / 2
    intersection[i] = 0
  })
}

/** As `withMinima`, of tensors. */
export function composedMinima(sums: PerSum<Tensor>): PerSum<Tensor> {
  const { target, prediction, difference } = sums
  if (difference === null) return sums
  return { ...sums, intersection: mul(sub(add(target, prediction), difference), 0.5) }
}
