/**
 * ln Σ e^x over axes, as m + ln Σ e^(x − m) with m the largest x, so that nothing overflows. m is a constant to the derivative
 * (it cancels), which is softmax(x). All −∞ gives −∞, any ∞ gives ∞. Over an empty axis it throws, as max does.
 */
import { noGrad } from '../autograd/graph/node.js'
import { checkOptions, checkTensor } from '../tensor/arguments.js'
import { scope } from '../tensor/scope.js'
import { ShapeError } from '../tensor/errors.js'
import { normalizeAxes, reducedShape, show, sizeOf } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { abs } from './abs.js'
import { add } from './add.js'
import { checkFloat } from './elementwise.js'
import { equal } from './equal.js'
import { exp } from './exp.js'
import { log } from './log.js'
import { max } from './max.js'
import { reshape } from './reshape.js'
import { sub } from './sub.js'
import { type ReduceOptions, sum } from './sum.js'
import { where } from './where.js'

/** ln Σ e^x over `axes` (all by default) of a float tensor. */
export function logSumExp(x: Tensor, axes?: number | readonly number[], options: ReduceOptions = {}): Tensor {
  checkTensor('logSumExp', x)
  checkOptions('logSumExp', options)
  checkFloat('logSumExp', x)
  const over = normalizeAxes('logSumExp', axes, x.rank)
  const shape = reducedShape(x.shape, over, options.keepDims ?? false)
  if (x.size === 0 && sizeOf(shape) > 0) throw new ShapeError('logSumExp', 'at least one element', show(x.shape))
  return scope(() => {
    const largest = noGrad(() => {
      const m = max(x, over, { keepDims: true })
      return where(equal(abs(m), Infinity), 0, m)
    })
    return reshape(add(log(sum(exp(sub(x, largest)), over, { keepDims: true })), largest), shape)
  })
}
