/** Joins tensors of one shape along a new axis: concat of reshaped tensors. */
import { checkTensors } from '../tensor/arguments.js'
import { ShapeError } from '../tensor/errors.js'
import { normalizeAxis, sameShape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { concat } from './concat.js'
import { reshape } from './reshape.js'

/** Joins tensors of one shape along a new axis at position `axis` of the result. */
export function stack(tensors: readonly Tensor[], axis = 0): Tensor {
  checkTensors('stack', tensors)
  const [first] = tensors
  if (first === undefined) throw new ShapeError('stack', 'at least one tensor', 'none')
  const position = normalizeAxis('stack', axis, first.rank + 1)
  const wrong = tensors.find((x) => !sameShape(x.shape, first.shape))
  if (wrong !== undefined) throw new ShapeError('stack', `tensors of shape ${show(first.shape)}`, show(wrong.shape))
  const shape = [...first.shape.slice(0, position), 1, ...first.shape.slice(position)]
  return concat(
    tensors.map((x) => reshape(x, shape)),
    position,
  )
}
