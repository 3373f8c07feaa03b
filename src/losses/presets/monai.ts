/**
 * MONAI 1.5's losses under their own option names: ε apart above (smooth_nr) and below (smooth_dr). Dice (2 I + nr)/(U + dr); Jaccard
 * (2 I + nr)/(2 (U − I) + dr); Tversky (I + nr)/(I + α FP + β FN + dr), this package's with ε = 2 nr and 2 dr; generalized Dice with
 * ε as it is beside the weighted sums. Two things are not reproduced: 0/0 is an error here and NaN there, and masks act after the
 * activation here and before it there (MONAI issues 657 and 8655). Subsets that a mask leaves without voxels leave |Φ| here.
 */
import type { Tie } from '../../backend/overlap.js'
import { sum } from '../../ops/sum.js'
import { scope } from '../../tensor/scope.js'
import type { Tensor } from '../../tensor/tensor.js'
import { type BatchOptions, type BoundLoss, bind } from '../bound.js'
import { semimetricFormula } from '../derived-formula.js'
import { describeOverlap } from '../describe.js'
import { diceFormula } from '../dice-formula.js'
import type { SubsetFormula } from '../finish.js'
import { generalizedDiceOf } from '../generalized-dice.js'
import type { OverlapOptions } from '../options.js'
import { overlapLossOf } from '../overlap.js'
import { jaccardFormula, tverskyFormula } from '../tversky-formula.js'
import { channelsOfLabels, withDefaults } from './options.js'

export interface MonaiOverlapOptions {
  /** Default true. Has no effect on one channel. */
  readonly include_background?: boolean
  /** The target is a label map (B, …, 1). Default false. */
  readonly to_onehot_y?: boolean
  readonly sigmoid?: boolean
  readonly softmax?: boolean
  /** Applied to the prediction first. */
  readonly other_act?: ((x: Tensor) => Tensor) | undefined
  /** 'none': one loss per subset. Default 'mean'. */
  readonly reduction?: 'mean' | 'sum' | 'none'
  /** Default 1e-5, as smooth_dr. */
  readonly smooth_nr?: number
  readonly smooth_dr?: number
  /** Φ = BI instead of I (generalized Dice: BCI instead of CI). Default false. */
  readonly batch?: boolean
  /** Σ min(p, y) for the intersection, with derivative 0 where p = y. Default false. */
  readonly soft_label?: boolean
}

export interface MonaiDiceOptions extends MonaiOverlapOptions {
  readonly squared_pred?: boolean
  readonly jaccard?: boolean
  /** One number for all classes, or one per class that is included; no effect on one channel. Default none. */
  readonly weight?: number | readonly number[] | undefined
}

export interface MonaiTverskyOptions extends MonaiOverlapOptions {
  /** Weight of false positives. Default 0.5. */
  readonly alpha?: number
  /** Weight of false negatives. Default 0.5. */
  readonly beta?: number
}

export interface MonaiGeneralizedDiceOptions extends MonaiOverlapOptions {
  /** Default 'square'. */
  readonly w_type?: 'square' | 'simple' | 'uniform'
}

const overlapDefaults = {
  include_background: true,
  to_onehot_y: false,
  sigmoid: false,
  softmax: false,
  other_act: undefined,
  reduction: 'mean',
  smooth_nr: 1e-5,
  smooth_dr: 1e-5,
  batch: false,
  soft_label: false,
} as const

/** For a description without a shape: several. */
const UNKNOWN_CHANNELS = 2

/** How one of the losses is worked out from options in this package's names. */
type Evaluate = (prediction: Tensor, target: Tensor, options: OverlapOptions, tie: Tie | undefined) => Tensor

export function monaiDice(where: string, given?: MonaiDiceOptions): BoundLoss {
  const defaults = { ...overlapDefaults, squared_pred: false, jaccard: false, weight: undefined }
  const its = withDefaults<MonaiDiceOptions>(where, defaults, given)
  const norm = its.squared_pred === true ? 'L2' : 'L1'
  const formula = its.jaccard === true ? jaccardFormula(norm) : diceFormula(norm)
  const title = its.jaccard === true ? 'Jaccard' : 'Dice'
  return monaiLoss(title, its, { norm }, byFormula(where, formula), its.weight)
}

