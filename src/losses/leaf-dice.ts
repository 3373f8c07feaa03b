/** The leaf Dice loss: subsets without a label count as perfect. Not here: which labels are annotated (option `present`). */
import { ConfigError } from '../tensor/errors.js'
import type { Tensor } from '../tensor/tensor.js'
import { diceFormula } from './dice-formula.js'
import { type OverlapOptions, checkOptions } from './options.js'
import { overlapLossOf } from './overlap.js'

/** `emptySubsets` is what makes the loss: always 'perfect'; and ε for empty subsets has no use. */
export type LeafDiceOptions = Omit<OverlapOptions, 'emptySubsets' | 'epsilonEmpty'>

/**
 * The leaf Dice loss: Eq. 3 with φ replaced by ∅ where Σ_φ y = 0, so that such a subset has s = 1 and no derivative, and |Φ| is as it
 * was. From the Dice loss with Φ = I it differs only on empty subsets, by ε/(|Φ| (v + ε)²) in the derivative (v = Σ p).
 *
 * Shapes, options, dtypes and errors as for `diceLoss` (of which it is the case `emptySubsets: 'perfect'`).
 *
 * Source: Fidon et al., "Label-set loss functions for partial supervision", MICCAI 2021; as a choice of Φ: Tilborghs, Bertels et al., MICCAI
 * 2022, Sect. 2.1.
 *
 * @example
 * leafDiceLoss(probabilities, label, { phi: 'I', epsilon: 1e-7 })
 */
export function leafDiceLoss(prediction: Tensor, target: Tensor, options: LeafDiceOptions): Tensor {
  const where = 'leafDiceLoss'
  checkOptions(where, options, ['phi', 'epsilon'])
  for (const name of ['emptySubsets', 'epsilonEmpty']) {
    if (name in options) throw new ConfigError(where, 'options of the leaf Dice loss (empty subsets are perfect)', name)
  }
  const all: OverlapOptions = { ...options, emptySubsets: 'perfect' }
  return overlapLossOf(where, prediction, target, all, diceFormula(options.norm ?? 'L1'))
}
