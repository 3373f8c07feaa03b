/**
 * The generalized Dice loss: in each subset of Φ one ratio over all its classes, each class weighted by its volume there.
 *
 *   s = (2 Σ_c w_c I_c + w̄ ε) / (Σ_c w_c (Y_c + P_c) + w̄ ε)      w = 1/Y² | 1/Y | 1      w̄ = mean of the w that take part
 *
 * Sums are taken per class (Φ refined by class); what is made of them is in generalized-dice-finish.ts.
 */
import type { Tie } from '../backend/overlap.js'
import { overlapLoss } from '../ops/overlapLoss.js'
import { describe } from '../tensor/describe.js'
import { ConfigError } from '../tensor/errors.js'
import type { Tensor } from '../tensor/tensor.js'
import { policiesOf } from './finish.js'
import { groupFinisher } from './generalized-dice-finish.js'
import type { AbsentClass, WeightKind, WeightRule } from './generalized-dice-weights.js'
import { type OverlapOptions, checkOptions, partitionOf } from './options.js'
import { Partition } from './partition.js'
import { requestOf } from './request.js'
import { SEVERAL_CLASSES } from './subsets.js'

export interface GeneralizedDiceOptions extends OverlapOptions {
  /** 'square' (default): w = 1/Y², 'simple': 1/Y, 'uniform': 1. Y is the class's volume in the subset. */
  readonly weights?: WeightKind
  /**
   * The weight of a class with Y = 0 under 'square' and 'simple'. 'max' (default): that of the smallest object in the subset, or,
   * where there is none, the same for all. 'zero': the class does not count, and its false positives cost nothing. Or a
   * number, in the unit of 1/Y² or 1/Y.
   */
  readonly absentClass?: AbsentClass
}

/** What presets change: ε as an absolute addend beside the weighted sums, weight 0 where no class is present, Σ min(p, y) for I. */
export interface GeneralizedDiceVariant {
  readonly absoluteEpsilon?: boolean
  readonly subgradient?: Tie
}

const exponents = { square: 2, simple: 1, uniform: 0 } as const

/**
 * The generalized Dice loss over a partition Φ, 1 − 1/|Φ| Σ_φ s_φ with
 *
 *   s = (2 Σ_c w_c I_c + w̄ ε) / (Σ_c w_c (Y_c + P_c) + w̄ ε)
 *
 * over the classes c of φ. `phi` says over what one ratio is taken: 'CI' for one per image (the original), 'BCI' for one per
 * batch; under 'I' and 'BI' it is the Dice loss. ε counts in voxels, as for the Dice loss, because it is scaled with the mean weight: the
 * loss does not change when all volumes and ε grow alike (an ε beside Σ w U ~ 1/Y does, and swamps it in large volumes).
 * `classWeights` are further factors on the w, not on w̄.
 *
 * Shapes, other options, dtypes and errors as for `diceLoss`. The target's derivative includes that of the weights. A subset in which
 * every class has weight 0 has s = 1 and no derivative.
 *
 * Source: Sudre et al., "Generalised Dice overlap as a deep learning loss function for highly unbalanced segmentations", DLMIA 2017.
 *
 * @example
 * generalizedDiceLoss(probabilities, label, { phi: 'CI', epsilon: 1e-7, weights: 'square', absentClass: 'max' })
 */
export function generalizedDiceLoss(prediction: Tensor, target: Tensor, options: GeneralizedDiceOptions): Tensor {
  return generalizedDiceOf('generalizedDiceLoss', prediction, target, options, {})
}

const byClass = Partition.of('BI')
const refined = new WeakMap<Partition, Partition>()

/** Φ split by class; kept with Φ, since a label map is refined voxel by voxel. */
function refine(phi: Partition): Partition {
  const known = refined.get(phi) ?? phi.refine(byClass)
  refined.set(phi, known)
  return known
}

export function generalizedDiceOf(
  where: string,
  prediction: Tensor,
  target: Tensor,
  options: GeneralizedDiceOptions,
  { absoluteEpsilon = false, subgradient }: GeneralizedDiceVariant,
): Tensor {
  checkOptions(where, options, ['phi', 'epsilon'], ['weights', 'absentClass'])
  const rule = ruleOf(where, options)
  const phi = partitionOf(where, options.phi)
  const request = requestOf(where, prediction, target, {
    ...options,
    phi: refine(phi),
    ...(subgradient !== undefined && { subgradient }),
  })
  const { inputs, geometry, hasMask, hasLabels, channels, norm, subsets } = request
  const coarse = phi.resolve(where, prediction.shape, geometry.firstChannel)
  const groupOf = subsets.parents ?? new Int32Array(subsets.count)
  const policies = policiesOf(where, options, { ...coarse, channels })
  const hasSeveral = (i: number): boolean => coarse.classes[groupOf[i] ?? 0] === SEVERAL_CLASSES
  const factors = Float64Array.from(subsets.classes, (c, i) => (hasSeveral(i) ? (policies.classWeights?.[c] ?? 1) : 1))
  const reduction = options.reduction ?? 'mean'
  return overlapLoss(inputs, {
    geometry,
    hasMask,
    hasLabels,
    outputShape: reduction === 'mean' ? [] : coarse.shape,
    outputIndex: groupOf,
    ...groupFinisher({
      where,
      rule,
      policies,
      classes: coarse.classes,
      groupOf,
      factors,
      norm,
      reduction,
      absoluteEpsilon,
    }),
  })
}

function ruleOf(where: string, { weights = 'square', absentClass = 'max' }: GeneralizedDiceOptions): WeightRule {
  if (!(weights in exponents)) throw new ConfigError(where, 'weights: square, simple or uniform', describe(weights))
  const isNumber = typeof absentClass === 'number' && absentClass >= 0 && absentClass < Infinity
  if (absentClass !== 'max' && absentClass !== 'zero' && !isNumber) {
    throw new ConfigError(where, "absentClass: 'max', 'zero' or a number ≥ 0", String(absentClass))
  }
  return { exponent: exponents[weights], absentClass }
}
