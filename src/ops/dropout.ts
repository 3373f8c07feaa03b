/**
 * Each element is 0 with probability `rate` and x/(1 − rate) otherwise, so that its expectation stays x ("inverted" dropout).
 * Source: Srivastava et al., "Dropout", JMLR 15, 2014.
 */
import { checkOptions, checkTensor } from '../tensor/arguments.js'
import { bernoulli } from '../tensor/create.js'
import { describe } from '../tensor/describe.js'
import { ConfigError } from '../tensor/errors.js'
import type { Generator } from '../tensor/random.js'
import { scope } from '../tensor/scope.js'
import type { Tensor } from '../tensor/tensor.js'
import { checkFloat } from './elementwise.js'
import { mul } from './mul.js'

export interface DropoutOptions {
  /** Default: the next stream of the global seed; see `setSeed`. */
  readonly generator?: Generator
}

/**
 * x with elements dropped at random.
 *
 * @throws ConfigError unless 0 ≤ rate < 1; DTypeError unless x is a float tensor.
 */
export function dropout(x: Tensor, rate: number, options: DropoutOptions = {}): Tensor {
  checkTensor('dropout', x)
  checkOptions('dropout', options)
  checkFloat('dropout', x)
  if (!(typeof rate === 'number' && rate >= 0 && rate < 1)) {
    throw new ConfigError('dropout.rate', 'a number from 0 up to, not including, 1', describe(rate))
  }
  const { dtype } = x
  return scope(() => mul(x, mul(bernoulli(x.shape, { ...options, dtype, probability: 1 - rate }), 1 / (1 - rate))))
}
