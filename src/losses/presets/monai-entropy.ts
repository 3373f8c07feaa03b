/**
 * MONAI 1.5's losses with a cross-entropy or a focal part. Cross-entropy is torch's: for label maps a mean weighted by the class of each
 * voxel, for one-hot targets a plain mean over voxels, for one channel the binary one, the weight on what is there. The focal loss
 * is a mean over all elements, also under a softmax; that of DiceFocalLoss is the sigmoid one.
 */
import { add } from '../../ops/add.js'
import { mul } from '../../ops/mul.js'
import { slice } from '../../ops/slice.js'
import { sum } from '../../ops/sum.js'
import { ConfigError } from '../../tensor/errors.js'
import { scope } from '../../tensor/scope.js'
import type { Tensor } from '../../tensor/tensor.js'
import { type BatchOptions, type BoundLoss, bind } from '../bound.js'
import { binaryCrossEntropyLoss } from '../binary-cross-entropy.js'
import { crossEntropyLoss } from '../cross-entropy.js'
import { type FocalOptions, focalLoss } from '../focal.js'
import { type MonaiDiceOptions, monaiDice, weightsOf } from './monai.js'
import { channelsOfLabels, withDefaults } from './options.js'

export interface MonaiFocalOptions {
  /** Default true. Under a softmax without it, the softmax is over the other channels, as it is there. */
  readonly include_background?: boolean
  readonly to_onehot_y?: boolean
  /** Default 2. */
  readonly gamma?: number
  readonly alpha?: number | undefined
  readonly weight?: number | readonly number[] | undefined
  readonly reduction?: 'mean' | 'sum' | 'none'
  readonly use_softmax?: boolean
}

type CompoundDice = Omit<MonaiDiceOptions, 'soft_label'>

export interface MonaiDiceCrossEntropyOptions extends CompoundDice {
  readonly weight?: readonly number[] | undefined
  /** Default 1, as lambda_ce. */
  readonly lambda_dice?: number
  readonly lambda_ce?: number
}

export interface MonaiDiceFocalOptions extends CompoundDice {
  readonly gamma?: number
  readonly alpha?: number | undefined
  /** Default 1, as lambda_focal. */
  readonly lambda_dice?: number
  readonly lambda_focal?: number
}

const focalDefaults = {
  include_background: true,
  to_onehot_y: false,
  gamma: 2,
  alpha: undefined,
  weight: undefined,
  reduction: 'mean',
  use_softmax: false,
} as const

export function monaiFocal(where: string, given?: MonaiFocalOptions): BoundLoss {
  const its = withDefaults<MonaiFocalOptions>(where, focalDefaults, given)
  const { include_background, gamma = 2, alpha, weight, reduction, use_softmax } = its
  if (use_softmax === true && reduction === 'none') {
    throw new ConfigError(where, 'reduction mean or sum with use_softmax', 'none')
  }
  const call = (prediction: Tensor, target: Tensor, { mask }: BatchOptions = {}): Tensor =>
    scope(() => {
      const all = prediction.shape.at(-1) ?? 1
      const y = its.to_onehot_y === true && all > 1 ? channelsOfLabels(target, prediction) : target
      const isCut = include_background === false && all > 1
      const cut = (x: Tensor): Tensor => (isCut ? withoutFirst(x) : x)
      const [p, labels] = [cut(prediction), cut(y)]
      const channels = p.shape.at(-1) ?? 1
      const isSoftmax = use_softmax === true && channels > 1
      const options: FocalOptions = {
        gamma,
        fromLogits: isSoftmax ? 'softmax' : 'sigmoid',
        ...(alpha !== undefined && !(isSoftmax && isCut) && { alpha }),
        ...(weight !== undefined && { classWeights: weightsOf(weight, channels) }),
        ...(mask !== undefined && { mask: mask.shape.at(-1) === 1 ? mask : cut(mask) }),
        ...(reduction !== 'mean' && { reduction: 'none' }),
      }
      const loss = focalLoss(p, labels, options)
      if (reduction === 'sum') return sum(loss)
      return reduction === 'mean' && isSoftmax ? mul(loss, 1 / channels) : loss
    })
  const activation = use_softmax === true ? 'softmax' : 'sigmoid'
  const settings = `gamma ${gamma}${alpha === undefined ? '' : `, alpha ${alpha}`}`
  return bind(call, () => `focal from ${activation} logits; ${settings}; mean over all elements`)
}

