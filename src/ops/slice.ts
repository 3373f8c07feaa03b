/** A window on a tensor, every `step`-th element along each axis. The derivative is written back into zeros (pad). */
import { describe, isList } from '../tensor/describe.js'
import { checkTensor } from '../tensor/arguments.js'
import { type Op, apply } from '../autograd/graph/op.js'
import { ShapeError } from '../tensor/errors.js'
import { type Shape, at, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { place } from './pad.js'
import { reshape } from './reshape.js'

/** All of the axis (null), one index (the axis vanishes), or start, stop and step as in NumPy. */
export type Range =
  null | number | readonly [start: number, stop: number] | readonly [start: number, stop: number, step: number]

export interface WindowParams {
  readonly start: readonly number[]
  readonly shape: Shape
  readonly step: readonly number[]
}

export const sliceOp: Op<readonly [Tensor], WindowParams> = {
  name: 'slice',
  forward: ([x], { start, shape, step }) =>
    x.window(
      shape,
      x.strides.map((stride, axis) => stride * at(step, axis)),
      start.reduce((offset, first, axis) => offset + first * at(x.strides, axis), x.offset),
    ),
  saves: { inputs: [] },
  vjp: (g, { inputs: [x], params: { start, step } }) => [() => place(g, x.shape, start, step)],
}

/** The window of `shape` that begins at `start` and advances by `step`; all three have one entry per axis. */
export function window(x: Tensor, params: WindowParams): Tensor {
  return apply(sliceOp, [x], params)
}

/**
 * Part of x, as a view. Negative starts and stops count from the back; axes beyond the given ranges are taken whole.
 *
 *     slice(x, [0])                 // x[0]
 *     slice(x, [null, [1, -1]])     // x[:, 1:-1]
 *     slice(x, [[0, 10, 2]])        // x[0:10:2]
 */
export function slice(x: Tensor, ranges: readonly Range[]): Tensor {
  checkTensor('slice', x)
  if (!isList(ranges)) throw new ShapeError('slice', 'an array of ranges', describe(ranges))
  if (ranges.length > x.rank) throw new ShapeError('slice', `at most ${x.rank} ranges`, String(ranges.length))
  const parts = x.shape.map((n, axis) => resolve(ranges[axis] ?? null, n, axis))
  const part = window(x, {
    start: parts.map(({ start }) => start),
    shape: parts.map(({ count }) => count),
    step: parts.map(({ step }) => step),
  })
  const kept = part.shape.filter((_, axis) => typeof ranges[axis] !== 'number')
  return kept.length === part.rank ? part : reshape(part, kept)
}

function resolve(range: Range, n: number, axis: number): { start: number; count: number; step: number } {
  if (range === null) return { start: 0, count: n, step: 1 }
  if (typeof range !== 'number' && !(isList(range) && range.length >= 2 && range.length <= 3)) {
    throw new ShapeError('slice', 'null, an index or [start, stop, step]', describe(range))
  }
  const values = typeof range === 'number' ? [range] : range
  if (!values.every((value) => Number.isInteger(value))) throw new ShapeError('slice', 'integers', show(values))
  if (typeof range === 'number') {
    if (range < -n || range >= n)
      throw new ShapeError('slice', `an index from ${-n} to ${n - 1} on axis ${axis}`, String(range))
    return { start: range < 0 ? range + n : range, count: 1, step: 1 }
  }
  const [first, last, step = 1] = range
  if (step < 1) throw new ShapeError('slice', 'a step of at least 1 (flip reverses)', show([step]))
  const start = clamp(first, n)
  return { start, count: Math.max(0, Math.ceil((clamp(last, n) - start) / step)), step }
}

function clamp(index: number, n: number): number {
  return Math.min(n, Math.max(0, index < 0 ? index + n : index))
}
