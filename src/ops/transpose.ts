/** Axes in another order, as a view. The derivative goes back through the inverse order. */
import { describe, isList } from '../tensor/describe.js'
import { checkTensor } from '../tensor/arguments.js'
import { type Op, apply } from '../autograd/graph/op.js'
import { ShapeError } from '../tensor/errors.js'
import { at, normalizeAxis } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'

export const transposeOp: Op<readonly [Tensor], { readonly axes: readonly number[] }> = {
  name: 'transpose',
  forward: ([x], { axes }) =>
    x.window(
      axes.map((axis) => at(x.shape, axis)),
      axes.map((axis) => at(x.strides, axis)),
      x.offset,
    ),
  saves: { inputs: [] },
  vjp: (g, { params: { axes } }) => [
    () =>
      transpose(
        g,
        axes.map((_, axis) => axes.indexOf(axis)),
      ),
  ],
}

/** x with its axes in the order `axes`: a permutation of all of them; reversed by default. */
export function transpose(x: Tensor, axes?: readonly number[]): Tensor {
  checkTensor('transpose', x)
  if (axes !== undefined && !isList(axes)) {
    throw new ShapeError('transpose', 'an array of axes', describe(axes))
  }
  const order = (axes ?? x.shape.map((_, i) => x.rank - 1 - i)).map((axis) => normalizeAxis('transpose', axis, x.rank))
  if (order.length !== x.rank || new Set(order).size !== x.rank) {
    throw new ShapeError('transpose', `a permutation of ${x.rank} axes`, `(${order.join(',')})`)
  }
  return apply(transposeOp, [x], { axes: order })
}
