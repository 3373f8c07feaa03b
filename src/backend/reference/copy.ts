/** Dense copy of a strided tensor. */
import { copyDense } from '../../tensor/tensor.js'
import type { UnaryKernel } from '../kernels.js'

export const copy: UnaryKernel = (x, out) => {
  copyDense(x, out.array, out.offset)
}
