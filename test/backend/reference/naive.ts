/** What the tests of the reference kernels share: random arrays, poisoned outputs, and the geometries to try. */
import { fc } from '@fast-check/vitest'
import type { Conv3dGeometry, FloatArray, Triple } from '../../../src/backend/geometry.js'
import { Generator } from '../../../src/tensor/random.js'

export type Constructor = typeof Float32Array | typeof Float64Array

/** Element `index`, which must exist. */
export function element(values: FloatArray | Int32Array, index: number): number {
  const value = values[index]
  if (value === undefined) throw new RangeError(`no element ${String(index)} in ${String(values.length)}`)
  return value
}

export function random(Type: Constructor, length: number, seed: number, stream: number): FloatArray {
  const generator = new Generator(seed, stream)
  const values = new Type(length)
  for (let i = 0; i < length; i++) values[i] = 2 * generator.uniform() - 1
  return values
}

/** An output that no kernel has written: every element left over is seen as NaN. */
export function poisoned(Type: Constructor, length: number): FloatArray {
  return new Type(length).fill(NaN)
}

export function inner(a: FloatArray, b: FloatArray): number {
  let sum = 0
  for (const [i, value] of a.entries()) sum += value * element(b, i)
  return sum
}

/** Largest |actual − expected|; NaN where lengths differ or an element is NaN. */
export function distance(actual: FloatArray, expected: FloatArray): number {
  if (actual.length !== expected.length) return NaN
  let largest = 0
  for (const [i, value] of actual.entries()) largest = Math.max(largest, Math.abs(value - element(expected, i)))
  return largest
}

/** Rounding of one stored result, for sums of up to a few hundred products of numbers below 1. */
export function tolerance(Type: Constructor): number {
  return Type === Float32Array ? 1e-5 : 1e-12
}

export const constructors = fc.constantFrom<Constructor>(Float32Array, Float64Array)
export const seeds = fc.nat(1e6)
export const channelCounts = fc.constantFrom(1, 2, 3, 4, 8, 17)

export function triples(min: number, max: number): fc.Arbitrary<Triple> {
  const sizes = fc.integer({ min, max })
  return fc.tuple(sizes, sizes, sizes)
}

interface Axis {
  readonly input: number
  readonly output: number
  readonly kernel: number
  readonly stride: number
  readonly dilation: number
  readonly padding: number
}

/** One axis where the kernel fits at least once; zeros after the axis may be more or fewer than before it. */
const axes: fc.Arbitrary<Axis> = fc
  .record({
    input: fc.integer({ min: 1, max: 6 }),
    kernel: fc.integer({ min: 1, max: 3 }),
    stride: fc.integer({ min: 1, max: 4 }),
    dilation: fc.integer({ min: 1, max: 3 }),
    padding: fc.integer({ min: 0, max: 4 }),
    after: fc.integer({ min: 0, max: 4 }),
  })
  .map(({ after, ...axis }) => {
    const span = axis.input + axis.padding + after - (axis.kernel - 1) * axis.dilation - 1
    return { ...axis, output: Math.floor(span / axis.stride) + 1 }
  })
  .filter(({ output }) => output >= 1)

export const convolutions: fc.Arbitrary<Conv3dGeometry> = fc
  .record({
    batch: fc.integer({ min: 1, max: 2 }),
    axes: fc.tuple(axes, axes, axes),
    groups: fc.constantFrom(1, 1, 2, 3),
    inGroup: channelCounts,
    outGroup: channelCounts,
  })
  .map(({ batch, axes: [x, y, z], groups, inGroup, outGroup }) => ({
    batch,
    input: [x.input, y.input, z.input],
    output: [x.output, y.output, z.output],
    kernel: [x.kernel, y.kernel, z.kernel],
    stride: [x.stride, y.stride, z.stride],
    dilation: [x.dilation, y.dilation, z.dilation],
    padding: [x.padding, y.padding, z.padding],
    inChannels: groups * inGroup,
    outChannels: groups * outGroup,
    groups,
  }))
