/** 1/√x: the reciprocal of the root, whose derivatives −½ x^(−3/2), … follow. ∞ at 0, NaN below. */
import { checkTensor } from '../tensor/arguments.js'
import { scope } from '../tensor/scope.js'
import type { Tensor } from '../tensor/tensor.js'
import { div } from './div.js'
import { checkFloat } from './elementwise.js'
import { sqrt } from './sqrt.js'

/** 1/√x, elementwise. */
export function rsqrt(x: Tensor): Tensor {
  checkTensor('rsqrt', x)
  checkFloat('rsqrt', x)
  return scope(() => div(1, sqrt(x)))
}
