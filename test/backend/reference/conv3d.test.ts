/** The three convolution kernels against the definition, and against each other as adjoints. */
import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { type Conv3dGeometry, type FloatArray, type Triple, volume } from '../../../src/backend/geometry.js'
import { conv3d } from '../../../src/backend/reference/conv3d.js'
import { conv3dInputGradient } from '../../../src/backend/reference/conv3dInputGradient.js'
import { conv3dWeightGradient } from '../../../src/backend/reference/conv3dWeightGradient.js'
import * as naive from './naive.js'

interface Product {
  readonly x: number
  readonly weight: number
  readonly out: number
}

function indices([x, y, z]: Triple): Triple[] {
  const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i)
  return range(x).flatMap((i) => range(y).flatMap((j) => range(z).map((k): Triple => [i, j, k])))
}

function flat(size: Triple, [i, j, k]: Triple): number {
  return (i * size[1] + j) * size[2] + k
}

/** Calls visit with the three indices of every product x·weight that the definition adds to an output. */
function forEachProduct(g: Conv3dGeometry, visit: (product: Product) => void): void {
  const inGroup = g.inChannels / g.groups
  const outGroup = g.outChannels / g.groups
  for (let b = 0; b < g.batch; b++) {
    for (const o of indices(g.output)) {
      for (const t of indices(g.kernel)) {
        const meet = (axis: 0 | 1 | 2): number =>
          o[axis] * g.stride[axis] - g.padding[axis] + t[axis] * g.dilation[axis]
        const i: Triple = [meet(0), meet(1), meet(2)]
        if (i.some((n, axis) => n < 0 || n >= (g.input[axis] ?? 0))) continue
        for (let d = 0; d < g.outChannels; d++) {
          for (let c = 0; c < inGroup; c++) {
            const inChannel = Math.floor(d / outGroup) * inGroup + c
            visit({
              x: (b * volume(g.input) + flat(g.input, i)) * g.inChannels + inChannel,
              weight: (flat(g.kernel, t) * inGroup + c) * g.outChannels + d,
              out: (b * volume(g.output) + flat(g.output, o)) * g.outChannels + d,
            })
          }
        }
      }
    }
  }
}

interface Arrays {
  readonly x: FloatArray
  readonly weight: FloatArray
  readonly bias: FloatArray
  readonly gradient: FloatArray
}

function arrays(g: Conv3dGeometry, Type: naive.Constructor, seed: number): Arrays {
  return {
    x: naive.random(Type, g.batch * volume(g.input) * g.inChannels, seed, 0),
    weight: naive.random(Type, (volume(g.kernel) * g.inChannels * g.outChannels) / g.groups, seed, 1),
    bias: naive.random(Type, g.outChannels, seed, 2),
    gradient: naive.random(Type, g.batch * volume(g.output) * g.outChannels, seed, 3),
  }
}

/** All three kernels on the same arrays, into poisoned outputs. */
function run(g: Conv3dGeometry, Type: naive.Constructor, { x, weight, bias, gradient }: Arrays, useBias: boolean) {
  const out = naive.poisoned(Type, gradient.length)
  const xGradient = naive.poisoned(Type, x.length)
  const weightGradient = naive.poisoned(Type, weight.length)
  conv3d(x, weight, useBias ? bias : null, out, g)
  conv3dInputGradient(gradient, weight, xGradient, g)
  conv3dWeightGradient(x, gradient, weightGradient, g)
  return { out, xGradient, weightGradient }
}

function expected(g: Conv3dGeometry, { x, weight, bias, gradient }: Arrays, useBias: boolean) {
  const out = new Float64Array(gradient.length)
  if (useBias) for (let o = 0; o < out.length; o++) out[o] = naive.element(bias, o % g.outChannels)
  const xGradient = new Float64Array(x.length)
  const weightGradient = new Float64Array(weight.length)
  forEachProduct(g, (at) => {
    const value = naive.element(x, at.x)
    const factor = naive.element(weight, at.weight)
    const slope = naive.element(gradient, at.out)
    out[at.out] = naive.element(out, at.out) + value * factor
    xGradient[at.x] = naive.element(xGradient, at.x) + slope * factor
    weightGradient[at.weight] = naive.element(weightGradient, at.weight) + slope * value
  })
  return { out, xGradient, weightGradient }
}

function expectDefinition(g: Conv3dGeometry, Type: naive.Constructor, seed: number, useBias: boolean): void {
  const given = arrays(g, Type, seed)
  const actual = run(g, Type, given, useBias)
  const right = expected(g, given, useBias)
  const close = naive.tolerance(Type)
  expect(naive.distance(actual.out, right.out)).toBeLessThan(close)
  expect(naive.distance(actual.xGradient, right.xGradient)).toBeLessThan(close)
  // A weight's gradient sums over all outputs: allow for their number.
  const outputs = g.batch * volume(g.output)
  expect(naive.distance(actual.weightGradient, right.weightGradient)).toBeLessThan(close * Math.max(1, outputs / 100))
}

