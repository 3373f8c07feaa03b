/** The Dice semimetric loss, for soft labels. */
import { ConfigError } from '../tensor/errors.js'
import type { Tensor } from '../tensor/tensor.js'
import { semimetricFormula } from './derived-formula.js'
import { diceFormula } from './dice-formula.js'
import { type OverlapOptions, type SemimetricOptions, checkOptions } from './options.js'
import { overlapLossOf } from './overlap.js'

export type DiceSemimetricOptions = Omit<OverlapOptions, 'norm'> & SemimetricOptions

/**
 * The Dice semimetric loss over a partition Φ with smoothing ε:
 *
 *   DSL(p, y) = 1/|Φ| Σ_φ Σ_φ |p − y| / (Σ_φ y + Σ_φ p + ε)      dDSL/dp = (s − 1 + sign(p − y)) / (|Φ| (Σ y + Σ p + ε)), s = 1 − DSL_φ
 *
 * For binary targets it is the Dice loss. For soft ones it is 0 iff p = y, where the Dice loss is least at a hard p. Where p = y the
 * derivative of |p − y| is `subgradient`: 'inward' (default) makes the derivative on binary labels that of Eq. 4
 * everywhere; 'zero' leaves a voxel alone once it is right.
 *
 * Shapes, options, dtypes and errors as for `diceLoss`, without `norm`. It is no metric: the triangle inequality holds up to 3/2.
 *
 * Source: Wang, Popordanoska et al., "Dice semimetric losses", MICCAI 2023.
 *
 * @example
 * diceSemimetricLoss(probabilities, meanOfRaters, { phi: 'I', epsilon: 1e-7 })
 */
export function diceSemimetricLoss(prediction: Tensor, target: Tensor, options: DiceSemimetricOptions): Tensor {
  const [where, own] = ['diceSemimetricLoss', ['subgradient']] as const
  checkOptions(where, options, ['phi', 'epsilon'], own)
  if ('norm' in options) throw new ConfigError(where, 'no norm: the semimetric has L1 sums', 'norm')
  const all = { ...options, subgradient: options.subgradient ?? 'inward' }
  return overlapLossOf(where, prediction, target, all, semimetricFormula(diceFormula('L1')), own)
}
