import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { type Pool3dGeometry, volume } from '../../../src/backend/geometry.js'
import { maxPool3d, maxPool3dGradient, maxPool3dIndices, pooledSize } from '../../../src/backend/reference/maxPool3d.js'
import * as naive from './naive.js'

const pools: fc.Arbitrary<Pool3dGeometry> = fc.record({
  batch: fc.integer({ min: 1, max: 3 }),
  input: naive.triples(1, 6),
  window: naive.triples(1, 3),
  channels: naive.channelCounts,
})

function sizes(g: Pool3dGeometry): { input: number; output: number } {
  return { input: g.batch * volume(g.input) * g.channels, output: g.batch * volume(pooledSize(g)) * g.channels }
}

/** For each output element, the index of the first maximum, found from the input's side: voxel by voxel. */
function firstMaxima(x: ArrayLike<number>, g: Pool3dGeometry): number[] {
  const output = pooledSize(g)
  const maxima = new Array<number>(sizes(g).output).fill(-1)
  for (let i = 0; i < x.length; i++) {
    const channel = i % g.channels
    const voxel = Math.floor(i / g.channels)
    const z = Math.floor((voxel % g.input[2]) / g.window[2])
    const y = Math.floor((Math.floor(voxel / g.input[2]) % g.input[1]) / g.window[1])
    const x3 = Math.floor(voxel / g.input[2] / g.input[1])
    const xOut = Math.floor((x3 % g.input[0]) / g.window[0])
    if (xOut >= output[0] || y >= output[1] || z >= output[2]) continue
    const plane = Math.floor(x3 / g.input[0]) * output[0] + xOut
    const o = ((plane * output[1] + y) * output[2] + z) * g.channels + channel
    const best = maxima[o] ?? -1
    if (best < 0 || (x[i] ?? NaN) > (x[best] ?? NaN)) maxima[o] = i
  }
  return maxima
}

describe('maxPool3d', () => {
  test.prop([pools, naive.constructors, naive.seeds])(
    'takes the first maximum of every window, ties included',
    (g, Type, seed) => {
      // Few distinct values: most windows hold their maximum more than once.
      const x = naive.random(Type, sizes(g).input, seed, 0).map((value) => Math.round(value))
      const out = naive.poisoned(Type, sizes(g).output)
      const indices = new Int32Array(out.length).fill(-1)
      maxPool3d(x, out, g)
      maxPool3dIndices(x, indices, g)
      const maxima = firstMaxima(x, g)
      expect([...indices]).toEqual(maxima)
      expect([...out]).toEqual(maxima.map((i) => naive.element(x, i)))
    },
  )

  test.prop([pools, naive.constructors, naive.seeds])(
    'hands each output gradient to the first maximum, and zero to all other voxels',
    (g, Type, seed) => {
      const x = naive.random(Type, sizes(g).input, seed, 0).map((value) => Math.round(value))
      const gradient = naive.random(Type, sizes(g).output, seed, 1)
      const xGradient = naive.poisoned(Type, x.length)
      maxPool3dGradient(x, gradient, xGradient, g)
      const expected = new Type(x.length)
      for (const [o, i] of firstMaxima(x, g).entries()) expected[i] = naive.element(gradient, o)
      expect(xGradient).toEqual(expected)
    },
  )

  test('gives NaN where a window holds NaN, wherever it stands', () => {
    const g: Pool3dGeometry = { batch: 1, input: [2, 2, 1], window: [2, 2, 1], channels: 1 }
    for (let at = 0; at < 4; at++) {
      const x = Float64Array.from({ length: 4 }, (_, i) => (i === at ? NaN : i))
      const out = new Float64Array(1)
      maxPool3d(x, out, g)
      expect(out[0]).toBeNaN()
      const indices = new Int32Array(1)
      maxPool3dIndices(x, indices, g)
      expect(indices[0]).toBe(at)
    }
  })

  test('takes the maximum of a window of −Infinity', () => {
    const out = new Float32Array(1)
    const x = new Float32Array(2).fill(-Infinity)
    maxPool3d(x, out, { batch: 1, input: [2, 1, 1], window: [2, 1, 1], channels: 1 })
    expect(out[0]).toBe(-Infinity)
  })
})
