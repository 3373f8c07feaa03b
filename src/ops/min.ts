/**
 * The smallest element over axes; NaN wins. Equal minima share the derivative evenly, as in max. Over an empty axis it
 * throws: there is no smallest element.
 */
import { type Op, apply } from '../autograd/graph/op.js'
import { kernelsOf } from '../backend/select.js'
import { checkOptions, checkTensor } from '../tensor/arguments.js'
import { DTypeError, ShapeError } from '../tensor/errors.js'
import { normalizeAxes, reducedShape, show, sizeOf } from '../tensor/shape.js'
import { type Tensor, empty } from '../tensor/tensor.js'
import { dense } from './elementwise.js'
import { shareAmongEqual } from './max.js'
import type { ReduceOptions, ReduceParams } from './sum.js'

export const minOp: Op<readonly [Tensor], ReduceParams> = {
  name: 'min',
  forward([x], { axes, keepDims }) {
    if (x.dtype === 'bool') throw new DTypeError('min', 'a numeric dtype (convert with cast)', 'bool')
    const shape = reducedShape(x.shape, axes, keepDims)
    if (x.size === 0 && sizeOf(shape) > 0)
      throw new ShapeError('min', 'at least one element to choose from', show(x.shape))
    const out = empty(shape, x.dtype)
    kernelsOf(x.device).min(dense(x), axes, out)
    return out
  },
  saves: { inputs: [0], output: true },
  vjp: (g, { inputs: [x], output, params: { axes } }) => [() => shareAmongEqual(g, x, output, axes)],
}

/** Smallest element over `axes` (all by default). */
export function min(x: Tensor, axes?: number | readonly number[], options: ReduceOptions = {}): Tensor {
  checkTensor('min', x)
  checkOptions('min', options)
  return apply(minOp, [x], { axes: normalizeAxes('min', axes, x.rank), keepDims: options.keepDims ?? false })
}
