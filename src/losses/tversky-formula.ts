/**
 * The Tversky loss of one subset, in numbers and in ops. With FP = P − I and FN = Y − I, ε halved as in the Dice loss's own
 * reading as Tversky index:
 *
 *   T = (I + ε/2) / (I + α FP + β FN + ε/2) = N / W      N = 2 I + ε      W = 2 I + 2 α FP + 2 β FN + ε
 *   1 − T = (W − N) / W, which does not cancel
 *   d(1 − T)/dI = −2 (1 − (1 − α − β) T) / W      d/dP = 2 α T / W      d/dY = 2 β T / W
 *
 * α = β = ½ is the Dice loss with the same ε, α = β = 1 the Jaccard loss.
 */
import { add } from '../ops/add.js'
import { div } from '../ops/div.js'
import { less } from '../ops/less.js'
import { mul } from '../ops/mul.js'
import { sub } from '../ops/sub.js'
import { where as choose } from '../ops/where.js'
import type { SubsetFormula } from './finish.js'
import { LARGEST } from './dice-formula.js'

/** `alpha` weighs false positives, `beta` false negatives. With L2, P and Y are Σ p² and Σ y². */
export function tverskyFormula(alpha: number, beta: number, norm: 'L1' | 'L2'): SubsetFormula {
  const [forTarget, forPrediction] =
    norm === 'L1' ? (['target', 'prediction'] as const) : (['targetSquares', 'predictionSquares'] as const)
  return {
    evaluate(sums, i, { numerator, denominator }, partials) {
      const of = (values: Float64Array | null): number => values?.[i] ?? 0
      const intersection = sums.intersection[i] ?? 0
      const falsePositives = of(sums[forPrediction]) - intersection
      const falseNegatives = of(sums[forTarget]) - intersection
      const error = 2 * (alpha * falsePositives + beta * falseNegatives)
      const overlap = 2 * intersection + numerator
      const whole = 2 * intersection + error + denominator
      const inverse = Math.max(-LARGEST, Math.min(LARGEST, 1 / whole))
      const score = overlap / whole
      partials.intersection[i] = -2 * (1 - (1 - alpha - beta) * score) * inverse
      const [targetPartials, predictionPartials] = [partials[forTarget], partials[forPrediction]]
      if (targetPartials !== null) targetPartials[i] = 2 * beta * score * inverse
      if (predictionPartials !== null) predictionPartials[i] = 2 * alpha * score * inverse
      return whole === 0 ? Number.NaN : (error + (denominator - numerator)) / whole
    },
    compose(sums, { numerator, denominator }) {
      const { intersection } = sums
      const [y, p] = [sums[forTarget] ?? sums.target, sums[forPrediction] ?? sums.prediction]
      const error = add(mul(sub(p, intersection), 2 * alpha), mul(sub(y, intersection), 2 * beta))
      const twice = mul(intersection, 2)
      const overlap = add(twice, numerator)
      const whole = add(add(twice, error), denominator)
      const difference = add(error, sub(denominator, numerator))
      // Equal in value; each is the one whose derivative does not cancel.
      return choose(less(difference, overlap), div(difference, whole), sub(1, div(overlap, whole)))
    },
  }
}

/** The Jaccard loss of one subset, 1 − (I + ε/2) / (U − I + ε/2). */
export function jaccardFormula(norm: 'L1' | 'L2'): SubsetFormula {
  return tverskyFormula(1, 1, norm)
}
