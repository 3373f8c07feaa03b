/** Repeats x along axes of size 1 and new leading axes, as a view. The driver sums the cotangent back. */
import { checkTensor } from '../tensor/arguments.js'
import { type Op, apply } from '../autograd/graph/op.js'
import { ShapeError } from '../tensor/errors.js'
import { type Shape, broadcastShapes, checkShape, sameShape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { broadcastStrides } from './elementwise.js'

export const expandOp: Op<readonly [Tensor], { readonly shape: Shape }> = {
  name: 'expand',
  forward: ([x], { shape }) => x.window(shape, broadcastStrides(x, shape), x.offset),
  saves: { inputs: [] },
  vjp: (g) => [() => g],
}

/** x broadcast to `shape` without a copy. */
export function expand(x: Tensor, shape: Shape): Tensor {
  checkTensor('expand', x)
  checkShape('expand', shape)
  if (!sameShape(broadcastShapes('expand', x.shape, shape), shape)) {
    throw new ShapeError('expand', `a shape that ${show(x.shape)} broadcasts to`, show(shape))
  }
  return apply(expandOp, [x], { shape: [...shape] })
}
