/** Joins tensors along an axis. The derivative is cut into the same pieces. */
import { checkTensors } from '../tensor/arguments.js'
import { type Op, apply } from '../autograd/graph/op.js'
import { kernelsOf } from '../backend/select.js'
import { ShapeError } from '../tensor/errors.js'
import { at, normalizeAxis, show } from '../tensor/shape.js'
import { type Tensor, empty } from '../tensor/tensor.js'
import { checkSameDType, dense } from './elementwise.js'
import { window } from './slice.js'

export const concatOp: Op<readonly Tensor[], { readonly axis: number }> = {
  name: 'concat',
  forward(tensors, { axis }) {
    const [first] = tensors
    if (first === undefined) throw new ShapeError('concat', 'at least one tensor', 'none')
    checkSameDType('concat', tensors)
    for (const x of tensors) {
      if (x.rank !== first.rank || x.shape.some((n, i) => i !== axis && n !== first.shape[i])) {
        throw new ShapeError('concat', `shapes like ${show(first.shape)} but for axis ${axis}`, show(x.shape))
      }
    }
    const total = tensors.reduce((n, x) => n + at(x.shape, axis), 0)
    const out = empty(
      first.shape.map((n, i) => (i === axis ? total : n)),
      first.dtype,
    )
    kernelsOf(first.device).concat(tensors.map(dense), axis, out)
    return out
  },
  saves: { inputs: [] },
  vjp(g, { inputs, params: { axis } }) {
    let end = 0
    return inputs.map((x) => {
      const start = end
      end += at(x.shape, axis)
      return () =>
        window(g, {
          start: x.shape.map((_, i) => (i === axis ? start : 0)),
          shape: x.shape,
          step: x.shape.map(() => 1),
        })
    })
  },
}

/** Joins tensors along `axis`; their other sizes must agree. */
export function concat(tensors: readonly Tensor[], axis = 0): Tensor {
  checkTensors('concat', tensors)
  return apply(concatOp, tensors, { axis: normalizeAxis('concat', axis, tensors[0]?.rank ?? 1) })
}
