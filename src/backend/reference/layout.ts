/** How the reference kernels walk over memory: dense arrays, and runs of strided ones. */
import type { NumberArray } from '../../tensor/dtype.js'
import { at } from '../../tensor/shape.js'
import type { Tensor } from '../../tensor/tensor.js'

/** The elements of a dense tensor, first to last. */
export function denseArray(x: Tensor): NumberArray {
  const { array, offset, size } = x
  return offset === 0 && array.length === size ? array : array.subarray(offset, offset + size)
}

/** Handles `count` elements: z[zStart + i] from x[xStart + i·xStep] and y[yStart + i·yStep]. */
export type Run = (
  x: NumberArray,
  xStart: number,
  xStep: number,
  y: NumberArray,
  yStart: number,
  yStep: number,
  z: NumberArray,
  zStart: number,
  count: number,
) => void

/**
 * Splits an elementwise op on strided operands of the shape of `out` into runs as long as possible: neighbouring axes along
 * which both operands advance evenly are one. Each kernel brings its own loop, so that V8 compiles it for itself.
 */
export function forEachRun(a: Tensor, b: Tensor, out: Tensor, run: Run): void {
  const z = denseArray(out)
  const x = a.array
  const y = b.array
  if (out.size === 0) return
  const aStep = evenStep(a)
  const bStep = aStep < 0 ? -1 : evenStep(b)
  if (bStep >= 0) {
    run(x, a.offset, aStep, y, b.offset, bStep, z, 0, z.length)
    return
  }
  const { sizes, strides } = collapse(out.shape, [a.strides, b.strides])
  const last = sizes.length - 1
  const count = at(sizes, last)
  const [xStrides = [], yStrides = []] = strides
  const xStep = at(xStrides, last)
  const yStep = at(yStrides, last)
  const index = new Array<number>(last).fill(0)
  let xStart = a.offset
  let yStart = b.offset
  for (let zStart = 0; zStart < z.length; zStart += count) {
    run(x, xStart, xStep, y, yStart, yStep, z, zStart, count)
    for (let axis = last - 1; axis >= 0; axis--) {
      const next = at(index, axis) + 1
      xStart += at(xStrides, axis)
      yStart += at(yStrides, axis)
      if (next < at(sizes, axis)) {
        index[axis] = next
        break
      }
      xStart -= next * at(xStrides, axis)
      yStart -= next * at(yStrides, axis)
      index[axis] = 0
    }
  }
}

/** 1 for a dense operand, 0 for one number repeated, −1 for any other: the common cases, without the work of collapse. */
function evenStep({ shape, strides }: Tensor): number {
  let dense = 1
  let isDense = true
  let isConstant = true
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const n = at(shape, axis)
    if (n === 1) continue
    const stride = at(strides, axis)
    isDense &&= stride === dense
    isConstant &&= stride === 0
    dense *= n
  }
  return isDense ? 1 : isConstant ? 0 : -1
}

/** Merges neighbouring axes that every operand crosses evenly; axes of size 1 vanish. At least one axis remains. */
export function collapse(
  shape: readonly number[],
  operands: readonly (readonly number[])[],
): { sizes: number[]; strides: number[][] } {
  const sizes: number[] = []
  const strides: number[][] = operands.map(() => [])
  shape.forEach((n, axis) => {
    if (n === 1) return
    const top = sizes.length - 1
    const merges = top >= 0 && operands.every((operand, k) => at(strides[k] ?? [], top) === n * at(operand, axis))
    if (merges) sizes[top] = at(sizes, top) * n
    else sizes.push(n)
    const target = merges ? top : top + 1
    operands.forEach((operand, k) => {
      const list = strides[k]
      if (list !== undefined) list[target] = at(operand, axis)
    })
  })
  if (sizes.length === 0) {
    sizes.push(1)
    for (const list of strides) list.push(0)
  }
  return { sizes, strides }
}
