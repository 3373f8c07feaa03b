/**
 * The Dice loss of one subset, in numbers and in ops. With D = U + ε and U = Σ y + Σ p (L1) or Σ y² + Σ p² (L2):
 *
 *   s = (2 I + ε) / D      1 − s = (U − 2 I) / D, which does not cancel; with ε apart, + (ε_denominator − ε_numerator) / D
 *   d(1 − s)/dI = −2/D     d(1 − s)/dU = s/D
 */
import type { PerSum } from '../ops/overlapLoss.js'
import { add } from '../ops/add.js'
import { div } from '../ops/div.js'
import { less } from '../ops/less.js'
import { mul } from '../ops/mul.js'
import { sub } from '../ops/sub.js'
import { where as choose } from '../ops/where.js'
import type { Tensor } from '../tensor/tensor.js'
import type { SubsetFormula } from './finish.js'

/** 1/D with room left for a factor: D may be as small as numbers get where ε = 0. */
export const LARGEST = Number.MAX_VALUE / 8

/** The loss 1 − s of one subset, per norm. */
export function diceFormula(norm: 'L1' | 'L2'): SubsetFormula {
  return {
    evaluate(sums, i, { numerator, denominator }, partials) {
      const union = unionOf(norm, sums, i)
      const intersection = sums.intersection[i] ?? 0
      const whole = union + denominator
      const inverse = Math.max(-LARGEST, Math.min(LARGEST, 1 / whole))
      const score = (2 * intersection + numerator) / whole
      partials.intersection[i] = -2 * inverse
      const [forTarget, forPrediction] =
        norm === 'L1' ? [partials.target, partials.prediction] : [partials.targetSquares, partials.predictionSquares]
      if (forTarget !== null) forTarget[i] = score * inverse
      if (forPrediction !== null) forPrediction[i] = score * inverse
      return whole === 0 ? Number.NaN : (union - 2 * intersection + (denominator - numerator)) / whole
    },
    compose(sums, { numerator, denominator }) {
      const union = unionTensor(norm, sums)
      const twice = mul(sums.intersection, 2)
      const overlap = add(twice, numerator)
      const error = add(sub(union, twice), sub(denominator, numerator))
      const whole = add(union, denominator)
      // Equal in value; the derivative of the first cancels where s is small, that of the second where s is near 1.
      return choose(less(error, overlap), div(error, whole), sub(1, div(overlap, whole)))
    },
  }
}

function unionOf(norm: 'L1' | 'L2', sums: PerSum<Float64Array>, i: number): number {
  return norm === 'L1'
    ? (sums.target[i] ?? 0) + (sums.prediction[i] ?? 0)
    : (sums.targetSquares?.[i] ?? 0) + (sums.predictionSquares?.[i] ?? 0)
}

function unionTensor(norm: 'L1' | 'L2', sums: PerSum<Tensor>): Tensor {
  const { targetSquares, predictionSquares } = sums
  if (norm === 'L2' && targetSquares !== null && predictionSquares !== null)
    return add(targetSquares, predictionSquares)
  return add(sums.target, sums.prediction)
}
