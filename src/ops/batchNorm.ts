/**
 * scale · (x − mean)/√(variance + ε) + shift per channel, with the statistics of the batch or with given ones. Variances are
 * those of the population (÷ n). Source: Ioffe & Szegedy, "Batch normalization", ICML 2015.
 */
import { checkOptions, checkTensor } from '../tensor/arguments.js'
import { ConfigError, ShapeError } from '../tensor/errors.js'
import { scope } from '../tensor/scope.js'
import { show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { add } from './add.js'
import { checkFloat, checkSameDType } from './elementwise.js'
import { mul } from './mul.js'
import { checkChannelParameter, checkEpsilon, normActivation } from './normActivation.js'
import { reshape } from './reshape.js'
import { rsqrt } from './rsqrt.js'
import { unsqueeze } from './squeeze.js'
import { sub } from './sub.js'

export interface BatchNormOptions {
  /** Added to the variance. Default 1e-3, as in Keras and the authors' networks. */
  readonly epsilon?: number
  /** Mean and variance (C) to use instead of those of the batch: the running ones, in inference. Both or neither. */
  readonly mean?: Tensor
  readonly variance?: Tensor
}

/**
 * x (B, …, C), scale and shift (C) → the shape of x; statistics over every axis but the last.
 *
 * @throws ShapeError unless the parameters have one value per channel; DTypeError unless all are of one float dtype.
 */
export function batchNorm(x: Tensor, scale: Tensor, shift: Tensor, options: BatchNormOptions = {}): Tensor {
  checkTensor('batchNorm', x)
  checkOptions('batchNorm', options)
  checkFloat('batchNorm', x)
  if (x.rank < 2) throw new ShapeError('batchNorm', 'x of shape (B,…,C)', show(x.shape))
  const { epsilon = 1e-3, mean, variance } = options
  checkEpsilon('batchNorm', epsilon)
  const given = { scale, shift, ...(mean && { mean }), ...(variance && { variance }) }
  for (const [name, parameter] of Object.entries(given)) checkChannelParameter('batchNorm', name, parameter, x)
  checkSameDType('batchNorm', [x, ...Object.values(given)])
  if (mean === undefined && variance === undefined) {
    return scope(() => {
      const volume = x.rank > 2 ? x : unsqueeze(x, 1)
      return reshape(normActivation(volume, scale, shift, { epsilon, over: 'batch', slope: 1 }), x.shape)
    })
  }
  if (mean === undefined || variance === undefined) {
    throw new ConfigError('batchNorm', 'both mean and variance, or neither', mean === undefined ? 'variance' : 'mean')
  }
  return scope(() => {
    const factor = mul(scale, rsqrt(add(variance, epsilon)))
    return add(mul(x, factor), sub(shift, mul(mean, factor)))
  })
}
