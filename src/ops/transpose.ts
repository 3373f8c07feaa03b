/** Axes in another order, as a view. The derivative goes back through the inverse order. */
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
export function transpose(
  x: Tensor,
  axes: readonly number[] = Array.from({ length: x.rank }, (_, i) => x.rank - 1 - i),
): Tensor {
  const order = axes.map((axis) => normalizeAxis('transpose', axis, x.rank))
  if (order.length !== x.rank || new Set(order).size !== x.rank) {
    throw new ShapeError('transpose', `a permutation of ${x.rank} axes`, `(${axes.join(',')})`)
  }
  return apply(transposeOp, [x], { axes: order })
}