export function monaiTversky(where: string, given?: MonaiTverskyOptions): BoundLoss {
  const {
    alpha = 0.5,
    beta = 0.5,
    ...its
  } = withDefaults<MonaiTverskyOptions>(where, { ...overlapDefaults, alpha: 0.5, beta: 0.5 }, given)
  const doubled = { ...its, smooth_nr: 2 * (its.smooth_nr ?? 1e-5), smooth_dr: 2 * (its.smooth_dr ?? 1e-5) }
  return monaiLoss(`Tversky (α ${alpha}, β ${beta})`, doubled, {}, byFormula(where, tverskyFormula(alpha, beta, 'L1')))
}

export function monaiGeneralizedDice(where: string, given?: MonaiGeneralizedDiceOptions): BoundLoss {
  const { w_type = 'square', ...its } = withDefaults<MonaiGeneralizedDiceOptions>(
    where,
    { ...overlapDefaults, w_type: 'square' },
    given,
  )
  const evaluate: Evaluate = (prediction, target, options, subgradient) => {
    const variant = { absoluteEpsilon: true, ...(subgradient !== undefined && { subgradient }) }
    const phi = its.batch === true ? 'BCI' : 'CI'
    return generalizedDiceOf(where, prediction, target, { ...options, phi, weights: w_type }, variant)
  }
  const title = `generalized Dice (weights ${w_type}, ε beside the weighted sums)`
  return monaiLoss(title, its, { phi: its.batch === true ? 'BCI' : 'CI' }, evaluate)
}

function byFormula(where: string, formula: SubsetFormula): Evaluate {
  return (prediction, target, options, subgradient) =>
    subgradient === undefined
      ? overlapLossOf(where, prediction, target, options, formula)
      : overlapLossOf(where, prediction, target, { ...options, subgradient }, semimetricFormula(formula), [
          'subgradient',
        ])
}

function monaiLoss(
  title: string,
  its: MonaiOverlapOptions,
  own: Partial<OverlapOptions>,
  evaluate: Evaluate,
  weight?: number | readonly number[],
): BoundLoss {
  const optionsFor = (channels: number): OverlapOptions => ({
    phi: its.batch === true ? 'BI' : 'I',
    epsilon: { numerator: its.smooth_nr ?? 1e-5, denominator: its.smooth_dr ?? 1e-5 },
    ...own,
    ...(its.include_background === false && channels > 1 && { ignoreBackground: true }),
    ...(its.sigmoid === true && { fromLogits: 'sigmoid' }),
    ...(its.softmax === true && channels > 1 && { fromLogits: 'softmax' }),
    ...(weight !== undefined && channels > 1 && { classWeights: weightsOf(weight, channels) }),
    ...(its.reduction !== 'mean' && { reduction: 'none' }),
  })
  const call = (prediction: Tensor, target: Tensor, batch: BatchOptions = {}): Tensor =>
    scope(() => {
      const channels = prediction.shape.at(-1) ?? 1
      const y = its.to_onehot_y === true && channels > 1 ? channelsOfLabels(target, prediction) : target
      const p = its.other_act === undefined ? prediction : its.other_act(prediction)
      const loss = evaluate(p, y, { ...optionsFor(channels), ...batch }, its.soft_label === true ? 'zero' : undefined)
      return its.reduction === 'sum' ? sum(loss) : loss
    })
  const notes = [
    its.other_act === undefined ? '' : '; after another activation',
    its.soft_label === true ? '; Σ min(p, y)' : '',
  ]
  return bind(
    call,
    (shape) => describeOverlap(title, optionsFor(shape?.at(-1) ?? UNKNOWN_CHANNELS), shape) + notes.join(''),
  )
}

/** One weight per channel; MONAI's list leaves the background out where that is not included. */
export function weightsOf(weight: number | readonly number[], channels: number): number[] {
  if (typeof weight === 'number') return new Array<number>(channels).fill(weight)
  return weight.length === channels - 1 ? [0, ...weight] : [...weight]
}
