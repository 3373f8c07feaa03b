/**
 * nnU-Net v2's losses. The Dice part is −mean s, this package's loss less 1: −mean (2 I + smooth) / max(Y + P + smooth, 1e-8). With
 * smooth = 0 the clamp makes an empty subset's score 0, with derivative 0; here that is ε = 0 above and 1e-8 below the bar of
 * empty subsets. Subsets that a mask leaves without voxels leave |Φ| here and do not there.
 * Source: nnunetv2/training/loss/dice.py and compound_losses.py; defaults of nnUNetTrainer.
 */
import { add } from '../../ops/add.js'
import { mul } from '../../ops/mul.js'
import { sub } from '../../ops/sub.js'
import { scope } from '../../tensor/scope.js'
import type { Tensor } from '../../tensor/tensor.js'
import { type BatchOptions, type BoundLoss, bind, withOptions } from '../bound.js'
import { binaryCrossEntropyLoss } from '../binary-cross-entropy.js'
import { crossEntropyLoss } from '../cross-entropy.js'
import { diceLoss } from '../dice.js'
import type { OverlapOptions } from '../options.js'
import { channelsOfLabels, withDefaults } from './options.js'

export interface NnunetDiceOptions {
  /** Φ = BI instead of I. Default false. */
  readonly batch_dice?: boolean
  /** Default true. */
  readonly do_bg?: boolean
  /** Default 1. */
  readonly smooth?: number
  /** Default none: probabilities. */
  readonly apply_nonlin?: 'softmax' | 'sigmoid' | undefined
}

export interface NnunetCompoundOptions {
  /** As the plan says. Default false. */
  readonly batch_dice?: boolean
  /** Default false with cross-entropy, true with binary cross-entropy, as in nnUNetTrainer. */
  readonly do_bg?: boolean
  /** Default 1e-5, as in nnUNetTrainer; nnUNetTrainerDiceCELoss_noSmooth has 0. */
  readonly smooth?: number
  /** Default 1. */
  readonly weight_ce?: number
  /** Default 1. */
  readonly weight_dice?: number
}

const CLAMP = 1e-8

export function nnunetDice(where: string, given?: NnunetDiceOptions): BoundLoss {
  const defaults = { batch_dice: false, do_bg: true, smooth: 1, apply_nonlin: undefined }
  return negativeScore(withDefaults<NnunetDiceOptions>(where, defaults, given))
}

/** −mean s. */
function negativeScore({ batch_dice, do_bg, smooth = 1, apply_nonlin }: NnunetDiceOptions): BoundLoss {
  const options: OverlapOptions = {
    phi: batch_dice === true ? 'BI' : 'I',
    epsilon: smooth,
    ...(smooth === 0 && { epsilonEmpty: { numerator: 0, denominator: CLAMP } }),
    ...(do_bg === false && { ignoreBackground: true }),
    ...(apply_nonlin !== undefined && { fromLogits: apply_nonlin }),
  }
  const dice = withOptions(diceLoss, options)
  return bind(
    (prediction, target, batch) => scope(() => sub(dice(prediction, oneHotFor(prediction, target), batch), 1)),
    (shape) => `${dice.describe(shape)}; less 1`,
  )
}

export function nnunetCompound(where: string, kind: 'CE' | 'BCE', given?: NnunetCompoundOptions): BoundLoss {
  const defaults = { batch_dice: false, do_bg: kind === 'BCE', smooth: 1e-5, weight_ce: 1, weight_dice: 1 }
  const { weight_ce = 1, weight_dice = 1, ...dice } = withDefaults<NnunetCompoundOptions>(where, defaults, given)
  const score = negativeScore({ ...dice, apply_nonlin: kind === 'CE' ? 'softmax' : 'sigmoid' })
  const entropy =
    kind === 'CE'
      ? withOptions(crossEntropyLoss, { fromLogits: 'softmax' })
      : withOptions(binaryCrossEntropyLoss, { fromLogits: 'sigmoid' })
  const call = (prediction: Tensor, target: Tensor, batch?: BatchOptions): Tensor =>
    scope(() => {
      const labels = oneHotFor(prediction, target)
      return add(mul(score(prediction, labels, batch), weight_dice), mul(entropy(prediction, labels, batch), weight_ce))
    })
  return bind(
    call,
    (shape) => `${weight_dice} × (${score.describe(shape)}) + ${weight_ce} × (${entropy.describe(shape)})`,
  )
}

/** nnU-Net takes label maps and one-hot targets alike. */
function oneHotFor(prediction: Tensor, target: Tensor): Tensor {
  const isMap = target.shape.at(-1) === 1 && prediction.shape.at(-1) !== 1
  return isMap ? channelsOfLabels(target, prediction) : target
}
