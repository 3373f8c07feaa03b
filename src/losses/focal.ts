/** The focal loss: cross-entropy with (1 − p)^γ on each term, so that what is nearly right weighs little. */
import { add } from '../ops/add.js'
import { clip } from '../ops/clip.js'
import { exp } from '../ops/exp.js'
import { expm1 } from '../ops/expm1.js'
import { maximum } from '../ops/maximum.js'
import { mul } from '../ops/mul.js'
import { neg } from '../ops/neg.js'
import { pow } from '../ops/pow.js'
import { slice } from '../ops/slice.js'
import { softplus } from '../ops/softplus.js'
import { sub } from '../ops/sub.js'
import { sum } from '../ops/sum.js'
import { ConfigError } from '../tensor/errors.js'
import { scope } from '../tensor/scope.js'
import { Tensor } from '../tensor/tensor.js'
import { countVoxels, exclusiveTerms, withoutBackground } from './cross-entropy.js'
import {
  type EntropyInputs,
  type EntropyOptions,
  SMALLEST_PROBABILITY,
  checkEntropyOptions,
  countOf,
  entropyInputs,
  inDtypeOf,
  meanOf,
  safeLog,
  weighted,
} from './entropy.js'
import { checkNumber } from './options.js'

export interface FocalOptions extends EntropyOptions {
  /** γ ≥ 0. Default 2, the source's choice; 0 is cross-entropy. */
  readonly gamma?: number
  /** α in [0, 1]: factor α on what is there and 1 − α on what is not (independent channels), or α on all classes but 0 and 1 − α on 0. */
  readonly alpha?: number
  /** The prediction holds logits. 'sigmoid' of each channel, 'softmax' over them. */
  readonly fromLogits?: 'sigmoid' | 'softmax'
  /** Without logits: whether the channels are 'exclusive' classes (default for several) or 'independent' questions (for one). */
  readonly channels?: 'exclusive' | 'independent'
  /** Channel 0 has no terms, and for independent channels does not count in the mean. Default false. */
  readonly ignoreBackground?: boolean
}

/**
 * The focal loss. For independent channels (from 'sigmoid' logits, or one channel) the mean over elements of
 *
 *   −α y (1 − p)^γ log p − (1 − α) (1 − y) p^γ log(1 − p)
 *
 * and for exclusive classes (from 'softmax' logits) the mean over voxels of −Σ_c α_c y_c (1 − p_c)^γ log p_c. Without `alpha` its
 * factors are 1.
 *
 * Shapes, dtypes, mask, weights, soft targets and errors as for `binaryCrossEntropyLoss` and `crossEntropyLoss`; ConfigError for γ or α out of
 * range. With `reduction: 'none'` one value per element, or per voxel (B, …, 1) for exclusive classes.
 *
 * Source: Lin et al., "Focal loss for dense object detection", ICCV 2017, Eq. 5.
 *
 * @example
 * focalLoss(net.call(image), label, { fromLogits: 'sigmoid', gamma: 2, alpha: 0.25 })
 */
export function focalLoss(prediction: Tensor, target: Tensor, options: FocalOptions = {}): Tensor {
  const where = 'focalLoss'
  checkEntropyOptions(where, options, {
    gamma: null,
    alpha: null,
    fromLogits: ['sigmoid', 'softmax'],
    channels: ['exclusive', 'independent'],
    ignoreBackground: [true, false],
  })
  const { gamma = 2, alpha } = options
  checkNumber(where, 'gamma', gamma)
  if (alpha !== undefined && !(typeof alpha === 'number' && alpha >= 0 && alpha <= 1)) {
    throw new ConfigError(where, 'alpha from 0 to 1', String(alpha))
  }
  const isExclusive = areExclusive(where, prediction, options)
  return scope(() =>
    isExclusive
      ? exclusiveFocal(where, prediction, target, { ...options, gamma })
      : independentFocal(where, prediction, target, { ...options, gamma }),
  )
}

