/**
 * The largest element over axes; NaN wins. Equal maxima share the derivative evenly, so that it does not depend on the
 * order of the elements (any subgradient would be as right). Over an empty axis it throws: there is no largest element.
 */
import { checkOptions, checkTensor } from '../tensor/arguments.js'
import { type Op, apply } from '../autograd/graph/op.js'
import { kernelsOf } from '../backend/select.js'
import { DTypeError, ShapeError } from '../tensor/errors.js'
import { normalizeAxes, reducedShape, show, sizeOf } from '../tensor/shape.js'
import { type Tensor, empty } from '../tensor/tensor.js'
import { cast } from './cast.js'
import { div } from './div.js'
import { dense } from './elementwise.js'
import { equal } from './equal.js'
import { mul } from './mul.js'
import { reshape } from './reshape.js'
import { type ReduceOptions, type ReduceParams, sum } from './sum.js'

export const maxOp: Op<readonly [Tensor], ReduceParams> = {
  name: 'max',
  forward([x], { axes, keepDims }) {
    if (x.dtype === 'bool') throw new DTypeError('max', 'a numeric dtype (convert with cast)', 'bool')
    const shape = reducedShape(x.shape, axes, keepDims)
    if (x.size === 0 && sizeOf(shape) > 0)
      throw new ShapeError('max', 'at least one element to choose from', show(x.shape))
    const out = empty(shape, x.dtype)
    kernelsOf(x.device).max(dense(x), axes, out)
    return out
  },
  saves: { inputs: [0], output: true },
  vjp: (g, { inputs: [x], output, params: { axes } }) => [() => shareAmongEqual(g, x, output, axes)],
}

/** The cotangent of the extremum `output` of x over `axes`, in equal parts on the elements that have its value. */
export function shareAmongEqual(g: Tensor, x: Tensor, output: Tensor, axes: readonly number[]): Tensor {
  const kept = reducedShape(x.shape, axes, true)
  const chosen = cast(equal(x, reshape(output, kept)), x.dtype)
  return mul(chosen, div(reshape(g, kept), sum(chosen, axes, { keepDims: true })))
}

/** Largest element over `axes` (all by default). */
export function max(x: Tensor, axes?: number | readonly number[], options: ReduceOptions = {}): Tensor {
  checkTensor('max', x)
  checkOptions('max', options)
  return apply(maxOp, [x], { axes: normalizeAxes('max', axes, x.rank), keepDims: options.keepDims ?? false })
}
