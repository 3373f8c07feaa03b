/** Shapes, strides and axes: pure functions on small arrays of integers. */
import { describe, isList } from './describe.js'
import { ShapeError } from './errors.js'

export type Shape = readonly number[]

/** Number of elements: the product of the sizes; 1 for a scalar. */
export function sizeOf(shape: Shape): number {
  let size = 1
  for (const n of shape) size *= n
  return size
}

/** `(2,3)`: how shapes stand in messages. */
export function show(shape: Shape): string {
  return `(${shape.map((n) => (typeof n === 'number' ? String(n) : describe(n))).join(',')}${shape.length === 1 ? ',' : ''})`
}

/** Strides in elements of a dense C-ordered tensor: the last axis is the fastest. */
export function denseStrides(shape: Shape): number[] {
  const strides = new Array<number>(shape.length)
  let stride = 1
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride
    stride *= at(shape, axis)
  }
  return strides
}

/** `list[index]` where the index is known to be inside: the one place that says so to the type checker. */
export function at(list: readonly number[], index: number): number {
  return list[index] as number
}

export function sameShape(a: Shape, b: Shape): boolean {
  if (a.length !== b.length) return false
  for (let axis = 0; axis < a.length; axis++) if (a[axis] !== b[axis]) return false
  return true
}

export function checkShape(where: string, shape: Shape): void {
  if (!isList(shape)) throw new ShapeError(where, 'a shape: an array of sizes', describe(shape))
  for (const n of shape) {
    if (!Number.isSafeInteger(n) || n < 0) throw new ShapeError(where, 'a shape of non-negative integers', show(shape))
  }
  if (!Number.isSafeInteger(sizeOf(shape)))
    throw new ShapeError(where, 'a shape of fewer than 2⁵³ elements', show(shape))
}

/** NumPy's rule: align at the last axis; sizes are equal or one of them is 1. */
export function broadcastShapes(where: string, a: Shape, b: Shape): Shape {
  if (b.length === 0 || sameShape(a, b)) return a
  if (a.length === 0) return b
  const rank = Math.max(a.length, b.length)
  const shape = new Array<number>(rank)
  for (let i = 1; i <= rank; i++) {
    const m = a[a.length - i] ?? 1
    const n = b[b.length - i] ?? 1
    if (m !== n && m !== 1 && n !== 1)
      throw new ShapeError(where, 'shapes that broadcast together', `${show(a)} and ${show(b)}`)
    shape[rank - i] = m === 1 ? n : m
  }
  return shape
}

/** Axis counted from the front, or from the back when negative. */
export function normalizeAxis(where: string, axis: number, rank: number): number {
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank) {
    throw new ShapeError(
      where,
      rank === 0 ? 'no axis for a scalar' : `an axis from ${-rank} to ${rank - 1}`,
      describe(axis),
    )
  }
  return axis < 0 ? axis + rank : axis
}

/** Sorted distinct axes; all of them when none are given. */
export function normalizeAxes(where: string, axes: number | readonly number[] | undefined, rank: number): number[] {
  if (axes === undefined) return Array.from({ length: rank }, (_, axis) => axis)
  if (typeof axes !== 'number' && !isList(axes)) {
    throw new ShapeError(where, 'an axis or an array of axes', describe(axes))
  }
  const list = (typeof axes === 'number' ? [axes] : axes).map((axis) => normalizeAxis(where, axis, rank))
  if (new Set(list).size !== list.length) throw new ShapeError(where, 'distinct axes', `(${list.join(',')})`)
  return list.sort((a, b) => a - b)
}

/** The shape after a reduction: reduced axes vanish, or stay with size 1. */
export function reducedShape(shape: Shape, axes: readonly number[], keepDims: boolean): number[] {
  if (keepDims) return shape.map((n, axis) => (axes.includes(axis) ? 1 : n))
  return shape.filter((_, axis) => !axes.includes(axis))
}
