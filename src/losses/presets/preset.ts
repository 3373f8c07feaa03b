/** Losses by name, with the settings of the paper and of other packages. Nothing but settings stands here. */
import { describe } from '../../tensor/describe.js'
import { ConfigError } from '../../tensor/errors.js'
import type { BoundLoss } from '../bound.js'
import { type DeepVoxNet2Options, deepVoxNet2 } from './deepvoxnet2.js'
import {
  type MonaiDiceOptions,
  type MonaiGeneralizedDiceOptions,
  type MonaiTverskyOptions,
  monaiDice,
  monaiGeneralizedDice,
  monaiTversky,
} from './monai.js'
import {
  type MonaiDiceCrossEntropyOptions,
  type MonaiDiceFocalOptions,
  type MonaiFocalOptions,
  monaiDiceCrossEntropy,
  monaiDiceFocal,
  monaiFocal,
} from './monai-entropy.js'
import { type NnunetCompoundOptions, type NnunetDiceOptions, nnunetCompound, nnunetDice } from './nnunet.js'
import {
  type PaperEpsilonOptions,
  type PaperMarginalOptions,
  type PaperOptions,
  paperDice,
  paperEpsilon,
  paperLeaf,
  paperMarginal,
} from './paper.js'

/** The options of each preset. Those of other packages have the names that they have there. */
export interface PresetOptions {
  'paper:I': PaperOptions
  'paper:CI': PaperOptions
  'paper:BI': PaperOptions
  'paper:BCI': PaperOptions
  'paper:I_eps': PaperEpsilonOptions
  'paper:leaf': PaperOptions
  'paper:marginal': PaperMarginalOptions
  'deepvoxnet2:dice_loss': DeepVoxNet2Options
  'deepvoxnet2:dice_semimetric_loss': DeepVoxNet2Options
  'monai:DiceLoss': MonaiDiceOptions
  'monai:MaskedDiceLoss': MonaiDiceOptions
  'monai:TverskyLoss': MonaiTverskyOptions
  'monai:GeneralizedDiceLoss': MonaiGeneralizedDiceOptions
  'monai:FocalLoss': MonaiFocalOptions
  'monai:DiceCELoss': MonaiDiceCrossEntropyOptions
  'monai:DiceFocalLoss': MonaiDiceFocalOptions
  'nnunet:SoftDiceLoss': NnunetDiceOptions
  'nnunet:DC_and_CE_loss': NnunetCompoundOptions
  'nnunet:DC_and_BCE_loss': NnunetCompoundOptions
}

export type PresetName = keyof PresetOptions

const presets: { readonly [Name in PresetName]: (where: string, options?: PresetOptions[Name]) => BoundLoss } = {
  'paper:I': (where, options) => paperDice(where, 'I', options),
  'paper:CI': (where, options) => paperDice(where, 'CI', options),
  'paper:BI': (where, options) => paperDice(where, 'BI', options),
  'paper:BCI': (where, options) => paperDice(where, 'BCI', options),
  'paper:I_eps': paperEpsilon,
  'paper:leaf': paperLeaf,
  'paper:marginal': paperMarginal,
  'deepvoxnet2:dice_loss': (where, options) => deepVoxNet2(where, 'dice', options),
  'deepvoxnet2:dice_semimetric_loss': (where, options) => deepVoxNet2(where, 'semimetric', options),
  'monai:DiceLoss': monaiDice,
  'monai:MaskedDiceLoss': monaiDice,
  'monai:TverskyLoss': monaiTversky,
  'monai:GeneralizedDiceLoss': monaiGeneralizedDice,
  'monai:FocalLoss': monaiFocal,
  'monai:DiceCELoss': monaiDiceCrossEntropy,
  'monai:DiceFocalLoss': monaiDiceFocal,
  'nnunet:SoftDiceLoss': nnunetDice,
  'nnunet:DC_and_CE_loss': (where, options) => nnunetCompound(where, 'CE', options),
  'nnunet:DC_and_BCE_loss': (where, options) => nnunetCompound(where, 'BCE', options),
}

export const presetNames = Object.keys(presets) as readonly PresetName[]

/**
 * The loss that the paper or another package means by a name, ε and all, as `(prediction, target, { mask, present }) → Tensor` on
 * (B, …, C) tensors. Without options it has the defaults it has there; `describe` says what it is.
 *
 * Throws ConfigError for a name that is none, an option that the loss has not there, or 'paper:I_eps' without its ε.
 *
 * @example
 * const loss = preset('nnunet:DC_and_CE_loss', { batch_dice: true })
 * loss(logits, label).backward()
 * preset('paper:I_eps', { epsilon: heuristicEpsilon(trainingLabels), fromLogits: 'sigmoid' })
 */
export function preset<Name extends PresetName>(name: Name, options?: PresetOptions[Name]): BoundLoss {
  if (!Object.hasOwn(presets, name)) throw new ConfigError('preset', presetNames.join(', '), describe(name))
  return presets[name](name, options)
}
