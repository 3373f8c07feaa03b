/** What every optimizer does: it walks over parameters that have a derivative, counts its steps, and can be saved. */
import { clearGradients, overwrite, restore } from '../nn/parameter.js'
import { dense } from '../ops/elementwise.js'
import { noGrad } from '../autograd/graph/node.js'
import { tensor, zerosLike } from '../tensor/create.js'
import { ConfigError } from '../tensor/errors.js'
import { keep, scope } from '../tensor/scope.js'
import { show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { type Schedule, checkRate, constant } from './schedule.js'

/** By name, as `Module.namedParameters()` gives them; a list is named by its indices. */
export type Parameters = ReadonlyMap<string, Tensor> | readonly Tensor[]

/** A parameter, its name, and its place in the order of parameters. */
export interface Slot {
  readonly name: string
  readonly parameter: Tensor
  readonly index: number
}

export abstract class Optimizer {
  protected readonly slots: readonly Slot[]
  private readonly schedule: Schedule
  /** Steps made so far: an int32 scalar, so that it is saved with the rest. */
  private readonly steps = keep(tensor(0, { dtype: 'int32' }))

  /** @throws ConfigError for a tensor that is no dense leaf requiring a derivative, or for a bad learning rate. */
  constructor(
    private readonly where: string,
    parameters: Parameters,
    lr: number | Schedule,
  ) {
    if (typeof lr === 'number') checkRate(`${where}.lr`, lr)
    this.schedule = typeof lr === 'number' ? constant(lr) : lr
    const named: (readonly [string | number, Tensor])[] = [...parameters.entries()]
    this.slots = named.map(([name, parameter], index) => ({ name: String(name), parameter, index }))
    const seen = new Set<unknown>()
    for (const { name, parameter } of this.slots) {
      if (seen.has(parameter.variable)) throw new ConfigError(where, 'each parameter once', `${name} again`)
      seen.add(parameter.variable)
      if (parameter.variable === null || parameter.variable.producer !== null || !parameter.isDense) {
        throw new ConfigError(where, 'dense leaves with requiresGrad', `${name} of shape ${show(parameter.shape)}`)
      }
    }
  }

  /** Updates made so far. */
  get stepCount(): number {
    return this.steps.item()
  }

  /** The learning rate of the next update. */
  get learningRate(): number {
    return this.schedule(this.stepCount)
  }

  /** Updates every parameter that has a derivative, in place. Graphs that saved the old values can no longer be used. */
  step(): void {
    const { learningRate } = this
    checkRate(`${this.where}.lr at step ${this.stepCount}`, learningRate)
    noGrad(() =>
      scope(() => {
        for (const slot of this.slots) {
          const { grad } = slot.parameter
          if (grad !== null && !grad.disposed) this.update(slot, dense(grad), learningRate)
        }
        overwrite(this.steps, tensor(this.stepCount + 1, { dtype: 'int32' }))
      }),
    )
  }

  /** Gives the parameters' derivatives back. */
  zeroGrad(): void {
    clearGradients(this.slots.map(({ parameter }) => parameter))
  }

  /** All that the next steps depend on besides parameters and options. The tensors are the optimizer's own, not copies. */
  stateDict(): ReadonlyMap<string, Tensor> {
    return new Map([['step', this.steps], ...this.state()])
  }

  /**
   * Goes on where the optimizer that `state` was taken from stood: further steps have the bits they would have had there.
   *
   * @throws DataError, ShapeError or DTypeError naming the tensor that does not fit; nothing was changed then.
   */
  loadStateDict(state: ReadonlyMap<string, Tensor>): void {
    restore(`${this.where}.loadStateDict`, this.stateDict(), state)
  }

  /** Gives the state's memory back; the parameters are not the optimizer's. */
  dispose(): void {
    for (const tensor of this.stateDict().values()) tensor.dispose()
  }

  [Symbol.dispose](): void {
    this.dispose()
  }

  protected abstract update(slot: Slot, gradient: Tensor, learningRate: number): void

  protected abstract state(): Iterable<readonly [string, Tensor]>

  /** One tensor of zeros for each parameter. */
  protected zerosPerParameter(): readonly Tensor[] {
    return this.slots.map(({ parameter }) => keep(zerosLike(parameter)))
  }

  /** The tensors of `list`, which is in the order of the parameters, as `prefix.name`. */
  protected named(prefix: string, list: readonly Tensor[]): [string, Tensor][] {
    return list.map((tensor, i) => [`${prefix}.${this.slots[i]?.name ?? i}`, tensor])
  }
}

/** `list[index]` where the index is a parameter's. */
export function ofSlot(list: readonly Tensor[], { index }: Slot): Tensor {
  return list[index] as Tensor
}

/** @throws ConfigError naming the option, unless low ≤ value < high. */
export function checkRange(where: string, value: number, low: number, high: number): void {
  if (!(value >= low && value < high)) {
    const wanted = high === Infinity ? `a finite number ≥ ${low}` : `a number in [${low}, ${high})`
    throw new ConfigError(where, wanted, String(value))
  }
}
