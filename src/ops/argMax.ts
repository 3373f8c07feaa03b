/**
 * Where the largest element stands; the first of equal ones, and the first NaN before any number, as in NumPy. Integers, which
 * have no derivative. Over an empty axis it throws: there is no largest element.
 */
import { type Op, apply } from '../autograd/graph/op.js'
import { kernelsOf } from '../backend/select.js'
import { checkOptions, checkTensor } from '../tensor/arguments.js'
import { ShapeError } from '../tensor/errors.js'
import { at, normalizeAxis, reducedShape, show } from '../tensor/shape.js'
import { type Tensor, empty } from '../tensor/tensor.js'
import { dense } from './elementwise.js'
import { reshape } from './reshape.js'
import type { ReduceOptions } from './sum.js'

export const argMaxOp: Op<readonly [Tensor], { readonly axis: number; readonly keepDims: boolean }> = {
  name: 'argMax',
  forward([x], { axis, keepDims }) {
    if (at(x.shape, axis) === 0) throw new ShapeError('argMax', 'at least one element to choose from', show(x.shape))
    const out = empty(reducedShape(x.shape, [axis], keepDims), 'int32')
    kernelsOf(x.device).argMax(dense(x), axis, out)
    return out
  },
}

/**
 * int32 index of the largest element along `axis` (negative ones count from the back); without an axis, the index in C order
 * over the whole tensor, and a scalar.
 *
 *     argMax(logits, -1)      // the class of every voxel
 *
 * @throws ShapeError over no elements.
 */
export function argMax(x: Tensor, axis?: number, options: ReduceOptions = {}): Tensor {
  checkTensor('argMax', x)
  checkOptions('argMax', options)
  if (axis === undefined) return apply(argMaxOp, [reshape(x, [x.size])], { axis: 0, keepDims: false })
  const params = { axis: normalizeAxis('argMax', axis, x.rank), keepDims: options.keepDims ?? false }
  return apply(argMaxOp, [x], params)
}