function withoutFirst(x: Tensor): Tensor {
  return slice(x, [...x.shape.slice(1).map(() => null), [1, x.shape.at(-1) ?? 1]])
}

/** Defaults of the Dice part. */
const diceDefaults = {
  include_background: true,
  to_onehot_y: false,
  sigmoid: false,
  softmax: false,
  other_act: undefined,
  reduction: 'mean',
  smooth_nr: 1e-5,
  smooth_dr: 1e-5,
  batch: false,
  squared_pred: false,
  jaccard: false,
  weight: undefined,
} as const

export function monaiDiceCrossEntropy(where: string, given?: MonaiDiceCrossEntropyOptions): BoundLoss {
  const defaults = { ...diceDefaults, lambda_dice: 1, lambda_ce: 1 }
  const its = withDefaults<MonaiDiceCrossEntropyOptions>(where, defaults, given)
  const { lambda_dice = 1, lambda_ce = 1, ...diceOptions } = its
  const dice = monaiDice(where, diceOptions)
  const call = (prediction: Tensor, target: Tensor, batch: BatchOptions = {}): Tensor =>
    scope(() => {
      const entropy = crossEntropyOf(prediction, target, its, batch)
      return add(mul(dice(prediction, target, batch), lambda_dice), mul(entropy, lambda_ce))
    })
  return bind(
    call,
    (shape) => `${lambda_dice} × (${dice.describe(shape)}) + ${lambda_ce} × (cross-entropy from logits)`,
  )
}

function crossEntropyOf(
  prediction: Tensor,
  target: Tensor,
  { weight, to_onehot_y }: MonaiDiceCrossEntropyOptions,
  { mask }: BatchOptions,
): Tensor {
  const channels = prediction.shape.at(-1) ?? 1
  const masked = mask === undefined ? {} : { mask }
  if (channels === 1) {
    const [positiveWeight = 1] = weight ?? []
    return binaryCrossEntropyLoss(prediction, target, { fromLogits: 'sigmoid', positiveWeight, ...masked })
  }
  const isMap = to_onehot_y === true
  return crossEntropyLoss(prediction, isMap ? channelsOfLabels(target, prediction) : target, {
    fromLogits: 'softmax',
    normalize: isMap ? 'weights' : 'voxels',
    ...(weight !== undefined && { classWeights: weight }),
    ...masked,
  })
}

export function monaiDiceFocal(where: string, given?: MonaiDiceFocalOptions): BoundLoss {
  const defaults = { ...diceDefaults, gamma: 2, alpha: undefined, lambda_dice: 1, lambda_focal: 1 }
  const its = withDefaults<MonaiDiceFocalOptions>(where, defaults, given)
  const { gamma, alpha, lambda_dice = 1, lambda_focal = 1, ...diceOptions } = its
  const dice = monaiDice(where, diceOptions)
  const { include_background = true, to_onehot_y = false, weight, reduction = 'mean' } = diceOptions
  const focal = monaiFocal(where, {
    include_background,
    to_onehot_y,
    weight,
    reduction,
    alpha,
    ...(gamma !== undefined && { gamma }),
  })
  const call = (prediction: Tensor, target: Tensor, batch?: BatchOptions): Tensor =>
    scope(() =>
      add(mul(dice(prediction, target, batch), lambda_dice), mul(focal(prediction, target, batch), lambda_focal)),
    )
  return bind(
    call,
    (shape) => `${lambda_dice} × (${dice.describe(shape)}) + ${lambda_focal} × (${focal.describe(shape)})`,
  )
}
