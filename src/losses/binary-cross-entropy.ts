/**
 * Binary cross-entropy, −y log p − (1 − y) log(1 − p), each channel a yes-or-no question of its own. From logits z, −log p =
 * softplus(−z) and −log(1 − p) = softplus(z), which neither overflow nor cancel; the derivative is σ(z) − y.
 */
import { add } from '../ops/add.js'
import { mul } from '../ops/mul.js'
import { neg } from '../ops/neg.js'
import { softplus } from '../ops/softplus.js'
import { sub } from '../ops/sub.js'
import { scope } from '../tensor/scope.js'
import type { Tensor } from '../tensor/tensor.js'
import {
  type EntropyOptions,
  checkEntropyOptions,
  countOf,
  entropyInputs,
  meanOf,
  safeLog,
  weighted,
} from './entropy.js'
import { checkNumber } from './options.js'

export interface BinaryCrossEntropyOptions extends EntropyOptions {
  /** The prediction holds logits z; p = σ(z). */
  readonly fromLogits?: 'sigmoid' | boolean
  /** Factor ≥ 0 on the terms −y log p of what the label says is there. Default 1. */
  readonly positiveWeight?: number
}

/**
 * The mean over elements of −w y log p − (1 − y) log(1 − p), w = `positiveWeight`.
 *
 * `prediction` (B, …, C), float32 or float64: probabilities, or logits with `fromLogits`. `target` (B, …, C): the prediction's
 * dtype or uint8, binary or soft. Returns a scalar, or with `reduction: 'none'` the prediction's shape. From probabilities,
 * log p is continued below p = 1e-12 by its tangent: finite, with a derivative that still points the right way.
 * Where no element counts the loss and its derivative are 0.
 *
 * Throws ConfigError, ShapeError and DTypeError for options, shapes and dtypes that do not fit.
 *
 * @example
 * binaryCrossEntropyLoss(net.call(image), label, { fromLogits: 'sigmoid' })
 */
export function binaryCrossEntropyLoss(
  prediction: Tensor,
  target: Tensor,
  options: BinaryCrossEntropyOptions = {},
): Tensor {
  const where = 'binaryCrossEntropyLoss'
  checkEntropyOptions(where, options, { fromLogits: ['sigmoid', true, false], positiveWeight: null })
  const { reduction = 'mean', fromLogits = false, positiveWeight = 1 } = options
  checkNumber(where, 'positiveWeight', positiveWeight)
  return scope(() => {
    const inputs = entropyInputs(where, prediction, target, options, true)
    const terms = weighted(
      binaryEntropy(inputs.prediction, inputs.target, fromLogits !== false, positiveWeight),
      inputs,
    )
    if (reduction === 'none') return terms
    return meanOf(terms, inputs.counted === null ? prediction.size : countOf(inputs.counted), prediction)
  })
}

/** −w y log p − (1 − y) log(1 − p) of each element. */
export function binaryEntropy(x: Tensor, y: Tensor, isLogit: boolean, positiveWeight = 1): Tensor {
  const [yes, no] = isLogit ? [softplus(neg(x)), softplus(x)] : [neg(safeLog(x)), neg(safeLog(sub(1, x)))]
  return add(mul(y, positiveWeight === 1 ? yes : mul(yes, positiveWeight)), mul(sub(1, y), no))
}
