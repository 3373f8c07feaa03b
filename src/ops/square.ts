/** x². The product x·x, so that its derivative is 2x without a power. */
import { checkTensor } from '../tensor/arguments.js'
import type { Tensor } from '../tensor/tensor.js'
import { mul } from './mul.js'

/** x², elementwise, of numbers of any dtype but bool. */
export function square(x: Tensor): Tensor {
  checkTensor('square', x)
  return mul(x, x)
}
