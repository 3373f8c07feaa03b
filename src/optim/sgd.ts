/**
 * Stochastic gradient descent with momentum.
 * Source: Sutskever et al., "On the importance of initialization and momentum in deep learning", ICML 2013.
 */
import { overwrite } from '../nn/parameter.js'
import { add } from '../ops/add.js'
import { mul } from '../ops/mul.js'
import { sub } from '../ops/sub.js'
import { ConfigError } from '../tensor/errors.js'
import type { Tensor } from '../tensor/tensor.js'
import { Optimizer, type Parameters, type Slot, checkRange, ofSlot } from './optimizer.js'
import type { Schedule } from './schedule.js'

export interface SGDOptions {
  readonly lr: number | Schedule
  /** Default 0. */
  readonly momentum?: number
  /** Whether to take the derivative's step on top of the momentum's. Default false. */
  readonly nesterov?: boolean
  /** L2: weightDecay·parameter is added to the derivative. Default 0. */
  readonly weightDecay?: number
}

/**
 * With g = derivative + weightDecay·parameter: velocity ← momentum·velocity + g, parameter ← parameter − lr·velocity; with
 * Nesterov's momentum parameter ← parameter − lr·(g + momentum·velocity). As in PyTorch.
 *
 *     const optimizer = new SGD(net.namedParameters(), { lr: 0.01, momentum: 0.9 })
 */
export class SGD extends Optimizer {
  private readonly momentum: number
  private readonly nesterov: boolean
  private readonly weightDecay: number
  private readonly velocities: readonly Tensor[]

  /** @throws ConfigError naming the option or the parameter that does not fit. */
  constructor(parameters: Parameters, { lr, momentum = 0, nesterov = false, weightDecay = 0 }: SGDOptions) {
    super('SGD', parameters, lr)
    checkRange('SGD.momentum', momentum, 0, 1)
    checkRange('SGD.weightDecay', weightDecay, 0, Infinity)
    if (nesterov && momentum === 0) throw new ConfigError('SGD.nesterov', 'a momentum above 0', 'momentum 0')
    this.momentum = momentum
    this.nesterov = nesterov
    this.weightDecay = weightDecay
    this.velocities = momentum === 0 ? [] : this.zerosPerParameter()
  }

  protected override update(slot: Slot, gradient: Tensor, learningRate: number): void {
    const { parameter } = slot
    const slope = this.weightDecay === 0 ? gradient : add(gradient, mul(parameter, this.weightDecay))
    overwrite(parameter, sub(parameter, mul(this.direction(slot, slope), learningRate)))
  }

  private direction(slot: Slot, slope: Tensor): Tensor {
    if (this.momentum === 0) return slope
    const velocity = ofSlot(this.velocities, slot)
    overwrite(velocity, add(mul(velocity, this.momentum), slope))
    return this.nesterov ? add(slope, mul(velocity, this.momentum)) : velocity
  }

  protected override state(): Iterable<readonly [string, Tensor]> {
    return this.named('velocity', this.velocities)
  }
}
