/** Reverses axes, as a view with negative strides. Its own inverse, so its own derivative. */
import { checkTensor } from '../tensor/arguments.js'
import { type Op, apply } from '../autograd/graph/op.js'
import { at, normalizeAxes } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'

export const flipOp: Op<readonly [Tensor], { readonly axes: readonly number[] }> = {
  name: 'flip',
  forward: ([x], { axes }) =>
    x.window(
      x.shape,
      x.strides.map((stride, axis) => (axes.includes(axis) ? -stride : stride)),
      axes.reduce((offset, axis) => offset + Math.max(0, at(x.shape, axis) - 1) * at(x.strides, axis), x.offset),
    ),
  saves: { inputs: [] },
  vjp: (g, { params: { axes } }) => [() => flip(g, axes)],
}

/** x with the order along `axes` (all by default) reversed. */
export function flip(x: Tensor, axes?: number | readonly number[]): Tensor {
  checkTensor('flip', x)
  return apply(flipOp, [x], { axes: normalizeAxes('flip', axes, x.rank) })
}
