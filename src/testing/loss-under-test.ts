/**
 * The loss that is tested, whoever wrote it and in whatever it computes: one call with a case gives its value and its derivative
 * as plain numbers. Tensors made on the way are given back.
 */
import { noGrad } from '../autograd/graph/node.js'
import { backward } from '../autograd/transforms/grad.js'
import type { Partition, PartitionName } from '../losses/partition.js'
import { tensor } from '../tensor/create.js'
import { ConfigError, ShapeError } from '../tensor/errors.js'
import { scope } from '../tensor/scope.js'
import type { Shape } from '../tensor/shape.js'
import { Tensor } from '../tensor/tensor.js'
import { type Problem, subsetLabels } from './problem.js'
import { type Place, Violation, digits } from './violation.js'

/** What a loss is told. `phi` and `epsilon` always; the others by the laws that are about them. */
export interface LossOptions {
  readonly phi: PartitionName | Partition
  /** ε of Eq. 3, in voxels. */
  readonly epsilon: number
  /** Tversky: factors on Σ (1 − y) p and Σ y (1 − p). The score is (I + ε/2) / (I + α FP + β FN + ε/2). */
  readonly alpha?: number
  readonly beta?: number
  /** Generalized Dice: C factors on the sums I, Y and P of the classes. */
  readonly classWeights?: readonly number[]
  /** The prediction holds logits. Only for losses that say so, see `fromLogits` of `checkLoss`. */
  readonly fromLogits?: 'sigmoid' | 'softmax'
}

/** A loss and its derivative in the prediction (in C order of its shape) that were worked out without tensors. */
export interface NumericLoss {
  readonly value: number
  readonly gradient: ArrayLike<number>
}

/**
 * (prediction, target, options) → a scalar Tensor that can be differentiated, or numbers. Both arguments have the shape (B, …, C).
 */
export type LossUnderTest = (prediction: Tensor, target: Tensor, options: LossOptions) => Tensor | NumericLoss

/** What a loss over arrays is told. */
export interface ArrayLossContext extends LossOptions {
  /** (B, …, C) */
  readonly shape: Shape
  /** Element → index of its subset under Φ, −1 for none. */
  readonly subsets: Int32Array
}

/**
 * A loss over plain arrays in C order of (B, …, C), as one that `checkLoss` takes.
 *
 * @example
 * checkLoss(fromArrays((p, y, { shape, epsilon }) => ({ value: theirLoss(p, y, epsilon), gradient: theirGradient(p, y, epsilon) })), { laws: 'dice' })
 */
export function fromArrays(
  loss: (prediction: Float64Array, target: Float64Array, context: ArrayLossContext) => NumericLoss,
): LossUnderTest {
  return (prediction, target, options) => {
    const [p, y] = [Float64Array.from(prediction.data()), Float64Array.from(target.data())]
    const { shape } = prediction
    return loss(p, y, { ...options, shape, subsets: subsetLabels(options.phi, shape) })
  }
}

/** One part of a batch. */
export interface Shard {
  readonly prediction: Tensor
  readonly target: Tensor
}

/** A loss over shards as data parallelism or gradient accumulation computes it: the loss of all, the derivative in each. */
export type ShardedLoss = (
  shards: readonly Shard[],
  options: LossOptions,
) => { readonly value: number; readonly gradients: readonly Tensor[] }

export interface Evaluation {
  readonly value: number
  readonly gradient: Float64Array
}

type Extra = Omit<Partial<LossOptions>, 'phi' | 'epsilon'> & { readonly dtype?: 'float32' | 'float64' }

/** The loss with what is known of it, as laws ask it. */
export class Subject {
  constructor(
    private readonly loss: LossUnderTest,
    /** Largest |got − expected| / max(1, |expected|) that passes. */
    readonly tolerance: number,
    readonly dtype: 'float32' | 'float64',
    readonly takesLogits: boolean,
    readonly sharded: ShardedLoss | null,
  ) {}

  /** @throws Violation where the loss is not finite. */
  value(problem: Problem, extra: Extra = {}): number {
    return scope(() => {
      const [p, y] = this.tensorsOf(problem, extra)
      const result = noGrad(() => this.loss(p, y, this.optionsOf(problem, extra)))
      return finite(problem, 'the loss', result instanceof Tensor ? scalar(result).item() : checkNumeric(result).value)
    })
  }

  /** @throws Violation where the loss or its derivative is not finite; ShapeError for a derivative of another size. */
  evaluate(problem: Problem, extra: Extra = {}): Evaluation {
    return scope(() => {
      const [p, y] = this.tensorsOf(problem, extra)
      p.requireGrad()
      const result = this.loss(p, y, this.optionsOf(problem, extra))
      const { value, gradient } = result instanceof Tensor ? differentiated(scalar(result), p) : checkNumeric(result)
      if (gradient.length !== p.size) {
        throw new ShapeError('checkLoss', `a derivative of ${p.size} elements`, String(gradient.length))
      }
      const numbers = Float64Array.from(gradient)
      finite(problem, 'the loss', value)
      numbers.forEach((g, element) => finite(problem, 'dL/dp', g, { element }))
      return { value, gradient: numbers }
    })
  }

  /** The loss and its derivative over parts of a batch. */
  evaluateShards(shards: readonly Problem[], whole: Problem): { value: number; gradients: readonly Float64Array[] } {
    const { sharded } = this
    if (sharded === null) throw new ConfigError('checkLoss', 'the option sharded for the law sharding')
    return scope(() => {
      const parts = shards.map((shard) => {
        const [prediction, target] = this.tensorsOf(shard, {})
        return { prediction, target }
      })
      const { value, gradients } = sharded(parts, this.optionsOf(whole, {}))
      return { value, gradients: gradients.map((g) => Float64Array.from(g.data())) }
    })
  }

  /** @throws Violation unless |got − expected| ≤ tolerance · max(1, |expected|). */
  same(problem: Problem, quantity: string, expected: number, got: number, place: Place = {}): void {
    if (Math.abs(got - expected) <= this.tolerance * Math.max(1, Math.abs(expected))) return
    const [wanted, came] = digits(expected, got)
    throw new Violation(problem, quantity, wanted, came, place)
  }

  private tensorsOf({ prediction, target, shape }: Problem, { dtype = this.dtype }: Extra): [Tensor, Tensor] {
    return [tensor(prediction, { shape, dtype }), tensor(target, { shape, dtype })]
  }

  private optionsOf({ phi, epsilon }: Problem, { dtype: _, ...extra }: Extra): LossOptions {
    return { phi, epsilon, ...extra }
  }
}

function differentiated(loss: Tensor, p: Tensor): NumericLoss {
  if (loss.requiresGrad) backward(loss)
  return { value: loss.item(), gradient: p.grad?.data() ?? new Float64Array(p.size) }
}

function scalar(loss: Tensor): Tensor {
  if (loss.size !== 1) throw new ShapeError('checkLoss', 'a loss with one element', `shape (${loss.shape.join(',')})`)
  return loss
}

function checkNumeric(result: NumericLoss): NumericLoss {
  if (typeof result !== 'object' || result === null || typeof result.value !== 'number' || !isList(result.gradient)) {
    throw new ConfigError('checkLoss', 'a loss that returns a Tensor or { value, gradient }', typeof result)
  }
  return result
}

function isList(values: unknown): boolean {
  return Array.isArray(values) || ArrayBuffer.isView(values)
}

function finite(problem: Problem, quantity: string, x: number, place: Place = {}): number {
  if (Number.isFinite(x)) return x
  throw new Violation(problem, quantity, 'a finite number', String(x), place)
}
