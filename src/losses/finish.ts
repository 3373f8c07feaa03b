/**
 * From the sums of each subset to the loss and its derivative in the sums: |Φ| numbers, no voxels. The policies for empty and
 * missing subsets and the weights stand here once, for every overlap loss; what a loss adds is a SubsetFormula.
 */
import { overlapSumNames } from '../backend/overlap.js'
import { type OverlapLossParams, type PerSum, mapSums } from '../ops/overlapLoss.js'
import { mul } from '../ops/mul.js'
import { sum } from '../ops/sum.js'
import { tensor } from '../tensor/create.js'
import { NumericalError } from '../tensor/errors.js'
import type { Shape } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import {
  type OverlapOptions,
  type SubsetClasses,
  type SubsetEpsilon,
  checkClassWeights,
  presentSubsets,
  resolveEpsilon,
} from './options.js'
import { SEVERAL_CLASSES, type VolumeRule } from './subsets.js'

/** The loss of one subset as a function of its sums: in numbers, with its partial derivatives, and in public ops. */
export interface SubsetFormula {
  /**
   * The loss of subset `index`; writes d loss / d sum to `partials` at `index`. NaN where it is undefined (0/0), and only there.
   */
  evaluate(
    sums: PerSum<Float64Array>,
    index: number,
    epsilon: { readonly numerator: number; readonly denominator: number },
    partials: PerSum<Float64Array>,
  ): number
  /** (|Φ|) float64 tensors → the losses (|Φ|). */
  compose(sums: PerSum<Tensor>, epsilon: { readonly numerator: Tensor; readonly denominator: Tensor }): Tensor
}

/** The options of `finish`, of which the sums' own must be those that made them. */
export type FinishSettings = Pick<
  OverlapOptions,
  'epsilon' | 'epsilonEmpty' | 'emptySubsets' | 'present' | 'classWeights' | 'reduction'
>

/** The options that concern subsets, checked, and copied where a caller could change them or dispose of them. */
export interface Policies {
  readonly emptySubsets: 'keep' | 'perfect' | 'drop'
  readonly epsilon: SubsetEpsilon
  readonly epsilonEmpty: SubsetEpsilon
  readonly present: Uint8Array | null
  readonly classWeights: Float64Array | null
  readonly keeps: VolumeRule | null
}

/** @throws ConfigError or ShapeError for what does not fit these subsets. */
export function policiesOf(where: string, options: FinishSettings, subsets: SubsetClasses): Policies {
  const epsilon = resolveEpsilon(where, 'epsilon', options.epsilon, subsets)
  const { emptySubsets = 'keep', epsilonEmpty } = options
  return {
    emptySubsets,
    epsilon,
    epsilonEmpty: epsilonEmpty === undefined ? epsilon : resolveEpsilon(where, 'epsilonEmpty', epsilonEmpty, subsets),
    present: presentSubsets(where, options.present, subsets.classes.length),
    classWeights: checkClassWeights(where, options.classWeights, subsets.channels),
    keeps: subsets.keeps ?? null,
  }
}

/** What is known of each subset before its loss is worked out. */
export interface Plan {
  /** Factor on the subset's loss; 0 for one that left |Φ| or counts as perfect. */
  readonly weights: Float64Array
  /** 1 where the subset is in |Φ|. */
  readonly counted: Uint8Array
  readonly numerator: Float64Array
  readonly denominator: Float64Array
  /** |Φ| after those that left. */
  readonly size: number
}

/** Applies the policies to subsets with these Y and numbers of elements. */
export function plan(
  { emptySubsets, epsilon, epsilonEmpty, present, classWeights, keeps }: Policies,
  classes: Int32Array,
  targetSums: ArrayLike<number>,
  counts: ArrayLike<number>,
): Plan {
  const n = classes.length
  const result = {
    weights: new Float64Array(n),
    counted: new Uint8Array(n),
    numerator: new Float64Array(n).fill(1),
    denominator: new Float64Array(n).fill(1),
  }
  let size = 0
  for (let i = 0; i < n; i++) {
    const isEmpty = targetSums[i] === 0
    if (keeps !== null && !keeps(targetSums[i] ?? 0, counts[i] ?? 0, i)) continue
    if (counts[i] === 0 || present?.[i] === 0 || (isEmpty && emptySubsets === 'drop')) continue
    result.counted[i] = 1
    size += 1
    if (isEmpty && emptySubsets === 'perfect') continue
    const own = isEmpty ? epsilonEmpty : epsilon
    result.numerator[i] = own.numerator(i)
    result.denominator[i] = own.denominator(i)
    const subsetClass = classes[i] ?? SEVERAL_CLASSES
    result.weights[i] = subsetClass === SEVERAL_CLASSES ? 1 : (classWeights?.[subsetClass] ?? 1)
  }
  return { ...result, size }
}

