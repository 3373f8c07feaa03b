/**
 * From sums per class to the generalized Dice loss: the sums are weighted, added up per subset of Φ and handed to the formula of
 * the Dice loss; the derivative goes the same way back, and through the weights to the target. No voxels.
 */
import { type OverlapLossParams, type PerSum, mapSums } from '../ops/overlapLoss.js'
import { overlapSumNames } from '../backend/overlap.js'
import { add } from '../ops/add.js'
import { mul } from '../ops/mul.js'
import { segmentSum } from '../ops/segmentSum.js'
import { sum } from '../ops/sum.js'
import { tensor } from '../tensor/create.js'
import { composedMinima, minimaToDifference, withMinima } from './derived-formula.js'
import { diceFormula } from './dice-formula.js'
import { type Plan, type Policies, evaluate, plan } from './finish.js'
import { type WeightRule, type Weights, composeWeights, weightsOf } from './generalized-dice-weights.js'

export interface GroupLoss {
  readonly where: string
  readonly rule: WeightRule
  readonly policies: Policies
  /** Class of each subset of Φ. */
  readonly classes: Int32Array
  /** The subset of Φ that each fine subset (one class of it) lies in. */
  readonly groupOf: Int32Array
  /** Factor on the weight of each fine subset. */
  readonly factors: Float64Array
  readonly norm: 'L1' | 'L2'
  readonly reduction: 'mean' | 'none'
  /** ε stands beside the weighted sums as it is; else it is scaled with the mean weight. */
  readonly absoluteEpsilon: boolean
}

/** The two halves of the fused op for the generalized Dice loss. */
export function groupFinisher(its: GroupLoss): Pick<OverlapLossParams, 'finish' | 'compose'> {
  const { where, norm, reduction, groupOf, factors } = its
  const groups = its.classes.length
  const formula = diceFormula(norm)
  return {
    finish(given, counts) {
      const sums = withMinima(given)
      const { weights, planned, scales } = prepare(its, sums.target, counts)
      const total = weights.values.map((weight, i) => weight * (factors[i] ?? 1))
      const grouped = mapSums((name) => addUp(sums[name], total, groupOf, groups))
      const found = evaluate(where, formula, grouped, scaledPlan(planned, scales), reduction)
      const partials = mapSums((name) => {
        const slopes = found.gradient[name]
        return slopes === null ? null : total.map((weight, i) => weight * (slopes[groupOf[i] ?? 0] ?? 0))
      })
      const slopes = weightSlopes(its, sums, found.gradient, weights, epsilonSlopes(its, planned, found))
      slopes.forEach((slope, i) => {
        const source = weights.source[i] ?? 0
        partials.target[source] = (partials.target[source] ?? 0) + slope * (weights.slopes[i] ?? 0)
      })
      minimaToDifference(partials)
      return { values: reduction === 'mean' ? [found.loss] : found.losses, partials }
    },
    compose(given, counts) {
      const sums = composedMinima(given)
      const { fine, weights: numbers, planned, scales } = prepare(its, sums.target.data(), counts)
      const { weights, means } = composeWeights(its.rule, sums.target, numbers, fine)
      const total = mul(weights, tensor(factors))
      const labels = tensor(groupOf)
      const grouped = mapSums((name) => {
        const values = sums[name]
        return values === null ? null : segmentSum(mul(values, total), labels, groups)
      })
      const scale = its.absoluteEpsilon ? tensor(scales) : means
      // Subsets that do not count get a denominator that is not 0.
      const idle = tensor(planned.weights.map((weight) => (weight === 0 ? 1 : 0)))
      const [numerator, denominator] = [planned.numerator, planned.denominator].map((epsilon) =>
        add(mul(tensor(epsilon), scale), idle),
      )
      const losses = formula.compose(grouped, { numerator: numerator ?? idle, denominator: denominator ?? idle })
      const factor = reduction === 'mean' && planned.size > 0 ? 1 / planned.size : 1
      const weighted = mul(losses, tensor(planned.weights.map((weight) => weight * factor)))
      return reduction === 'mean' ? sum(weighted) : weighted
    },
  }
}

/** Weights, and the plan for the subsets of Φ; one whose classes all have weight 0 counts as perfect. */
function prepare(
  { rule, policies, classes, groupOf, absoluteEpsilon }: GroupLoss,
  volumes: Float64Array | ArrayLike<number>,
  counts: Float64Array,
) {
  const groups = classes.length
  const fine = { volumes, counts, groupOf, groups }
  const weights = weightsOf(rule, fine, absoluteEpsilon ? 'zero' : 'same')
  const ones = new Float64Array(groupOf.length).fill(1)
  const [groupVolumes, groupCounts] = [Float64Array.from(volumes), counts].map((values) =>
    addUp(values, ones, groupOf, groups),
  )
  const planned = plan(policies, classes, groupVolumes ?? ones, groupCounts ?? ones)
  const isCounted = (group: number): boolean => absoluteEpsilon || (weights.parts[group] ?? 0) > 0
  const kept = planned.weights.map((weight, group) => (isCounted(group) ? weight : 0))
  const scales = absoluteEpsilon ? weights.units : weights.means
  return { fine, weights, planned: { ...planned, weights: kept }, scales }
}

function addUp<Values extends Float64Array | null>(
  values: Values,
  factors: Float64Array,
  groupOf: Int32Array,
  groups: number,
): Values extends null ? null : Float64Array
function addUp(
  values: Float64Array | null,
  factors: Float64Array,
  groupOf: Int32Array,
  groups: number,
): Float64Array | null {
  if (values === null) return null
  const totals = new Float64Array(groups)
  groupOf.forEach((group, i) => {
    totals[group] = (totals[group] ?? 0) + (factors[i] ?? 0) * (values[i] ?? 0)
  })
  return totals
}

function scaledPlan(planned: Plan, scales: Float64Array): Plan {
  const scale = (epsilon: Float64Array): Float64Array => epsilon.map((value, group) => value * (scales[group] ?? 1))
  return { ...planned, numerator: scale(planned.numerator), denominator: scale(planned.denominator) }
}

/** dL/dw̄ of each subset of Φ: ((ε_d − ε_n) − (1 − s) ε_d)/D, with 1/D = −½ dL/dI. */
function epsilonSlopes(
  { absoluteEpsilon, classes }: GroupLoss,
  { numerator, denominator, weights }: Plan,
  { gradient, losses }: { readonly gradient: PerSum<Float64Array>; readonly losses: Float64Array },
): Float64Array {
  const slopes = new Float64Array(classes.length)
  if (absoluteEpsilon) return slopes
  return slopes.map((_, group) => {
    const [above = 0, below = 0, weight = 0] = [numerator[group], denominator[group], weights[group]]
    const loss = weight === 0 ? 0 : (losses[group] ?? 0) / weight
    return (-(gradient.intersection[group] ?? 0) / 2) * (below - above - loss * below)
  })
}

/** dL/dw of each fine subset. */
function weightSlopes(
  { groupOf, factors }: GroupLoss,
  sums: PerSum<Float64Array>,
  gradient: PerSum<Float64Array>,
  { values, parts }: Weights,
  scaleSlopes: Float64Array,
): Float64Array {
  return values.map((weight, i) => {
    const group = groupOf[i] ?? 0
    let slope = 0
    for (const name of overlapSumNames) slope += (gradient[name]?.[group] ?? 0) * (sums[name]?.[i] ?? 0)
    const share = weight > 0 ? 1 / (parts[group] ?? 1) : 0
    return slope * (factors[i] ?? 1) + share * (scaleSlopes[group] ?? 0)
  })
}
