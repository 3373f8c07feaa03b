/**
 * The losses of DeepVoxNet2, the authors' own package: 1 − mean of a map of scores (2 I + ε)/(U + ε), ε in both, added once after all
 * reductions. `weights` multiply the scores, and the mean still divides by all of them, so that the loss of a perfect prediction is
 * 1 − mean w: with weights (0, 1, 1, 1) it is ¼ + ¾ of the loss over the foreground.
 */
import { add } from '../../ops/add.js'
import { ConfigError } from '../../tensor/errors.js'
import { scope } from '../../tensor/scope.js'
import { type BoundLoss, bind, withOptions } from '../bound.js'
import { diceLoss } from '../dice.js'
import { diceSemimetricLoss } from '../dice-semimetric.js'
import type { PerClass } from '../options.js'

import { withDefaults } from './options.js'

export interface DeepVoxNet2Options {
  /** BI, or with `reduce_along_features` BCI. Default false. */
  readonly reduce_along_batch?: boolean
  /** CI, or with `reduce_along_batch` BCI. Default false. */
  readonly reduce_along_features?: boolean
  /** Default 1e-7. */
  readonly eps?: PerClass
  /** Used where Σ y = 0. Default none. */
  readonly eps_neg?: PerClass | undefined
  /** C factors on the scores; not with `reduce_along_features`. Default none. */
  readonly weights?: readonly number[] | undefined
  /** C factors on the elements of the sums; with `reduce_along_features` only. Default none. */
  readonly feature_weights?: readonly number[] | undefined
}

const defaults: DeepVoxNet2Options = {
  reduce_along_batch: false,
  reduce_along_features: false,
  eps: 1e-7,
  eps_neg: undefined,
  weights: undefined,
  feature_weights: undefined,
}

export function deepVoxNet2(where: string, kind: 'dice' | 'semimetric', given?: DeepVoxNet2Options): BoundLoss {
  const its = withDefaults(where, defaults, given)
  const { reduce_along_batch, reduce_along_features, eps = 1e-7, eps_neg, weights, feature_weights } = its
  if (weights !== undefined && reduce_along_features === true) {
    throw new ConfigError(where, 'weights without reduce_along_features', 'both')
  }
  if (feature_weights !== undefined && reduce_along_features !== true) {
    throw new ConfigError(where, 'feature_weights with reduce_along_features (they have no effect without)', 'without')
  }
  const classWeights = weights ?? feature_weights
  const options = {
    phi: (
      [
        ['I', 'CI'],
        ['BI', 'BCI'],
      ] as const
    )[reduce_along_batch === true ? 1 : 0][reduce_along_features === true ? 1 : 0],
    epsilon: eps,
    ...(eps_neg !== undefined && { epsilonEmpty: eps_neg }),
    ...(classWeights !== undefined && { classWeights }),
  }
  const loss =
    kind === 'dice'
      ? withOptions(diceLoss, options)
      : withOptions(diceSemimetricLoss, { ...options, subgradient: 'zero' })
  if (weights === undefined) return loss
  const rest = 1 - weights.reduce((total, weight) => total + weight, 0) / weights.length
  return bind(
    (prediction, target, batch) => scope(() => add(loss(prediction, target, batch), rest)),
    (shape) => `${loss.describe(shape)}; plus ${Number(rest.toPrecision(6))}`,
  )
}
