/** Learning rates as pure functions of the step, which counts the updates made before: the first is step 0. */
import { ConfigError } from '../tensor/errors.js'

export type Schedule = (step: number) => number

/** The same rate at every step. */
export function constant(lr: number): Schedule {
  checkRate('constant.lr', lr)
  return () => lr
}

export interface LinearDecayOptions {
  readonly lr: number
  /** Updates in all. */
  readonly steps: number
  /** The last part of them over which the rate falls to 0. Default 0.25. */
  readonly decay?: number
}

/**
 * lr · min(1, (steps − step) / (decay·steps)): constant, then linear to 0, which is reached at `steps` and kept.
 *
 *     new Adam(net.namedParameters(), { lr: linearDecay({ lr: 3e-3, steps: 600 }) })
 *
 * @throws ConfigError naming the option.
 */
export function linearDecay({ lr, steps, decay = 0.25 }: LinearDecayOptions): Schedule {
  checkRate('linearDecay.lr', lr)
  if (!Number.isInteger(steps) || steps < 1) {
    throw new ConfigError('linearDecay.steps', 'a positive integer', String(steps))
  }
  if (!(decay >= 0 && decay <= 1)) throw new ConfigError('linearDecay.decay', 'a number from 0 to 1', String(decay))
  return (step) => {
    const left = Math.max(0, steps - step)
    return left >= decay * steps ? lr * Math.sign(left) : (lr * left) / (decay * steps)
  }
}

export interface CosineDecayOptions {
  readonly lr: number
  /** Updates in all, the warm-up included. */
  readonly steps: number
  /** Updates over which the rate first rises linearly to lr. Default 0. */
  readonly warmup?: number
  /** The rate at the end. Default 0. */
  readonly final?: number
}

/**
 * final + (lr − final)·(1 + cos(π·t))/2 with t from 0 after the warm-up to 1 at `steps`; lr·(step + 1)/(warmup + 1) before.
 * Source: Loshchilov & Hutter, "SGDR: stochastic gradient descent with warm restarts", ICLR 2017, Eq. 5, without restarts.
 *
 * @throws ConfigError naming the option.
 */
export function cosineDecay({ lr, steps, warmup = 0, final = 0 }: CosineDecayOptions): Schedule {
  checkRate('cosineDecay.lr', lr)
  checkRate('cosineDecay.final', final)
  if (!Number.isInteger(steps) || steps < 1) {
    throw new ConfigError('cosineDecay.steps', 'a positive integer', String(steps))
  }
  if (!Number.isInteger(warmup) || warmup < 0 || warmup >= steps) {
    throw new ConfigError('cosineDecay.warmup', `an integer from 0 to ${steps - 1}`, String(warmup))
  }
  return (step) => {
    if (step < warmup) return (lr * (step + 1)) / (warmup + 1)
    const t = Math.min(1, (step - warmup) / (steps - warmup))
    return final + ((lr - final) * (1 + Math.cos(Math.PI * t))) / 2
  }
}

export interface ReduceOnPlateauOptions {
  readonly lr: number
  /** What the rate is multiplied by. Default 0.2, as in No New-Net. */
  readonly factor?: number
  /** Observations without improvement that are borne; the next one reduces the rate. Default 30. */
  readonly patience?: number
  /** An observation improves on the best when it is below best − threshold·|best|. Default 1e-4. */
  readonly threshold?: number
  /** The rate never falls below. Default 0. */
  readonly minimum?: number
}

/**
 * Lowers the rate when an observed value, such as the validation loss, stops falling. It is no function of the step: call
 * `observe` once per epoch, and save `state` with the checkpoint.
 *
 *     const plateau = new ReduceOnPlateau({ lr: 1e-3, factor: 0.2, patience: 30 })
 *     const optimizer = new Adam(net.namedParameters(), { lr: plateau.schedule })
 *     plateau.observe(validationLoss)
 */
export class ReduceOnPlateau {
  private readonly options: Required<ReduceOnPlateauOptions>
  private rate: number
  private best = Infinity
  private waited = 0

  /** @throws ConfigError naming the option. */
  constructor({ lr, factor = 0.2, patience = 30, threshold = 1e-4, minimum = 0 }: ReduceOnPlateauOptions) {
    checkRate('ReduceOnPlateau.lr', lr)
    checkRate('ReduceOnPlateau.minimum', minimum)
    if (!(factor > 0 && factor < 1)) {
      throw new ConfigError('ReduceOnPlateau.factor', 'a number between 0 and 1', String(factor))
    }
    if (!Number.isInteger(patience) || patience < 0) {
      throw new ConfigError('ReduceOnPlateau.patience', 'an integer ≥ 0', String(patience))
    }
    if (!(threshold >= 0 && threshold < 1)) {
      throw new ConfigError('ReduceOnPlateau.threshold', 'a number in [0, 1)', String(threshold))
    }
    this.options = { lr, factor, patience, threshold, minimum }
    this.rate = lr
  }

  /** Hand this to an optimizer as its `lr`. */
  readonly schedule: Schedule = () => this.rate

  /** Takes the next value; NaN is no improvement. Returns the rate from here on. */
  observe(value: number): number {
    const { factor, patience, threshold, minimum } = this.options
    const goal = this.best === Infinity ? Infinity : this.best - threshold * Math.abs(this.best)
    if (value < goal) {
      this.best = value
      this.waited = 0
    } else {
      this.waited += 1
    }
    if (this.waited > patience) {
      this.rate = Math.max(minimum, this.rate * factor)
      this.waited = 0
    }
    return this.rate
  }

  /** What later observations depend on, for a checkpoint. */
  get state(): { readonly rate: number; readonly best: number; readonly waited: number } {
    return { rate: this.rate, best: this.best, waited: this.waited }
  }

  set state({ rate, best, waited }) {
    checkRate('ReduceOnPlateau.state.rate', rate)
    Object.assign(this, { rate, best, waited })
  }
}

export function checkRate(where: string, lr: number): void {
  if (!(lr >= 0 && lr < Infinity)) throw new ConfigError(where, 'a number ≥ 0', String(lr))
}
