/** What gather, take and scatterAdd share: positions in C order that indices along one axis stand for. */
import { checkTensor } from '../tensor/arguments.js'
import { DTypeError, ShapeError } from '../tensor/errors.js'
import { tensor } from '../tensor/create.js'
import { isFloat } from '../tensor/dtype.js'
import { type Shape, at, sameShape, show, sizeOf } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { cast } from './cast.js'
import { reshape } from './reshape.js'
import { segmentExpand } from './segmentSum.js'

const MOST_POSITIONS = 2 ** 31 - 1

/** The indices as numbers 0 … n − 1. @throws DTypeError unless int32; ShapeError for one out of range. */
function resolved(where: string, indices: Tensor, n: number): Int32Array {
  const values = indices.data()
  if (!(values instanceof Int32Array)) throw new DTypeError(where, 'int32 indices', indices.dtype)
  values.forEach((index, i) => {
    if (index < -n || index >= n) {
      throw new ShapeError(
        where,
        n === 0 ? 'no index into an empty axis' : `indices from ${-n} to ${n - 1}`,
        String(index),
      )
    }
    if (index < 0) values[i] = index + n
  })
  return values
}

function checkPositions(where: string, shape: Shape): void {
  if (sizeOf(shape) > MOST_POSITIONS) throw new ShapeError(where, 'at most 2³¹ − 1 elements', show(shape))
}

/**
 * For indices of the rank of x, whose sizes differ from those of x along `axis` only: the position in x of every element
 * x[…, index, …], as an int32 tensor of the shape of the indices.
 */
export function elementPositions(where: string, shape: Shape, indices: Tensor, axis: number): Tensor {
  checkTensor(where, indices)
  const fits = indices.rank === shape.length && shape.every((n, i) => i === axis || n === indices.shape[i])
  if (!fits) {
    const wanted = show(shape.map((n, i) => (i === axis ? Number.NaN : n))).replace('NaN', 'n')
    throw new ShapeError(where, `indices of shape ${wanted}`, show(indices.shape))
  }
  checkPositions(where, shape)
  const n = at(shape, axis)
  const count = at(indices.shape, axis)
  const inner = sizeOf(shape.slice(axis + 1))
  const positions = resolved(where, indices, n)
  for (let i = 0; i < positions.length; i++) {
    positions[i] = (Math.floor(i / (count * inner)) * n + (positions[i] as number)) * inner + (i % inner)
  }
  return tensor(positions, { shape: indices.shape })
}

/** For indices of any shape: the positions in x of the slices x[…, index, …], of shape (before axis, indices, after axis). */
export function slicePositions(where: string, shape: Shape, indices: Tensor, axis: number): Tensor {
  checkTensor(where, indices)
  checkPositions(where, shape)
  const n = at(shape, axis)
  const outer = sizeOf(shape.slice(0, axis))
  const inner = sizeOf(shape.slice(axis + 1))
  const chosen = resolved(where, indices, n)
  const result = [...shape.slice(0, axis), ...indices.shape, ...shape.slice(axis + 1)]
  checkPositions(where, result)
  const positions = new Int32Array(sizeOf(result))
  let to = 0
  for (let o = 0; o < outer; o++) {
    for (const index of chosen) for (let i = 0; i < inner; i++) positions[to++] = (o * n + index) * inner + i
  }
  return tensor(positions, { shape: result })
}

/** The elements of x at `positions`, in any dtype: integers pass through float64, which holds them exactly. */
export function pick(x: Tensor, positions: Tensor): Tensor {
  if (!isFloat(x.dtype)) return cast(pick(cast(x, 'float64'), positions), x.dtype)
  return segmentExpand(reshape(x, [x.size]), positions)
}

/** Whether two shapes agree. @throws ShapeError. */
export function checkShapeOf(where: string, what: string, x: Tensor, shape: Shape): void {
  if (!sameShape(x.shape, shape)) throw new ShapeError(where, `${what} of shape ${show(shape)}`, show(x.shape))
}
