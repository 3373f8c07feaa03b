/** Sums of losses: Dice + cross-entropy, Dice + focal, or any others. */
import { add } from '../ops/add.js'
import { mul } from '../ops/mul.js'
import { ConfigError } from '../tensor/errors.js'
import { scope } from '../tensor/scope.js'
import type { Tensor } from '../tensor/tensor.js'
import type { BatchOptions, BoundLoss } from './bound.js'
import { checkNumber } from './options.js'

export interface LossTerm {
  /** A loss with its options (`withOptions`, `preset`). */
  readonly loss: BoundLoss
  /** Factor ≥ 0. Default 1. */
  readonly weight?: number
}

export interface CombineOptions extends BatchOptions {
  /** At least one. Required. */
  readonly terms: readonly LossTerm[]
}

/**
 * Σ_k w_k L_k(prediction, target), every term on the same prediction and target. `mask` and `present` go to every term that knows them.
 * Terms with weight 0 are not evaluated.
 *
 * Throws ConfigError without terms or for a weight below 0, and what the terms throw.
 *
 * @example
 * combineLosses(logits, label, {
 *   terms: [
 *     { loss: withOptions(diceLoss, { phi: 'I', epsilon: 1e-5, fromLogits: 'softmax', ignoreBackground: true }) },
 *     { loss: withOptions(crossEntropyLoss, { fromLogits: 'softmax' }), weight: 0.5 },
 *   ],
 * })
 */
export function combineLosses(prediction: Tensor, target: Tensor, options: CombineOptions): Tensor {
  const where = 'combineLosses'
  const terms: unknown = options?.terms
  if (!Array.isArray(terms) || terms.length === 0) throw new ConfigError(where, 'terms: at least one', String(terms))
  const { mask, present } = options
  const batch: BatchOptions = { ...(mask !== undefined && { mask }), ...(present !== undefined && { present }) }
  return scope(() => {
    const losses = options.terms.flatMap(({ loss, weight = 1 }) => {
      checkNumber(where, 'weight', weight)
      if (typeof loss !== 'function') throw new ConfigError(where, 'loss: a loss with options', typeof loss)
      if (weight === 0) return []
      const value = loss(prediction, target, batch)
      return [weight === 1 ? value : mul(value, weight)]
    })
    const [first, ...rest] = losses
    if (first === undefined) throw new ConfigError(where, 'a term with a weight above 0', 'none')
    return rest.reduce((total, each) => add(total, each), first)
  })
}

/** The description of a sum of losses. */
export function describeTerms(terms: readonly LossTerm[], shape?: readonly number[]): string {
  return terms
    .filter(({ weight = 1 }) => weight !== 0)
    .map(({ loss, weight = 1 }) => (weight === 1 ? loss.describe(shape) : `${weight} × (${loss.describe(shape)})`))
    .join(' + ')
}
