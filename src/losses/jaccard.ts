/**
 * The soft Jaccard (intersection over union) loss. With the Dice score s of the same subset and ε, J = s/(2 − s); hence
 * 1 − s ≤ 1 − J ≤ 2 (1 − s) in each subset.
 */
import type { Tensor } from '../tensor/tensor.js'
import type { OverlapOptions } from './options.js'
import { overlapLossOf } from './overlap.js'
import { jaccardFormula } from './tversky-formula.js'

/**
 * The soft Jaccard loss over a partition Φ with smoothing ε:
 *
 *   JL(p, y) = 1 − 1/|Φ| Σ_φ (I + ε/2) / (U − I + ε/2)      I = Σ y·p, U = Σ y + Σ p over φ
 *
 * ε is halved so that it means what it means for the Dice loss: with the same ε, J = s/(2 − s) exactly, and a virtual
 * object of size ε/2 that label and prediction share. Shapes, options, dtypes and errors as for `diceLoss`; with `norm: 'L2'` U is
 * Σ y² + Σ p².
 *
 * Source: Bertels et al., "Optimizing the Dice score and Jaccard index for medical image segmentation", MICCAI 2019, for J = s/(2 − s).
 *
 * @example
 * jaccardLoss(probabilities, label, { phi: 'I', epsilon: 1e-7 })
 */
export function jaccardLoss(prediction: Tensor, target: Tensor, options: OverlapOptions): Tensor {
  return overlapLossOf('jaccardLoss', prediction, target, options, jaccardFormula(options?.norm ?? 'L1'))
}
