/** Σ x over axes, accumulated in float64; an empty sum is 0. The derivative repeats the cotangent along those axes. */
import { checkOptions, checkTensor } from '../tensor/arguments.js'
import { type Op, apply } from '../autograd/graph/op.js'
import { kernelsOf } from '../backend/select.js'
import { DTypeError } from '../tensor/errors.js'
import { normalizeAxes, reducedShape } from '../tensor/shape.js'
import { type Tensor, empty } from '../tensor/tensor.js'
import { dense } from './elementwise.js'
import { expand } from './expand.js'
import { reshape } from './reshape.js'

export interface ReduceOptions {
  /** Reduced axes stay, with size 1. */
  readonly keepDims?: boolean
}

export interface ReduceParams {
  readonly axes: readonly number[]
  readonly keepDims: boolean
}

export const sumOp: Op<readonly [Tensor], ReduceParams> = {
  name: 'sum',
  forward([x], { axes, keepDims }) {
    if (x.dtype === 'bool') throw new DTypeError('sum', 'a numeric dtype (convert with cast)', 'bool')
    const out = empty(reducedShape(x.shape, axes, keepDims), x.dtype)
    kernelsOf(x.device).sum(dense(x), axes, out)
    return out
  },
  saves: { inputs: [] },
  vjp: (g, { inputs: [x], params: { axes } }) => [() => expand(reshape(g, reducedShape(x.shape, axes, true)), x.shape)],
}

/** Sum over `axes` (all by default; negative ones count from the back). */
export function sum(x: Tensor, axes?: number | readonly number[], options: ReduceOptions = {}): Tensor {
  checkTensor('sum', x)
  checkOptions('sum', options)
  return apply(sumOp, [x], { axes: normalizeAxes('sum', axes, x.rank), keepDims: options.keepDims ?? false })
}
