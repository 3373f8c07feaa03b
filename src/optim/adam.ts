/** Adam. Source: Kingma & Ba, "Adam: a method for stochastic optimization", ICLR 2015, Algorithm 1. */
import { kernelsOf } from '../backend/select.js'
import { zeros } from '../tensor/create.js'
import { keep } from '../tensor/scope.js'
import type { Tensor } from '../tensor/tensor.js'
import { Optimizer, type Parameters, type Slot, checkRange, ofSlot } from './optimizer.js'
import type { Schedule } from './schedule.js'

export interface AdamOptions {
  readonly lr: number | Schedule
  /** Decay of the moments. Default [0.9, 0.999]. */
  readonly betas?: readonly [number, number]
  /** Added to the root of the second moment. Default 1e-8. */
  readonly epsilon?: number
  /** L2: weightDecay·parameter is added to the derivative. Default 0. */
  readonly weightDecay?: number
}

/**
 * With g = derivative + weightDecay·parameter and t the parameter's updates so far, this one included:
 * m ← β₁·m + (1 − β₁)·g, v ← β₂·v + (1 − β₂)·g², parameter ← parameter − lr·(m/(1 − β₁^t)) / (√(v/(1 − β₂^t)) + ε).
 * One pass over memory per parameter.
 *
 *     const optimizer = new Adam(net.namedParameters(), { lr: linearDecay({ lr: 3e-3, steps: 600 }), epsilon: 1e-7 })
 *     scope(() => diceLoss(net.call(image), label, { phi: 'I', epsilon: 1e-7 }).backward())
 *     optimizer.step()
 *     optimizer.zeroGrad()
 */
export class Adam extends Optimizer {
  private readonly betas: readonly [number, number]
  private readonly epsilon: number
  private readonly weightDecay: number
  private readonly firstMoments: readonly Tensor[]
  private readonly secondMoments: readonly Tensor[]
  /** How often each parameter was updated: those without a derivative are passed over, and their moments stay young. */
  private readonly updates: Tensor

  /** @throws ConfigError naming the option or the parameter that does not fit. */
  constructor(parameters: Parameters, { lr, betas = [0.9, 0.999], epsilon = 1e-8, weightDecay = 0 }: AdamOptions) {
    super('Adam', parameters, lr)
    checkRange('Adam.betas[0]', betas[0], 0, 1)
    checkRange('Adam.betas[1]', betas[1], 0, 1)
    checkRange('Adam.epsilon', epsilon, 0, Infinity)
    checkRange('Adam.weightDecay', weightDecay, 0, Infinity)
    this.betas = betas
    this.epsilon = epsilon
    this.weightDecay = weightDecay
    this.firstMoments = this.zerosPerParameter()
    this.secondMoments = this.zerosPerParameter()
    this.updates = keep(zeros([this.slots.length], { dtype: 'int32' }))
  }

  protected override update(slot: Slot, gradient: Tensor, learningRate: number): void {
    const { parameter, index } = slot
    const [beta1, beta2] = this.betas
    const m = ofSlot(this.firstMoments, slot)
    const v = ofSlot(this.secondMoments, slot)
    const counts = this.updates.array
    const step = (counts[index] ?? 0) + 1
    counts[index] = step
    const { epsilon, weightDecay } = this
    const options = { learningRate, beta1, beta2, epsilon, weightDecay, step }
    kernelsOf(parameter.device).adamStep(parameter, gradient, m, v, options)
    for (const changed of [parameter, m, v]) changed.storage.version += 1
  }

  protected override state(): Iterable<readonly [string, Tensor]> {
    return [
      ['updates', this.updates] as const,
      ...this.named('m', this.firstMoments),
      ...this.named('v', this.secondMoments),
    ]
  }
}
