/** Whole slices of x by their indices: NumPy's take, TensorFlow's gather, PyTorch's index_select. */
import { checkTensor } from '../tensor/arguments.js'
import { scope } from '../tensor/scope.js'
import { normalizeAxis } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { pick, slicePositions } from './indexing.js'

/**
 * The slices of x at int32 `indices` along `axis` (the first by default), in their order and as often as they occur; the axis
 * gives way to the axes of the indices. Negative indices count from the back. The derivative adds up.
 *
 *     take(x, tensor([2, 0, 0], { dtype: 'int32' }))     // x[[2, 0, 0]]
 *
 * @throws ShapeError for an index out of range; DTypeError unless the indices are int32.
 */
export function take(x: Tensor, indices: Tensor, axis = 0): Tensor {
  checkTensor('take', x)
  const position = normalizeAxis('take', axis, x.rank)
  return scope(() => pick(x, slicePositions('take', x.shape, indices, position)))
}
