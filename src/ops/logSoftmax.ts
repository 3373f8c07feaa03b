/** ln softmax(x) = x − ln Σ e^x along one axis: finite where softmax itself underflows to 0. */
import { checkTensor } from '../tensor/arguments.js'
import { ShapeError } from '../tensor/errors.js'
import { scope } from '../tensor/scope.js'
import { normalizeAxis } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { checkFloat } from './elementwise.js'
import { logSumExp } from './logSumExp.js'
import { sub } from './sub.js'

/** Logarithm of the softmax along `axis` (the last by default). */
export function logSoftmax(x: Tensor, axis = -1): Tensor {
  checkTensor('logSoftmax', x)
  checkFloat('logSoftmax', x)
  if (x.rank === 0) throw new ShapeError('logSoftmax', 'at least one axis', 'a scalar')
  const position = normalizeAxis('logSoftmax', axis, x.rank)
  return scope(() => sub(x, logSumExp(x, position, { keepDims: true })))
}
