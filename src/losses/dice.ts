/**
 * The soft Dice loss of the paper (Eq. 3), its closed-form derivative (Eq. 4), and V-Net's L2 form of both.
 *
 *   DL = 1 − 1/|Φ| Σ_φ s_φ      s = (2 I + ε) / (U + ε)      U = Σ y + Σ p over φ, or Σ y² + Σ p² (L2)
 *   dDL/dp = (s − 2 y) / (|Φ| (U + ε)),  and for L2 2 (s p − y) / (|Φ| (U + ε))
 */
import { overlapSumsGradient } from '../ops/overlapLoss.js'
import type { Tensor } from '../tensor/tensor.js'
import { diceFormula } from './dice-formula.js'
import { type OverlapOptions, checkOptions } from './options.js'
import { finishOverlap, overlapLossOf, sumsOfRequest } from './overlap.js'
import { requestOf } from './request.js'

/**
 * The soft Dice loss over a partition Φ with smoothing ε:
 *
 *   DL(p, y) = 1 − 1/|Φ| Σ_φ (2 Σ_φ y·p + ε) / (Σ_φ y + Σ_φ p + ε)
 *
 * - `prediction` (B, …, C), float32 or float64, at least one spatial axis: probabilities in [0,1], or logits with `fromLogits`.
 * - `target` (B, …, C): the prediction's dtype or uint8, binary or soft, in [0,1].
 * - `options.phi` and `options.epsilon` (in voxels) are required; see OverlapOptions for the others.
 *
 * Returns a scalar of the prediction's dtype, or with `reduction: 'none'` one loss per subset: (B,C), (B), (C), () or (|Φ|) for
 * I, CI, BI, BCI or a Partition. Sums are float64 whatever the dtype. The loss has first and second derivatives in prediction
 * and target. Where no subset is left (all masked, all dropped) it is 0 and so is its derivative.
 *
 * Throws ConfigError for a missing, unknown or impossible option, ShapeError and DTypeError for what does not fit, and
 * NumericalError where ε = 0 meets a subset with neither label nor prediction.
 *
 * Source: Tilborghs, Bertels et al., MICCAI 2022, Eq. 3; `norm: 'L2'` is Milletari et al., "V-Net", 3DV 2016.
 *
 * @example
 * const loss = diceLoss(net.call(image), label, { phi: 'BI', epsilon: 1e-7 })
 * loss.backward()
 */
export function diceLoss(prediction: Tensor, target: Tensor, options: OverlapOptions): Tensor {
  return overlapLossOf('diceLoss', prediction, target, options, diceFormula(normOf('diceLoss', options)))
}

/**
 * The derivative of the Dice loss in the prediction, in closed form: no graph, one read of the data for the sums and one for
 * the derivative.
 *
 *   dDL/dp = (s_φ − 2 y) / (|Φ| (Σ_φ y + Σ_φ p + ε)) for an element of φ
 *
 * Shapes, options and errors as for `diceLoss`; with `fromLogits` it is the derivative in the logits, and with `reduction:
 * 'none'` that of the element's own subset's loss. Returns a tensor of the prediction's shape and dtype.
 *
 * Source: Tilborghs, Bertels et al., MICCAI 2022, Eq. 4.
 *
 * @example
 * diceGradient(probabilities, label, { phi: 'I', epsilon: 1 }).data()
 */
export function diceGradient(prediction: Tensor, target: Tensor, options: OverlapOptions): Tensor {
  const formula = diceFormula(normOf('diceGradient', options))
  const request = requestOf('diceGradient', prediction, target, options)
  const statistics = { ...sumsOfRequest(request), keeps: request.subsets.keeps }
  const { gradient } = finishOverlap('diceGradient', statistics, options, formula)
  return overlapSumsGradient(request.inputs, request, gradient)
}

function normOf(where: string, options: OverlapOptions): 'L1' | 'L2' {
  checkOptions(where, options, ['phi', 'epsilon'])
  return options.norm ?? 'L1'
}
