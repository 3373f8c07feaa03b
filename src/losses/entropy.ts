/**
 * What the entropy losses share: their options and checks, logarithms that stay finite, and the mean over what counts. They are sums
 * over elements, not ratios over subsets: no Φ and no ε here.
 */
import { add } from '../ops/add.js'
import { any } from '../ops/any.js'
import { cast } from '../ops/cast.js'
import { div } from '../ops/div.js'
import { expand } from '../ops/expand.js'
import { greaterEqual } from '../ops/greaterEqual.js'
import { log } from '../ops/log.js'
import { logSoftmax } from '../ops/logSoftmax.js'
import { maximum } from '../ops/maximum.js'
import { mul } from '../ops/mul.js'
import { sub } from '../ops/sub.js'
import { sum } from '../ops/sum.js'
import { where as choose } from '../ops/where.js'
import { tensor } from '../tensor/create.js'
import { describe } from '../tensor/describe.js'
import { ConfigError } from '../tensor/errors.js'
import { at } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { type StatisticsOptions, checkClassWeights, checkMask, checkOperands } from './options.js'

export interface EntropyOptions {
  /** bool, (B,…,1) or the prediction's shape: elements that count, in the sum and in what it is divided by. */
  readonly mask?: Tensor
  /** C numbers ≥ 0: factor on the elements of a class; the mean still divides by the number of what counts. */
  readonly classWeights?: NonNullable<StatisticsOptions['classWeights']>
  /** 'mean' (default) over what counts, or 'none': one value for each, 0 where it does not count. */
  readonly reduction?: 'mean' | 'none'
}

/** log p is continued by its tangent below this probability, so that a certain and wrong answer still has a derivative. */
export const SMALLEST_PROBABILITY = 1e-12

/** A logarithm of a probability is never below this: −∞ times a label of 0 would be NaN. Reached by float64 logits beyond 1e307 only. */
const SMALLEST_LOGARITHM = -Number.MAX_VALUE / 8

/** log p, continued by its tangent below p = 1e-12. */
export function safeLog(p: Tensor): Tensor {
  const tangent = add(div(sub(p, SMALLEST_PROBABILITY), SMALLEST_PROBABILITY), Math.log(SMALLEST_PROBABILITY))
  return choose(greaterEqual(p, SMALLEST_PROBABILITY), log(maximum(p, SMALLEST_PROBABILITY)), tangent)
}

/** log softmax(z) over the channels, in float64: ln Σ e^z − z cancels where the answer is nearly certain. */
export function logProbabilities(z: Tensor): Tensor {
  return maximum(logSoftmax(z.dtype === 'float64' ? z : cast(z, 'float64')), SMALLEST_LOGARITHM)
}

/** The operands of an entropy loss, ready to be computed with. */
export interface EntropyInputs {
  /** What does not count is replaced, so that nothing of it can come back. */
  readonly prediction: Tensor
  /** In the prediction's dtype; 0 where an element does not count. */
  readonly target: Tensor
  /** bool, the prediction's shape: elements that count. Null for all. */
  readonly counted: Tensor | null
  readonly classWeights: Float64Array | null
}

/**
 * Checks, and replaces what does not count: single elements where `perElement`, else voxels of which no channel counts, since the
 * others' softmax needs a masked channel.
 *
 * @throws ConfigError, ShapeError or DTypeError for what does not fit.
 */
export function entropyInputs(
  where: string,
  prediction: Tensor,
  target: Tensor,
  options: EntropyOptions,
  perElement: boolean,
): EntropyInputs {
  checkOperands(where, prediction, target)
  const { mask } = options
  const { shape, dtype, rank } = prediction
  const channels = at(shape, rank - 1)
  checkMask(where, mask, shape)
  const classWeights = checkClassWeights(where, options.classWeights, channels)
  const counted = mask === undefined ? null : expand(mask, shape)
  const kept = counted === null || perElement ? counted : any(counted, -1, { keepDims: true })
  const y = target.dtype === dtype ? target : cast(target, dtype)
  return {
    prediction: kept === null ? prediction : choose(kept, prediction, 0),
    target: counted === null ? y : choose(counted, y, 0),
    counted,
    classWeights,
  }
}

/** Terms of what does not count become 0, others are multiplied with their class's weight. */
export function weighted(
  terms: Tensor,
  { counted, classWeights }: Pick<EntropyInputs, 'counted' | 'classWeights'>,
): Tensor {
  const kept = counted === null ? terms : choose(counted, terms, 0)
  return classWeights === null ? kept : mul(kept, tensor(classWeights, { dtype: terms.dtype }))
}

/** Σ terms / count in the prediction's dtype; 0 where nothing counts. */
export function meanOf(terms: Tensor, count: number, like: Tensor): Tensor {
  return inDtypeOf(like, div(sum(terms), count > 0 ? count : 1))
}

export function inDtypeOf(like: Tensor, x: Tensor): Tensor {
  return x.dtype === like.dtype ? x : cast(x, like.dtype)
}

/** How many elements of a bool tensor hold. */
export function countOf(mask: Tensor): number {
  let count = 0
  for (const one of mask.data()) count += one
  return count
}

/** Checks the names of options and the values of those that have few. @throws ConfigError naming the option. */
export function checkEntropyOptions(
  where: string,
  options: object,
  own: Readonly<Record<string, readonly unknown[] | null>>,
): void {
  if (typeof options !== 'object' || options === null)
    throw new ConfigError(where, 'an object of options', String(options))
  const allowed: Readonly<Record<string, readonly unknown[] | null>> = {
    reduction: ['mean', 'none'],
    mask: null,
    classWeights: null,
    ...own,
  }
  for (const [name, value] of Object.entries(options) as [string, unknown][]) {
    const values = allowed[name]
    if (values === undefined) throw new ConfigError(where, `an option of ${Object.keys(allowed).join(', ')}`, name)
    if (values !== null && value !== undefined && !values.includes(value)) {
      throw new ConfigError(where, `${name}: ${values.join(' or ')}`, describe(value))
    }
  }
}
