/**
 * The settings of the paper's experiments. I and BI have the negligible ε = 1e-7, I_eps the mean label volume of the training set,
 * which only the data know: 8,789 (partial labels) or 12,412 (full) for BRATS, per class for ACDC.
 * Source: Tilborghs, Bertels et al., MICCAI 2022, Sect. 2.1 and 3.
 */
import { ConfigError } from '../../tensor/errors.js'
import type { BoundLoss } from '../bound.js'
import { withOptions } from '../bound.js'
import { diceLoss } from '../dice.js'
import { marginalDiceLoss } from '../label-set-dice.js'
import { leafDiceLoss } from '../leaf-dice.js'
import type { OverlapOptions, PerClass } from '../options.js'
import type { PartitionName } from '../partition.js'
import { withDefaults } from './options.js'

export interface PaperOptions {
  /** BRATS: 'sigmoid' of one channel; ACDC: 'softmax'. Default: probabilities. */
  readonly fromLogits?: 'sigmoid' | 'softmax' | undefined
  /** ACDC: true. Default false. */
  readonly ignoreBackground?: boolean
}

export interface PaperEpsilonOptions extends PaperOptions {
  /** ε = E Σ y in voxels, one number or one per class (`heuristicEpsilon`). Required. */
  readonly epsilon: PerClass
}

export interface PaperMarginalOptions {
  readonly fromLogits?: 'softmax' | undefined
}

const NEGLIGIBLE = 1e-7

export function paperDice(where: string, phi: PartitionName, given?: PaperOptions): BoundLoss {
  return withOptions(diceLoss, { phi, epsilon: NEGLIGIBLE, ...common(where, given) })
}

export function paperEpsilon(where: string, given?: PaperEpsilonOptions): BoundLoss {
  if (given?.epsilon === undefined) {
    throw new ConfigError(where, 'epsilon: the mean label volume per class, see heuristicEpsilon', 'none')
  }
  const { epsilon, ...rest } = given
  return withOptions(diceLoss, { phi: 'I', epsilon, ...common(where, rest) } satisfies OverlapOptions)
}

export function paperLeaf(where: string, given?: PaperOptions): BoundLoss {
  return withOptions(leafDiceLoss, { phi: 'I', epsilon: NEGLIGIBLE, ...common(where, given) })
}

/** The annotations come with each batch. The background is one of the maps, as it is in the source of this loss. */
export function paperMarginal(where: string, given?: PaperMarginalOptions): BoundLoss {
  const { fromLogits } = withDefaults<PaperMarginalOptions>(where, { fromLogits: undefined }, given)
  const options = { phi: 'I', epsilon: NEGLIGIBLE, ...(fromLogits !== undefined && { fromLogits }) } as const
  return withOptions(marginalDiceLoss, options as Parameters<typeof marginalDiceLoss>[2])
}

function common(where: string, given?: PaperOptions): Pick<OverlapOptions, 'fromLogits' | 'ignoreBackground'> {
  const defaults: PaperOptions = { fromLogits: undefined, ignoreBackground: false }
  const { fromLogits, ignoreBackground } = withDefaults(where, defaults, given)
  return { ...(fromLogits !== undefined && { fromLogits }), ...(ignoreBackground === true && { ignoreBackground }) }
}
