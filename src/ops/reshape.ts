/** The same elements in C order under another shape. A view where the tensor is dense, a copy elsewhere. */
import { describe, isList } from '../tensor/describe.js'
import { checkTensor } from '../tensor/arguments.js'
import { type Op, apply } from '../autograd/graph/op.js'
import { ShapeError } from '../tensor/errors.js'
import { type Shape, checkShape, denseStrides, show, sizeOf } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { dense } from './elementwise.js'

export const reshapeOp: Op<readonly [Tensor], { readonly shape: Shape }> = {
  name: 'reshape',
  forward([x], { shape }) {
    const source = dense(x)
    return source.window(shape, denseStrides(shape), source.offset)
  },
  saves: { inputs: [] },
  vjp: (g, { inputs: [x] }) => [() => reshape(g, x.shape)],
}

/** x under another shape with as many elements; one size may be −1 and is worked out. */
export function reshape(x: Tensor, shape: Shape): Tensor {
  checkTensor('reshape', x)
  return apply(reshapeOp, [x], { shape: resolve(x, shape) })
}

function resolve(x: Tensor, shape: Shape): Shape {
  if (!isList(shape)) throw new ShapeError('reshape', 'a shape: an array of sizes', describe(shape))
  const open = shape.indexOf(-1)
  const known = sizeOf(shape.filter((_, axis) => axis !== open))
  const full = open < 0 ? [...shape] : shape.map((n, axis) => (axis === open ? x.size / known : n))
  if (full.every((n) => Number.isInteger(n))) checkShape('reshape', full)
  if (sizeOf(full) !== x.size || !full.every((n) => Number.isInteger(n))) {
    throw new ShapeError('reshape', `a shape with ${x.size} elements`, show(shape))
  }
  return full
}
