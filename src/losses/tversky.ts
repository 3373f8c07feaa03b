/** The Tversky loss, which weighs false positives and false negatives apart, and its focal form. */
import { ConfigError } from '../tensor/errors.js'
import type { Tensor } from '../tensor/tensor.js'
import { powerFormula } from './derived-formula.js'
import { type OverlapOptions, checkNumber, checkOptions } from './options.js'
import { overlapLossOf } from './overlap.js'
import { tverskyFormula } from './tversky-formula.js'

export interface TverskyOptions extends OverlapOptions {
  /** α ≥ 0, the weight of false positives. Required. */
  readonly alpha: number
  /** β ≥ 0, the weight of false negatives. Required. */
  readonly beta: number
}

export interface FocalTverskyOptions extends TverskyOptions {
  /** γ > 0: the loss of a subset is (1 − T)^(1/γ). Required; the source found 4/3 best. */
  readonly gamma: number
}

const required = ['phi', 'epsilon'] as const

/**
 * The soft Tversky loss over a partition Φ with smoothing ε:
 *
 *   TL(p, y) = 1 − 1/|Φ| Σ_φ (I + ε/2) / (I + α FP + β FN + ε/2)      FP = Σ p − I, FN = Σ y − I over φ
 *
 * α = β = ½ is the Dice loss and α = β = 1 the Jaccard loss, with the same ε. Under a softmax with all classes in one subset
 * FP = FN, so that only α + β matters there. Shapes, options, dtypes and errors as for `diceLoss`; ConfigError for α or β
 * that are missing or below 0.
 *
 * Source: Salehi et al., "Tversky loss function for image segmentation using 3D fully convolutional deep networks", MLMI 2017.
 *
 * @example
 * tverskyLoss(probabilities, label, { phi: 'I', epsilon: 1, alpha: 0.3, beta: 0.7 }) // misses cost more than false alarms
 */
export function tverskyLoss(prediction: Tensor, target: Tensor, options: TverskyOptions): Tensor {
  const own = ['alpha', 'beta']
  checkOptions('tverskyLoss', options, required, own)
  const formula = formulaOf('tverskyLoss', options)
  return overlapLossOf('tverskyLoss', prediction, target, options, formula, own)
}

/**
 * The focal Tversky loss over a partition Φ with smoothing ε, 1/|Φ| Σ_φ (1 − T_φ)^(1/γ), T as for `tverskyLoss`. With γ > 1 the
 * derivative grows as a subset gets better (without bound at T = 1, but for 1 − T < 1e-12, where the power continues as its
 * secant through 0), with γ < 1 it shrinks.
 *
 * Shapes, options, dtypes and errors as for `tverskyLoss`; ConfigError unless γ > 0.
 *
 * Source: Abraham and Khan, "A novel focal Tversky loss function with improved attention U-Net for lesion segmentation", ISBI 2019, Eq. 4.
 *
 * @example
 * focalTverskyLoss(probabilities, label, { phi: 'I', epsilon: 1, alpha: 0.3, beta: 0.7, gamma: 4 / 3 })
 */
export function focalTverskyLoss(prediction: Tensor, target: Tensor, options: FocalTverskyOptions): Tensor {
  const [where, own] = ['focalTverskyLoss', ['alpha', 'beta', 'gamma']] as const
  checkOptions(where, options, required, own)
  const { gamma } = options
  if (typeof gamma !== 'number' || !(gamma > 0 && gamma < Infinity)) {
    throw new ConfigError(where, 'gamma finite and > 0', String(gamma))
  }
  return overlapLossOf(where, prediction, target, options, powerFormula(formulaOf(where, options), 1 / gamma), own)
}

function formulaOf(where: string, { alpha, beta, norm = 'L1' }: TverskyOptions): ReturnType<typeof tverskyFormula> {
  return tverskyFormula(checkNumber(where, 'alpha', alpha), checkNumber(where, 'beta', beta), norm)
}
