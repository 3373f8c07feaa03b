/**
 * out = x, and then out[index[i, j, k], j, k] += source[i, j, k] for axis 0, and so on: the transpose of gather. What meets in
 * one element is added in float64, in C order of the source. Source: PyTorch's scatter_add.
 */
import { checkTensor } from '../tensor/arguments.js'
import { DTypeError } from '../tensor/errors.js'
import { isFloat } from '../tensor/dtype.js'
import { scope } from '../tensor/scope.js'
import { normalizeAxis } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { add } from './add.js'
import { cast } from './cast.js'
import { checkSameDType } from './elementwise.js'
import { checkShapeOf, elementPositions } from './indexing.js'
import { reshape } from './reshape.js'
import { segmentSum } from './segmentSum.js'

/**
 * x with every element of `source` added at its int32 index along `axis`; indices and source have one shape, that of x but for
 * their size along the axis. Negative indices count from the back.
 *
 * @throws ShapeError when shapes do not fit or an index is out of range; DTypeError for bools or mixed dtypes.
 */
export function scatterAdd(x: Tensor, indices: Tensor, source: Tensor, axis = -1): Tensor {
  for (const each of [x, indices, source]) checkTensor('scatterAdd', each)
  checkSameDType('scatterAdd', [x, source])
  if (x.dtype === 'bool') throw new DTypeError('scatterAdd', 'a numeric dtype (convert with cast)', 'bool')
  const position = normalizeAxis('scatterAdd', axis, x.rank)
  return scope(() => {
    const positions = elementPositions('scatterAdd', x.shape, indices, position)
    checkShapeOf('scatterAdd', 'a source', source, indices.shape)
    const addends = isFloat(x.dtype) ? source : cast(source, 'float64')
    const sums = reshape(segmentSum(addends, positions, x.size), x.shape)
    return add(x, isFloat(x.dtype) ? sums : cast(sums, x.dtype))
  })
}