export interface Finished {
  /** Mean over |Φ|; 0 where no subset is left. */
  readonly loss: number
  /** (|Φ|): loss of each subset times its class weight; 0 for those that left |Φ|. */
  readonly losses: Float64Array
  /** (|Φ|): 1 for the subsets that count in the mean. */
  readonly counted: Uint8Array
  /**
   * Derivative of the reduced loss in the sums, (|Φ|) each: of the mean, or of each subset's own loss under reduction 'none'.
   * For an element of subset φ: dL/dp = intersection[φ]·y + prediction[φ] + 2·predictionSquares[φ]·p (times the class
   * weight where φ has several classes), and + difference[φ]·sign(p − y) where Σ |p − y| is among the sums.
   */
  readonly gradient: PerSum<Float64Array>
}

/** Evaluates the formula in every subset that the plan keeps. */
export function evaluate(
  where: string,
  formula: SubsetFormula,
  sums: PerSum<Float64Array>,
  { weights, counted, numerator, denominator, size }: Plan,
  reduction: 'mean' | 'none',
): Finished {
  const n = weights.length
  const gradient = mapSums((name) => (sums[name] === null ? null : new Float64Array(n)))
  const losses = new Float64Array(n)
  let total = 0
  for (let i = 0; i < n; i++) {
    const weight = weights[i] ?? 0
    if (weight === 0) continue
    const epsilon = { numerator: numerator[i] ?? 0, denominator: denominator[i] ?? 0 }
    const loss = formula.evaluate(sums, i, epsilon, gradient)
    if (Number.isNaN(loss)) checkDefined(where, sums, i, epsilon.denominator)
    losses[i] = weight * loss
    total += weight * loss
    const scale = reduction === 'mean' ? weight / size : weight
    for (const name of overlapSumNames) {
      const partial = gradient[name]
      if (partial !== null) partial[i] = scale * (partial[i] ?? 0)
    }
  }
  return { loss: size === 0 ? 0 : total / size, losses, counted, gradient }
}

/** @throws NumericalError for a denominator of 0; sums that are not finite came so from the input, and NaN says so. */
function checkDefined(where: string, sums: PerSum<Float64Array>, i: number, epsilon: number): void {
  const [target = 0, prediction = 0] = [sums.target[i], sums.prediction[i]]
  if (!Number.isFinite(target) || !Number.isFinite(prediction)) return
  throw new NumericalError(
    where,
    "a denominator that is not 0 (ε > 0, or emptySubsets 'perfect' or 'drop', where a subset has neither label nor prediction)",
    `0 in subset ${i} of ${sums.target.length} with ε = ${epsilon}`,
  )
}

/** The two halves of the fused op for a loss with this formula. */
export function finisher(
  where: string,
  formula: SubsetFormula,
  options: FinishSettings,
  subsets: SubsetClasses & { readonly shape: Shape },
): Pick<OverlapLossParams, 'outputShape' | 'finish' | 'compose'> {
  const { reduction = 'mean' } = options
  const policies = policiesOf(where, options, subsets)
  return {
    outputShape: reduction === 'mean' ? [] : subsets.shape,
    finish(sums, counts) {
      const its = plan(policies, subsets.classes, sums.target, counts)
      const { loss, losses, gradient } = evaluate(where, formula, sums, its, reduction)
      return { values: reduction === 'mean' ? [loss] : losses, partials: gradient }
    },
    compose(sums, counts) {
      const its = plan(policies, subsets.classes, sums.target.data(), counts)
      const epsilon = { numerator: tensor(its.numerator), denominator: tensor(its.denominator) }
      const scale = reduction === 'mean' && its.size > 0 ? 1 / its.size : 1
      const losses = mul(formula.compose(sums, epsilon), tensor(its.weights.map((weight) => weight * scale)))
      return reduction === 'mean' ? sum(losses) : losses
    },
  }
}
