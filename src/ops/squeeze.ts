/** Axes of size 1 removed and put in: reshapes, and so views where the tensor is dense. */
import { checkTensor } from '../tensor/arguments.js'
import { ShapeError } from '../tensor/errors.js'
import { at, normalizeAxes, normalizeAxis, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { reshape } from './reshape.js'

/**
 * x without its axes of size 1, or without the given ones.
 *
 * @throws ShapeError when a given axis has another size.
 */
export function squeeze(x: Tensor, axes?: number | readonly number[]): Tensor {
  checkTensor('squeeze', x)
  const given = normalizeAxes('squeeze', axes, x.rank)
  const wrong = axes === undefined ? undefined : given.find((axis) => at(x.shape, axis) !== 1)
  if (wrong !== undefined) throw new ShapeError('squeeze', `size 1 along axis ${wrong}`, `shape ${show(x.shape)}`)
  return reshape(
    x,
    x.shape.filter((n, axis) => n !== 1 || !given.includes(axis)),
  )
}

/** x with a new axis of size 1 at position `axis` of the result; −1 puts it last. */
export function unsqueeze(x: Tensor, axis: number): Tensor {
  checkTensor('unsqueeze', x)
  const position = normalizeAxis('unsqueeze', axis, x.rank + 1)
  return reshape(x, [...x.shape.slice(0, position), 1, ...x.shape.slice(position)])
}
