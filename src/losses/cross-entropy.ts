/** Cross-entropy over exclusive classes, −Σ_c y_c log p_c in each voxel; one channel is the binary one. */
import { mul } from '../ops/mul.js'
import { neg } from '../ops/neg.js'
import { sum } from '../ops/sum.js'
import { ConfigError } from '../tensor/errors.js'
import { scope } from '../tensor/scope.js'
import { Tensor } from '../tensor/tensor.js'
import { binaryCrossEntropyLoss } from './binary-cross-entropy.js'
import {
  type EntropyInputs,
  type EntropyOptions,
  checkEntropyOptions,
  countOf,
  entropyInputs,
  inDtypeOf,
  logProbabilities,
  meanOf,
  safeLog,
  weighted,
} from './entropy.js'
import { any } from '../ops/any.js'
import { cast } from '../ops/cast.js'

export interface CrossEntropyOptions extends EntropyOptions {
  /**
   * The prediction holds logits: 'softmax' of several channels, 'sigmoid' of one, true for whichever it is. The activation is part
   * of the loss.
   */
  readonly fromLogits?: 'softmax' | 'sigmoid' | boolean
  /** The term of channel 0 is left out; the mean divides by the same. Default false. */
  readonly ignoreBackground?: boolean
  /**
   * What the mean divides by: 'voxels' (default) that count, or 'weights', Σ w_c y_c over them, which for one-hot targets is a
   * mean weighted by the class of each voxel.
   */
  readonly normalize?: 'voxels' | 'weights'
}

/**
 * The mean over voxels of −Σ_c w_c y_c log p_c.
 *
 * `prediction` (B, …, C), float32 or float64: probabilities of exclusive classes, or logits with `fromLogits`. `target` (B, …, C): the
 * prediction's dtype or uint8, one-hot (see `oneHot` for label maps) or soft. With C = 1 this is `binaryCrossEntropyLoss`. Returns a scalar,
 * or with `reduction: 'none'` one value per voxel, (B, …, 1). A mask of the prediction's shape takes single terms out; a voxel counts in
 * the mean if one of its channels does. The softmax is over all channels, whatever the mask.
 *
 * From logits it is computed in float64. From probabilities, log p is continued below p = 1e-12 by its tangent. Where nothing
 * counts the loss and its derivative are 0.
 *
 * Throws ConfigError, ShapeError and DTypeError for options, shapes and dtypes that do not fit.
 *
 * @example
 * crossEntropyLoss(net.call(image), oneHot(labels, 4), { fromLogits: 'softmax', classWeights: [0.1, 1, 1, 1] })
 */
export function crossEntropyLoss(prediction: Tensor, target: Tensor, options: CrossEntropyOptions = {}): Tensor {
  const where = 'crossEntropyLoss'
  checkEntropyOptions(where, options, {
    fromLogits: ['softmax', 'sigmoid', true, false],
    ignoreBackground: [true, false],
    normalize: ['voxels', 'weights'],
  })
  if (prediction instanceof Tensor && prediction.shape.at(-1) === 1) return ofOneChannel(prediction, target, options)
  const { reduction = 'mean', normalize = 'voxels', ignoreBackground = false, fromLogits = false } = options
  if (fromLogits === 'sigmoid') {
    throw new ConfigError(
      where,
      'fromLogits: softmax for several channels (binaryCrossEntropyLoss asks each alone)',
      'sigmoid',
    )
  }
  return scope(() => {
    const inputs = withoutBackground(entropyInputs(where, prediction, target, options, false), ignoreBackground)
    const terms = exclusiveTerms(inputs, fromLogits !== false)
    const perVoxel = sum(terms, -1, { keepDims: true })
    if (reduction === 'none') return inDtypeOf(prediction, perVoxel)
    return meanOf(perVoxel, normalize === 'voxels' ? countVoxels(prediction, inputs) : totalWeight(inputs), prediction)
  })
}

function ofOneChannel(prediction: Tensor, target: Tensor, options: CrossEntropyOptions): Tensor {
  const { normalize = 'voxels', ignoreBackground = false, fromLogits = false, ...rest } = options
  if (normalize !== 'voxels' || ignoreBackground || fromLogits === 'softmax') {
    const options = 'options of the binary loss for one channel (sigmoid, voxels, no background)'
    throw new ConfigError('crossEntropyLoss', options, 'those of several classes')
  }
  return binaryCrossEntropyLoss(prediction, target, { ...rest, fromLogits })
}

/** The same with weight 0 for channel 0. */
export function withoutBackground(inputs: EntropyInputs, ignoreBackground: boolean): EntropyInputs {
  if (!ignoreBackground) return inputs
  const channels = inputs.prediction.shape.at(-1) ?? 1
  const classWeights = (inputs.classWeights ?? new Float64Array(channels).fill(1)).map((w, c) => (c === 0 ? 0 : w))
  return { ...inputs, classWeights }
}

/** −w_c y_c log p_c of each element, times a factor if there is one. */
export function exclusiveTerms(
  inputs: EntropyInputs,
  isLogit: boolean,
  factorOf?: (logarithm: Tensor) => Tensor,
): Tensor {
  const logarithm = isLogit ? logProbabilities(inputs.prediction) : safeLog(inputs.prediction)
  const y = inDtypeOf(logarithm, inputs.target)
  const entropy = neg(mul(y, logarithm))
  return weighted(factorOf === undefined ? entropy : mul(factorOf(logarithm), entropy), inputs)
}

/** Voxels of which at least one channel counts. */
export function countVoxels(prediction: Tensor, { counted }: EntropyInputs): number {
  const channels = prediction.shape.at(-1) ?? 1
  return counted === null ? prediction.size / channels : countOf(any(counted, -1))
}

/** Σ w_c y_c. */
function totalWeight(inputs: EntropyInputs): number {
  const target = inputs.target.detach()
  return sum(weighted(target.dtype === 'float64' ? target : cast(target, 'float64'), inputs)).item()
}
