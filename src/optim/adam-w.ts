/** AdamW. Source: Loshchilov & Hutter, "Decoupled weight decay regularization", ICLR 2019, Algorithm 2. */
import { mul } from '../ops/mul.js'
import { overwrite } from '../nn/parameter.js'
import type { Tensor } from '../tensor/tensor.js'
import { Adam, type AdamOptions } from './adam.js'
import { type Parameters, type Slot, checkRange } from './optimizer.js'

/** As Adam's; `weightDecay` (default 0.01) shrinks the parameter itself and does not enter the moments. */
export type AdamWOptions = AdamOptions

/**
 * parameter ← (1 − lr·weightDecay)·parameter, then a step of Adam without L2: the decay does not pass through the moments.
 *
 *     const optimizer = new AdamW(net.namedParameters(), { lr: cosineDecay({ lr: 1e-3, steps: 1000 }), weightDecay: 0.05 })
 */
export class AdamW extends Adam {
  private readonly decay: number

  /** @throws ConfigError naming the option or the parameter that does not fit. */
  constructor(parameters: Parameters, { weightDecay = 0.01, ...options }: AdamWOptions) {
    super(parameters, { ...options, weightDecay: 0 })
    checkRange('AdamW.weightDecay', weightDecay, 0, Infinity)
    this.decay = weightDecay
  }

  protected override update(slot: Slot, gradient: Tensor, learningRate: number): void {
    if (this.decay > 0) overwrite(slot.parameter, mul(slot.parameter, 1 - learningRate * this.decay))
    super.update(slot, gradient, learningRate)
  }
}
