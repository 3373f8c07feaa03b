/** e^x / Σ e^x along one axis. With y the result, the cotangent is y · (g − Σ g·y). */
import { checkTensor } from '../tensor/arguments.js'
import { type Op, apply } from '../autograd/graph/op.js'
import { ShapeError } from '../tensor/errors.js'
import { normalizeAxis } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { unaryFloat } from './elementwise.js'
import { mul } from './mul.js'
import { sub } from './sub.js'
import { sum } from './sum.js'
import { transpose } from './transpose.js'

export const softmaxOp: Op<readonly [Tensor], null> = {
  name: 'softmax',
  forward: ([x]) => unaryFloat('softmax', x),
  saves: { inputs: [], output: true },
  vjp: (g, { output }) => [() => mul(output, sub(g, sum(mul(g, output), -1, { keepDims: true })))],
}

/** Positive values with sum 1 along `axis` (the last by default); never overflows. */
export function softmax(x: Tensor, axis = -1): Tensor {
  checkTensor('softmax', x)
  if (x.rank === 0) throw new ShapeError('softmax', 'at least one axis', 'a scalar')
  const position = normalizeAxis('softmax', axis, x.rank)
  if (position === x.rank - 1) return apply(softmaxOp, [x], null)
  const swap = x.shape.map((_, i) => (i === position ? x.rank - 1 : i === x.rank - 1 ? position : i))
  return transpose(apply(softmaxOp, [transpose(x, swap)], null), swap)
}
