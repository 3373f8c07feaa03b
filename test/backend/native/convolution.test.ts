import { expect } from 'vitest'
import { fc, test } from '@fast-check/vitest'
import { type Conv3dGeometry, type Triple, volume } from '../../../src/backend/geometry.js'
import type { Kernels } from '../../../src/backend/kernels.js'
import { scope } from '../../../src/tensor/scope.js'
import type { Tensor } from '../../../src/tensor/tensor.js'
import { convolutions } from '../reference/naive.js'
import { addon, agree, channelCounts, forEachLevel, native, output, runs, seeds, values } from './levels.js'

const options = { numRuns: runs }

/** The outputs of the three kernels on the same random tensors. */
function allPasses(kernels: Kernels, g: Conv3dGeometry, seed: number, useBias: boolean): Tensor[] {
  const inShape = [g.batch, ...g.input, g.inChannels]
  const outShape = [g.batch, ...g.output, g.outChannels]
  const weightShape = [...g.kernel, g.inChannels / g.groups, g.outChannels]
  const x = values(seed, inShape)
  const weight = values(seed + 1, weightShape)
  const gradient = values(seed + 2, outShape)
  const [out, xGradient, weightGradient] = [output(outShape), output(inShape), output(weightShape)]
  kernels.conv3d(x, weight, useBias ? values(seed + 3, [g.outChannels]) : null, g, out)
  kernels.conv3dInputGradient(gradient, weight, g, xGradient)
  kernels.conv3dWeightGradient(x, gradient, g, weightGradient)
  return [out, xGradient, weightGradient]
}

/**
 * The reference sums in float64. A float32 sum of n products of normal numbers is off by about n · 2⁻²⁴ / √2 in standard
 * deviation (a random walk of roundings of a random walk); 7 of these are allowed.
 */
function expectAgreement(g: Conv3dGeometry, seed: number, useBias: boolean): void {
  const terms = volume(g.kernel) * Math.max(g.inChannels, g.outChannels)
  const most = Math.max(terms / g.groups, g.batch * volume(g.output))
  agree((kernels) => allPasses(kernels, g, seed, useBias), 3e-7 * (10 + most))
}

/** Stride 1 and an output of the input's size. */
function sameSize(
  batch: number,
  size: Triple,
  kernel: Triple,
  inChannels: number,
  outChannels: number,
): Conv3dGeometry {
  const ones: Triple = [1, 1, 1]
  const padding: Triple = [(kernel[0] - 1) / 2, (kernel[1] - 1) / 2, (kernel[2] - 1) / 2]
  const common = { batch, input: size, output: size, kernel, inChannels, outChannels }
  return { ...common, padding, stride: ones, dilation: ones, groups: 1 }
}

test.prop([convolutions, seeds, fc.boolean()], options)(
  'a convolution of any geometry and its two gradients agree with the reference',
  expectAgreement,
)

const edge = fc.integer({ min: 1, max: 9 })
const usual = fc
  .record({
    batch: fc.integer({ min: 1, max: 2 }),
    size: fc.tuple(edge, edge, fc.integer({ min: 1, max: 14 })),
    kernel: fc.constantFrom<Triple>([3, 3, 3], [3, 3, 1], [1, 1, 1]),
    inChannels: channelCounts,
    outChannels: channelCounts,
  })
  .map((c) => sameSize(c.batch, c.size, c.kernel, c.inChannels, c.outChannels))

test.prop([usual, seeds], { numRuns: Math.ceil(runs / 2) })(
  'the convolutions of a network agree with the reference at every number of channels',
  (g, seed) => {
    expectAgreement(g, seed, true)
  },
)

/** Each takes another way through the plan. */
const plans: readonly (readonly [string, Conv3dGeometry])[] = [
  ['boxes in x and y, sums in chunks', sameSize(1, [32, 32, 17], [3, 3, 3], 4, 3)],
  ['few positions shared by tasks for blocks of channels', sameSize(2, [6, 5, 4], [3, 3, 3], 70, 100)],
  ['lines that are cut along z', sameSize(1, [2, 3, 150], [3, 3, 1], 256, 3)],
  ['a source read in place', sameSize(1, [30, 20, 10], [1, 1, 1], 30, 20)],
  ['an output larger than its window reaches', { ...sameSize(1, [4, 4, 4], [1, 1, 1], 3, 5), output: [6, 5, 7] }],
  ['taps far apart', { ...sameSize(1, [20, 4, 20], [3, 3, 3], 3, 5), dilation: [9, 2, 8], padding: [9, 2, 8] }],
]

test.each(plans)('%s agree with the reference', (_, g) => {
  expectAgreement(g, 5, true)
})

test.each(plans)('%s have the same bits on 1, 2 and 3 threads', (_, g) => {
  const threads = addon.threads()
  forEachLevel(() => {
    const bits = [1, 2, 3].map((count) => {
      addon.setThreads(count)
      return scope(() => allPasses(native, g, 11, true).map((x) => Buffer.from(x.data().buffer).toString('base64')))
    })
    addon.setThreads(threads)
    expect(bits[1]).toEqual(bits[0])
    expect(bits[2]).toEqual(bits[0])
  })
})

test('what is not a number stays where the window that reads it ends', () => {
  const g = sameSize(1, [5, 5, 5], [3, 3, 3], 3, 20)
  forEachLevel(() => {
    const x = values(1, [1, ...g.input, 3])
    const data = x.array
    data[(2 * 25 + 2 * 5 + 2) * 3 + 1] = NaN
    const out = output([1, ...g.output, 20])
    native.conv3d(x, values(2, [3, 3, 3, 3, 20]), null, g, out)
    out.data().forEach((value, i) => {
      const voxel = Math.floor(i / 20)
      const reads = [Math.floor(voxel / 25), Math.floor(voxel / 5) % 5, voxel % 5].every((n) => Math.abs(n - 2) <= 1)
      expect(Number.isNaN(value), `voxel ${String(voxel)}`).toBe(reads)
    })
  })
})

test('a geometry without outputs has a weight gradient of zeros, and an input gradient of zeros', () => {
  const g: Conv3dGeometry = { ...sameSize(1, [2, 2, 2], [3, 3, 3], 2, 3), padding: [0, 0, 0], output: [0, 0, 0] }
  agree((kernels) => allPasses(kernels, g, 3, false), 0)
})

test('the addon refuses other dtypes, short buffers and impossible groups', () => {
  const geometry = (groups: number) =>
    Float64Array.of(1, 2, 2, 2, 2, 2, 2, 3, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 4, groups)
  const [x, weight, out] = [new Float32Array(16), new Float32Array(216), new Float32Array(32)]
  const untyped: { conv3d(...values: readonly unknown[]): void } = addon
  const call = (g: Float64Array, a: unknown, w: unknown, o: unknown) => () => {
    untyped.conv3d(g, a, w, null, o)
  }
  expect(call(geometry(1), x, weight, out)).not.toThrow()
  expect(call(geometry(1), x, new Float64Array(216), out)).toThrow(TypeError)
  expect(call(geometry(1), x, new Float32Array(215), out)).toThrow(/weight/)
  expect(call(geometry(1), x.subarray(1), weight, out)).toThrow(/x as a Float32Array of at least 16/)
  expect(call(geometry(1), x, weight, out.subarray(1))).toThrow(/out/)
  expect(call(geometry(3), x, weight, out)).toThrow(/groups/)
  expect(call(geometry(0), x, weight, out)).toThrow(TypeError)
  expect(call(geometry(1).subarray(1), x, weight, out)).toThrow(TypeError)
})
