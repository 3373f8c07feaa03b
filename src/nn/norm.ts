/** Normalisation layers: scale·(x − mean)/√(variance + ε) + shift, for x (B, …, C) with scale and shift (C). */
import { noGrad } from '../autograd/graph/node.js'
import { add } from '../ops/add.js'
import { div } from '../ops/div.js'
import { leakyRelu } from '../ops/leakyRelu.js'
import { mean } from '../ops/mean.js'
import { mul } from '../ops/mul.js'
import { normActivation } from '../ops/normActivation.js'
import { sqrt } from '../ops/sqrt.js'
import { sub } from '../ops/sub.js'
import { ones, zeros } from '../tensor/create.js'
import type { FloatDType } from '../tensor/dtype.js'
import { ConfigError, ShapeError } from '../tensor/errors.js'
import { at, show } from '../tensor/shape.js'
import { scope } from '../tensor/scope.js'
import type { Tensor } from '../tensor/tensor.js'
import { checkChannels } from './conv.js'
import { Module } from './module.js'
import { buffer, overwrite, parameter } from './parameter.js'

export interface NormLayerOptions {
  readonly channels: number
  /** Added to the variance. Default 1e-3, as in Keras and the authors' networks. */
  readonly epsilon?: number
  /** Default float32. */
  readonly dtype?: FloatDType
}

/** What the two normalisations share. Scale begins at 1, shift at 0. */
export abstract class Norm extends Module {
  readonly scale: Tensor
  readonly shift: Tensor
  protected readonly epsilon: number

  constructor({ channels, epsilon = 1e-3, dtype = 'float32' }: NormLayerOptions) {
    super()
    checkChannels('Norm.channels', channels)
    if (!(epsilon >= 0)) throw new ConfigError('Norm.epsilon', 'a number ≥ 0', String(epsilon))
    this.epsilon = epsilon
    this.scale = parameter(ones([channels], { dtype }))
    this.shift = parameter(zeros([channels], { dtype }))
  }

  override forward(x: Tensor): Tensor {
    return this.normalize(x, 1)
  }

  /** leakyRelu of the normalised x; slope 1 leaves the activation out. The two are one kernel where the backend has one. */
  abstract normalize(x: Tensor, slope: number): Tensor
}

/** Mean and variance (÷ n) over the voxels of each image and channel. Source: Ulyanov et al., "Instance normalization", 2016. */
export class InstanceNorm extends Norm {
  override normalize(x: Tensor, slope: number): Tensor {
    return normActivation(x, this.scale, this.shift, { epsilon: this.epsilon, slope })
  }
}

export interface BatchNormOptions extends NormLayerOptions {
  /** How far each batch moves the running statistics: running ← (1 − momentum)·running + momentum·batch. Default 0.1. */
  readonly momentum?: number
}

/**
 * In training, mean and variance (÷ n) over batch and voxels of each channel; in evaluation, their running averages, where
 * the variance is the unbiased one (÷ n − 1), as in PyTorch. Source: Ioffe & Szegedy, "Batch normalization", ICML 2015.
 */
export class BatchNorm extends Norm {
  readonly runningMean: Tensor
  readonly runningVariance: Tensor
  private readonly momentum: number

  constructor(options: BatchNormOptions) {
    super(options)
    const { momentum = 0.1, channels, dtype = 'float32' } = options
    if (!(momentum >= 0 && momentum <= 1)) {
      throw new ConfigError('BatchNorm.momentum', 'a number from 0 to 1', String(momentum))
    }
    this.momentum = momentum
    this.runningMean = buffer(zeros([channels], { dtype }))
    this.runningVariance = buffer(ones([channels], { dtype }))
  }

  /** @throws ShapeError in training when a channel has a single value, whose variance means nothing. */
  override normalize(x: Tensor, slope: number): Tensor {
    const { scale, shift, epsilon } = this
    if (!this.training) return this.normalizeByRunning(x, slope)
    if (x.size === scale.size) throw new ShapeError('BatchNorm', 'several values per channel', show(x.shape))
    const result = normActivation(x, scale, shift, { epsilon, slope, over: 'batch' })
    noGrad(() => scope(() => this.follow(x)))
    return result
  }

  /** With factor = scale/√(variance + ε): x·factor + (shift − mean·factor). */
  private normalizeByRunning(x: Tensor, slope: number): Tensor {
    const { scale, shift, epsilon, runningMean, runningVariance } = this
    if (x.shape[x.rank - 1] !== scale.size) {
      throw new ShapeError('BatchNorm', `x of shape (B,…,${scale.size})`, show(x.shape))
    }
    const factor = div(scale, sqrt(add(runningVariance, epsilon)))
    const affine = add(mul(x, factor), sub(shift, mul(runningMean, factor)))
    return slope === 1 ? affine : leakyRelu(affine, slope)
  }

  /** Moves the running statistics towards those of x. */
  private follow(x: Tensor): void {
    const axes = Array.from({ length: x.rank - 1 }, (_, axis) => axis)
    const count = x.size / at(x.shape, x.rank - 1)
    const average = mean(x, axes)
    const centered = sub(x, average)
    const variance = mul(mean(mul(centered, centered), axes), count / (count - 1))
    for (const [running, batch] of [
      [this.runningMean, average],
      [this.runningVariance, variance],
    ] as const) {
      overwrite(running, add(mul(running, 1 - this.momentum), mul(batch, this.momentum)))
    }
  }
}
