/** 1/x; ±∞ at ±0. */
import { checkTensor } from '../tensor/arguments.js'
import type { Tensor } from '../tensor/tensor.js'
import { div } from './div.js'
import { checkFloat } from './elementwise.js'

/** 1/x, elementwise, of a float tensor. */
export function reciprocal(x: Tensor): Tensor {
  checkTensor('reciprocal', x)
  checkFloat('reciprocal', x)
  return div(1, x)
}