function same(batch: number, size: Triple, kernel: Triple, inChannels: number, outChannels: number): Conv3dGeometry {
  const ones: Triple = [1, 1, 1]
  const padding: Triple = [(kernel[0] - 1) / 2, (kernel[1] - 1) / 2, (kernel[2] - 1) / 2]
  const sizes = { batch, input: size, output: size, kernel, inChannels, outChannels }
  return { ...sizes, padding, stride: ones, dilation: ones, groups: 1 }
}

describe('conv3d and its gradients', () => {
  const anyGeometry = [naive.convolutions, naive.constructors, naive.seeds, fc.boolean()] as const

  test.prop([...anyGeometry], { numRuns: 60 })('follow the definition for any geometry and dtype', expectDefinition)

  test.prop([naive.convolutions, naive.seeds], { numRuns: 60 })(
    'are adjoint: <conv(x, w), g> = <x, inputGradient> = <w, weightGradient>',
    (g, seed) => {
      const given = arrays(g, Float64Array, seed)
      const { out, xGradient, weightGradient } = run(g, Float64Array, given, false)
      const product = naive.inner(out, given.gradient)
      const scale = 1 + Math.sqrt(naive.inner(out, out) * naive.inner(given.gradient, given.gradient))
      expect(Math.abs(naive.inner(given.x, xGradient) - product) / scale).toBeLessThan(1e-13)
      expect(Math.abs(naive.inner(given.weight, weightGradient) - product) / scale).toBeLessThan(1e-13)
    },
  )

  test.prop([naive.convolutions, naive.seeds], { numRuns: 20 })('give the same bits every time', (g, seed) => {
    const given = arrays(g, Float32Array, seed)
    expect(run(g, Float32Array, given, true)).toEqual(run(g, Float32Array, given, true))
  })

  test.prop([naive.convolutions, naive.seeds], { numRuns: 20 })('leave their inputs alone', (g, seed) => {
    const given = arrays(g, Float32Array, seed)
    run(g, Float32Array, given, true)
    expect(given).toEqual(arrays(g, Float32Array, seed))
  })

  test.each([
    ['a first layer of No New-Net', same(2, [6, 5, 7], [3, 3, 3], 4, 8)],
    ['more outputs than one block', same(1, [7, 9, 5], [3, 3, 3], 3, 30)],
    ['a flat kernel', same(2, [6, 6, 3], [3, 3, 1], 17, 3)],
    ['a pointwise head', same(2, [5, 6, 7], [1, 1, 1], 8, 1)],
  ])('follow the definition on %s', (_, g) => {
    expectDefinition(g, Float32Array, 1, true)
    expectDefinition(g, Float64Array, 1, true)
  })

  test('are the sums over output planes where a sample is packed plane by plane', () => {
    // Dilation spreads a packed plane over 1506·1506 elements, more than a slab holds: each slab is one plane of outputs.
    const base = same(2, [3, 6, 6], [3, 2, 2], 1, 2)
    const g: Conv3dGeometry = { ...base, dilation: [1, 1500, 1500], padding: [1, 1500, 1500] }
    const given = arrays(g, Float64Array, 2)
    const whole = run(g, Float64Array, given, true)
    const xSum = new Float64Array(given.x.length)
    const weightSum = new Float64Array(given.weight.length)
    const plane = 6 * 6 * 2
    const planeOf = (values: FloatArray, p: number): FloatArray =>
      values.filter((_, i) => Math.floor(i / plane) % 3 === p)
    for (let p = 0; p < 3; p++) {
      const gradient = planeOf(given.gradient, p)
      const part: Conv3dGeometry = { ...g, output: [1, 6, 6], padding: [1 - p, 1500, 1500] }
      const { out, xGradient, weightGradient } = run(part, Float64Array, { ...given, gradient }, true)
      expect(naive.distance(out, planeOf(whole.out, p))).toBe(0)
      for (const [i, value] of xGradient.entries()) xSum[i] = naive.element(xSum, i) + value
      for (const [i, value] of weightGradient.entries()) weightSum[i] = naive.element(weightSum, i) + value
    }
    expect(naive.distance(whole.xGradient, xSum)).toBeLessThan(1e-12)
    expect(naive.distance(whole.weightGradient, weightSum)).toBeLessThan(1e-12)
  })

  test('give an infinite input to the outputs it meets only, though padding and odd channels are filled with zeros', () => {
    const g = same(1, [4, 4, 4], [3, 3, 3], 3, 3)
    const { x, weight } = arrays(g, Float64Array, 3)
    x[0] = Infinity
    const out = naive.poisoned(Float64Array, g.outChannels * 64)
    conv3d(x, weight, null, out, g)
    for (const o of indices(g.output)) {
      const met = Math.max(...o) <= 1
      const values = out.subarray(flat(g.output, o) * 3, flat(g.output, o) * 3 + 3)
      expect([...values].every((value) => Number.isFinite(value))).toBe(!met)
    }
  })

  test('give zeros where there is nothing to sum', () => {
    const g: Conv3dGeometry = { ...same(0, [2, 2, 2], [1, 1, 1], 2, 3) }
    const weightGradient = naive.poisoned(Float32Array, 6)
    conv3dWeightGradient(new Float32Array(0), new Float32Array(0), weightGradient, g)
    expect([...weightGradient]).toEqual([0, 0, 0, 0, 0, 0])
  })
})
