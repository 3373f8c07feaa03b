/**
 * Sums over the segments of a label map: out[l] = Σ x[i] over labels[i] = l, accumulated in float64. Its derivative,
 * segmentExpand, hands each element the value of its segment; the two are each other's transposes.
 */
import { checkInteger } from '../tensor/arguments.js'
import { type Op, apply } from '../autograd/graph/op.js'
import { kernelsOf } from '../backend/select.js'
import { DTypeError, ShapeError } from '../tensor/errors.js'
import { sameShape, show } from '../tensor/shape.js'
import { type Tensor, empty } from '../tensor/tensor.js'
import { checkFloat, dense } from './elementwise.js'

function checkLabels(where: string, labels: Tensor, count: number): void {
  if (labels.dtype !== 'int32') throw new DTypeError(where, 'int32 labels', labels.dtype)
  for (const label of dense(labels).data()) {
    if (label >= count) throw new ShapeError(where, `labels below ${count}`, String(label))
  }
}

export const segmentSumOp: Op<readonly [Tensor, Tensor], { readonly count: number }> = {
  name: 'segmentSum',
  forward([x, labels], { count }) {
    checkFloat('segmentSum', x)
    if (!sameShape(x.shape, labels.shape)) {
      throw new ShapeError('segmentSum', `labels of shape ${show(x.shape)}`, show(labels.shape))
    }
    checkLabels('segmentSum', labels, count)
    const out = empty([count], x.dtype)
    kernelsOf(x.device).segmentSum(dense(x), dense(labels), out)
    return out
  },
  saves: { inputs: [1] },
  vjp: (g, { inputs: [, labels] }) => [() => segmentExpand(g, labels), null],
}

export const segmentExpandOp: Op<readonly [Tensor, Tensor], null> = {
  name: 'segmentExpand',
  forward([values, labels]) {
    checkFloat('segmentExpand', values)
    if (values.rank !== 1) throw new ShapeError('segmentExpand', 'values of shape (segments,)', show(values.shape))
    checkLabels('segmentExpand', labels, values.size)
    const out = empty(labels.shape, values.dtype)
    kernelsOf(values.device).segmentExpand(dense(values), dense(labels), out)
    return out
  },
  saves: { inputs: [1] },
  vjp: (g, { inputs: [values, labels] }) => [() => segmentSum(g, labels, values.size), null],
}

/** Sums of x over the `count` segments of an int32 label map of its shape; labels below 0 are in no segment. Shape (count). */
export function segmentSum(x: Tensor, labels: Tensor, count: number): Tensor {
  checkInteger('segmentSum.count', count, 0)
  return apply(segmentSumOp, [x, labels], { count })
}

/** For each element of an int32 label map the value of its segment, 0 for labels below 0. `values` has shape (segments). */
export function segmentExpand(values: Tensor, labels: Tensor): Tensor {
  return apply(segmentExpandOp, [values, labels], null)
}
