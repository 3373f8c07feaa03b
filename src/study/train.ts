/**
 * Training without files, clocks or processes: a trainer's state after a step is a function of the configuration and the
 * cases alone, whether it got there in one go or from a restored state.
 */
import { backward } from '../autograd/transforms/grad.js'
import type { Case } from '../data/case.js'
import { type Batch, Loader } from '../data/loader.js'
import { diceLoss } from '../losses/index.js'
import { NoNewNet } from '../nn/index.js'
import { Adam, linearDecay } from '../optim/index.js'
import { tensor } from '../tensor/create.js'
import { ConfigError, NumericalError } from '../tensor/errors.js'
import { Generator } from '../tensor/random.js'
import { scope } from '../tensor/scope.js'
import type { Tensor } from '../tensor/tensor.js'
import type { RunState } from './checkpoint.js'
import type { RunConfig } from './config.js'

/** Arithmetic left the finite numbers; `found` says what, at which step and in which cases. */
export class NonFiniteError extends NumericalError {
  constructor(
    readonly what: string,
    readonly found: string,
  ) {
    super('train', what, found)
  }
}

export interface StepResult {
  readonly loss: number
  readonly learningRate: number
}

const NETWORK = 'network.'
const OPTIMIZER = 'optimizer.'

/** The entries whose names begin with a prefix, without it. */
function part(state: ReadonlyMap<string, Tensor>, prefix: string): Map<string, Tensor> {
  return new Map(
    [...state].flatMap(([name, value]) => (name.startsWith(prefix) ? [[name.slice(prefix.length), value]] : [])),
  )
}

/**
 * The network of a configuration in training, one step at a time:
 *
 *     loss_s = dice(network(x_s), y_s; Φ, ε),  θ ← Adam(θ, ∂loss_s/∂θ, η_s)
 *
 * with batch s from the loader. `dispose` gives its memory back.
 *
 * Throws ConfigError or ShapeError for no cases or cases of different sizes.
 *
 * @example
 * const trainer = new Trainer(config, cases)
 * while (trainer.step < config.steps) trainer.advance()
 */
export class Trainer {
  readonly network: NoNewNet
  private readonly optimizer: Adam
  private readonly loader: Loader
  private batch: Batch | undefined

  constructor(
    private readonly config: RunConfig,
    cases: readonly Case[],
  ) {
    const { seed, batch, augmentation, network, optimizer, steps } = config
    this.loader = new Loader(cases, { batchSize: batch, seed, augmentation })
    const [first] = cases
    if (first === undefined) throw new ConfigError('train', 'at least one case', 'none')
    this.network = new NoNewNet({
      inChannels: first.channels,
      outChannels: first.classes,
      levels: network.levels,
      generator: new Generator(seed),
    })
    this.optimizer = new Adam(this.network.namedParameters(), {
      lr: linearDecay({ lr: optimizer.learningRate, steps, decay: optimizer.decay }),
      epsilon: optimizer.epsilon,
    })
  }

  /** Steps completed. */
  get step(): number {
    return this.optimizer.stepCount
  }

  /** One step. Throws NonFiniteError, leaving the parameters as they were, where the loss is not a finite number. */
  advance(): StepResult {
    const batch = this.loader.batch(this.step)
    this.batch = batch
    const { learningRate } = this.optimizer
    const loss = scope(() => {
      const value = this.lossOf(batch)
      const number = value.item()
      if (!Number.isFinite(number)) throw this.nonFinite('a finite loss', number, this.step + 1)
      backward(value)
      this.optimizer.step()
      this.optimizer.zeroGrad()
      return number
    })
    return { loss, learningRate }
  }

  private lossOf({ batchSize, shape, channels, classes, image, label, annotated }: Batch): Tensor {
    const { phi, epsilon } = this.config
    const logits = this.network.logits(tensor(image, { shape: [batchSize, ...shape, channels] }))
    const target = tensor(label, { shape: [batchSize, ...shape, classes] })
    const options = { phi, epsilon, fromLogits: 'sigmoid' } as const
    // Missing maps say nothing; empty ones say that nothing is there, and stay in.
    if (annotated.every((known) => known === 1)) return diceLoss(logits, target, options)
    const present = tensor(annotated, { shape: [batchSize, classes], dtype: 'bool' })
    return diceLoss(logits, target, { ...options, present })
  }

  /** Throws NonFiniteError where a parameter is not a finite number: such a state must never become a checkpoint. */
  checkFinite(): void {
    for (const [name, parameter] of this.network.stateDict()) {
      const wrong = parameter.data().find((value) => !Number.isFinite(value))
      if (wrong !== undefined) throw this.nonFinite(`finite values in ${name}`, wrong, this.step)
    }
  }

  private nonFinite(what: string, value: number, step: number): NonFiniteError {
    return new NonFiniteError(what, `${value} at step ${step}, batch of ${this.batch?.cases.join(', ') ?? 'no cases'}`)
  }

  /** The state as it is now; its tensors are the trainer's own, not copies. */
  state(): RunState {
    const named = (prefix: string, state: ReadonlyMap<string, Tensor>): [string, Tensor][] =>
      [...state].map(([name, value]) => [prefix + name, value])
    return {
      step: this.step,
      tensors: new Map([...named(NETWORK, this.network.stateDict()), ...named(OPTIMIZER, this.optimizer.stateDict())]),
    }
  }

  /** Goes back (or on) to a state and disposes its tensors. Throws DataError where it is another network's. */
  restore({ tensors }: Pick<RunState, 'tensors'>): void {
    try {
      this.network.loadStateDict(part(tensors, NETWORK))
      this.optimizer.loadStateDict(part(tensors, OPTIMIZER))
    } finally {
      for (const value of tensors.values()) value.dispose()
    }
  }

  dispose(): void {
    this.optimizer.dispose()
    this.network.dispose()
  }
}
