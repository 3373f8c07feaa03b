/**
 * x Φ(x) with Φ the normal distribution function ½ (1 + erf(x/√2)): the exact form, not the tanh approximation.
 * Source: Hendrycks & Gimpel, "Gaussian error linear units", 2016.
 */
import { checkTensor } from '../tensor/arguments.js'
import { scope } from '../tensor/scope.js'
import type { Tensor } from '../tensor/tensor.js'
import { add } from './add.js'
import { checkFloat } from './elementwise.js'
import { erf } from './erf.js'
import { mul } from './mul.js'

/** x · ½ (1 + erf(x/√2)), elementwise. */
export function gelu(x: Tensor): Tensor {
  checkTensor('gelu', x)
  checkFloat('gelu', x)
  return scope(() => mul(mul(x, 0.5), add(erf(mul(x, Math.SQRT1_2)), 1)))
}
