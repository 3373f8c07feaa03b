/** Activation layers, alone and fused with the normalisation that stands before them. */
import { leakyRelu } from '../ops/leakyRelu.js'
import { prelu } from '../ops/prelu.js'
import { full } from '../tensor/create.js'
import type { FloatDType } from '../tensor/dtype.js'
import type { Tensor } from '../tensor/tensor.js'
import { checkChannels } from './conv.js'
import { Module } from './module.js'
import type { Norm } from './norm.js'
import { parameter } from './parameter.js'

/** x where x > 0, slope·x elsewhere. */
export class LeakyReLU extends Module {
  /** `slope`: default 0.01. */
  constructor(readonly slope = 0.01) {
    super()
  }

  override forward(x: Tensor): Tensor {
    return leakyRelu(x, this.slope)
  }
}

export interface PReLUOptions {
  readonly channels: number
  /** What the slopes begin at. Default 0, as in Keras and the authors' networks: a ReLU. */
  readonly initial?: number
  /** Default float32. */
  readonly dtype?: FloatDType
}

/** x where x > 0, alpha[c]·x elsewhere, with learned alpha (C). See the op `prelu`. */
export class PReLU extends Module {
  readonly alpha: Tensor

  constructor({ channels, initial = 0, dtype = 'float32' }: PReLUOptions) {
    super()
    checkChannels('PReLU.channels', channels)
    this.alpha = parameter(full([channels], initial, { dtype }))
  }

  override forward(x: Tensor): Tensor {
    return prelu(x, this.alpha)
  }
}

/** activation(norm(x)); one kernel for the leaky ReLU. */
export class NormActivation extends Module {
  constructor(
    readonly norm: Norm,
    readonly activation: LeakyReLU | PReLU,
  ) {
    super()
  }

  override forward(x: Tensor): Tensor {
    const { norm, activation } = this
    return activation instanceof PReLU ? activation.forward(norm.forward(x)) : norm.normalize(x, activation.slope)
  }
}