function areExclusive(where: string, prediction: Tensor, { fromLogits, channels }: FocalOptions): boolean {
  const isOne = prediction instanceof Tensor && prediction.shape.at(-1) === 1
  if (isOne && (fromLogits === 'softmax' || channels === 'exclusive')) {
    throw new ConfigError(where, 'sigmoid, or independent channels, for one channel', fromLogits ?? 'exclusive')
  }
  const implied = fromLogits === undefined ? null : fromLogits === 'softmax' ? 'exclusive' : 'independent'
  if (channels !== undefined && implied !== null && channels !== implied) {
    throw new ConfigError(where, `${implied} channels with fromLogits ${String(fromLogits)}`, channels)
  }
  return (implied ?? channels ?? (isOne ? 'independent' : 'exclusive')) === 'exclusive'
}

type Settings = FocalOptions & { readonly gamma: number }

function exclusiveFocal(where: string, prediction: Tensor, target: Tensor, options: Settings): Tensor {
  const { gamma, alpha, fromLogits, reduction = 'mean', ignoreBackground = false } = options
  const given = withoutBackground(entropyInputs(where, prediction, target, options, false), ignoreBackground)
  const inputs = alpha === undefined ? given : withAlpha(given, alpha)
  const isLogit = fromLogits === 'softmax'
  const factor = (logarithm: Tensor): Tensor => {
    const wrong = isLogit ? neg(expm1(logarithm)) : sub(1, inputs.prediction)
    return powerOf(wrong, gamma)
  }
  const perVoxel = sum(exclusiveTerms(inputs, isLogit, factor), -1, { keepDims: true })
  if (reduction === 'none') return inDtypeOf(prediction, perVoxel)
  return meanOf(perVoxel, countVoxels(prediction, inputs), prediction)
}

function withAlpha(inputs: EntropyInputs, alpha: number): EntropyInputs {
  const channels = inputs.prediction.shape.at(-1) ?? 1
  const classWeights = Float64Array.from(
    { length: channels },
    (_, c) => (inputs.classWeights?.[c] ?? 1) * (c === 0 ? 1 - alpha : alpha),
  )
  return { ...inputs, classWeights }
}

function independentFocal(where: string, prediction: Tensor, target: Tensor, options: Settings): Tensor {
  const { gamma, alpha, fromLogits, reduction = 'mean', ignoreBackground = false } = options
  const all = entropyInputs(where, prediction, target, options, true)
  const { prediction: given, target: y, counted, classWeights } = ignoreBackground ? foregroundOf(where, all) : all
  const isLogit = fromLogits === 'sigmoid'
  const x = isLogit ? clip(given, -LARGEST_LOGIT, LARGEST_LOGIT) : given
  const [yes, no] = isLogit
    ? [focalOfLogit(x, gamma), focalOfLogit(neg(x), gamma)]
    : [focalOfProbability(x, gamma), focalOfProbability(sub(1, x), gamma)]
  const [there, notThere] = alpha === undefined ? [yes, no] : [mul(yes, alpha), mul(no, 1 - alpha)]
  const terms = weighted(add(mul(y, there), mul(sub(1, y), notThere)), { counted, classWeights })
  if (reduction === 'none') return terms
  return meanOf(terms, counted === null ? terms.size : countOf(counted), prediction)
}

/** The channels but 0. */
function foregroundOf(where: string, { prediction, target, counted, classWeights }: EntropyInputs): EntropyInputs {
  const channels = prediction.shape.at(-1) ?? 1
  if (channels < 2) throw new ConfigError(where, 'at least 2 channels for ignoreBackground', String(channels))
  const cut = (x: Tensor): Tensor => slice(x, [...prediction.shape.slice(1).map(() => null), [1, channels]])
  return {
    prediction: cut(prediction),
    target: cut(target),
    counted: counted === null ? null : cut(counted),
    classWeights: classWeights === null ? null : classWeights.slice(1),
  }
}

/** Products of logits beyond it could overflow; σ is constant long before. */
const LARGEST_LOGIT = 1e30

/** −(1 − p)^γ log p with p = σ(z): e^(−γ softplus(z)) softplus(−z). */
function focalOfLogit(z: Tensor, gamma: number): Tensor {
  return gamma === 0 ? softplus(neg(z)) : mul(exp(mul(softplus(z), -gamma)), softplus(neg(z)))
}

function focalOfProbability(p: Tensor, gamma: number): Tensor {
  return neg(mul(powerOf(sub(1, p), gamma), safeLog(p)))
}

/** x^γ with x kept from 0, where its derivative has no bound for γ < 1. */
function powerOf(x: Tensor, gamma: number): Tensor {
  return pow(maximum(x, SMALLEST_PROBABILITY), gamma)
}
