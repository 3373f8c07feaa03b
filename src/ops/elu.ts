/**
 * x where x > 0, α (e^x − 1) elsewhere. Derivative 1 or α e^x; at 0 that of the negative side, as for relu.
 * Source: Clevert et al., "Fast and accurate deep network learning by exponential linear units", ICLR 2016.
 */
import { checkNumber, checkTensor } from '../tensor/arguments.js'
import { scope } from '../tensor/scope.js'
import type { Tensor } from '../tensor/tensor.js'
import { checkFloat } from './elementwise.js'
import { expm1 } from './expm1.js'
import { greater } from './greater.js'
import { mul } from './mul.js'
import { where } from './where.js'

/** x where x > 0, alpha · (e^x − 1) elsewhere. */
export function elu(x: Tensor, alpha = 1): Tensor {
  checkTensor('elu', x)
  checkFloat('elu', x)
  checkNumber('elu.alpha', alpha)
  return scope(() => {
    const positive = greater(x, 0)
    // The exponential sees no positive x: what where() does not choose must be finite, or its derivative 0 · ∞ is NaN.
    return where(positive, x, mul(expm1(where(positive, 0, x)), alpha))
  })
}
