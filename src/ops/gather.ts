/**
 * out[i, j, k] = x[index[i, j, k], j, k] for axis 0, and so on: PyTorch's gather, NumPy's take_along_axis. The derivative adds
 * each cotangent to the element that was taken.
 */
import { checkTensor } from '../tensor/arguments.js'
import { scope } from '../tensor/scope.js'
import { normalizeAxis } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { elementPositions, pick } from './indexing.js'

/**
 * One element of x for every int32 index along `axis`; negative indices count from the back. The indices have the shape of x
 * but for their size along the axis. Whole slices are what `take` picks.
 *
 *     gather(probabilities, argMax(probabilities, -1, { keepDims: true }), -1)
 *
 * @throws ShapeError when shapes do not fit or an index is out of range; DTypeError unless the indices are int32.
 */
export function gather(x: Tensor, indices: Tensor, axis = -1): Tensor {
  checkTensor('gather', x)
  const position = normalizeAxis('gather', axis, x.rank)
  return scope(() => pick(x, elementPositions('gather', x.shape, indices, position)))
}
