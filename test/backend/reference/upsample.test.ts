/** upsampleNearest and upsampleConcat: their definition, and their gradients as adjoints. */
import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { type FloatArray, type UpsampleGeometry, volume } from '../../../src/backend/geometry.js'
import { upsampleConcat, upsampleConcatGradient } from '../../../src/backend/reference/upsampleConcat.js'
import { upsampleNearest, upsampleNearestGradient } from '../../../src/backend/reference/upsampleNearest.js'
import * as naive from './naive.js'

const geometries: fc.Arbitrary<UpsampleGeometry> = fc.record({
  batch: fc.integer({ min: 1, max: 3 }),
  input: naive.triples(1, 4),
  factors: naive.triples(1, 3),
  channels: naive.channelCounts,
})

/** For each voxel of the upsampled batch, the voxel of x that it copies. */
function origins({ batch, input, factors }: UpsampleGeometry): number[] {
  const voxels: number[] = []
  for (let b = 0; b < batch; b++) {
    for (let x = 0; x < input[0] * factors[0]; x++) {
      for (let y = 0; y < input[1] * factors[1]; y++) {
        for (let z = 0; z < input[2] * factors[2]; z++) {
          const [i, j, k] = [Math.floor(x / factors[0]), Math.floor(y / factors[1]), Math.floor(z / factors[2])]
          voxels.push(((b * input[0] + i) * input[1] + j) * input[2] + k)
        }
      }
    }
  }
  return voxels
}

/** concat([skip, upsampled x], channels); no skip channels: upsampled x. */
function expected(g: UpsampleGeometry, x: FloatArray, skip: FloatArray, skipChannels: number): number[] {
  return origins(g).flatMap((from, v) => [
    ...skip.subarray(v * skipChannels, (v + 1) * skipChannels),
    ...x.subarray(from * g.channels, (from + 1) * g.channels),
  ])
}

function sizes(g: UpsampleGeometry): { x: number; upsampled: number } {
  const voxels = g.batch * volume(g.input)
  return { x: voxels * g.channels, upsampled: voxels * volume(g.factors) * g.channels }
}

describe('upsampleNearest', () => {
  test.prop([geometries, naive.constructors, naive.seeds])('repeats every voxel over its block', (g, Type, seed) => {
    const x = naive.random(Type, sizes(g).x, seed, 0)
    const out = naive.poisoned(Type, sizes(g).upsampled)
    upsampleNearest(x, out, g)
    expect([...out]).toEqual(expected(g, x, new Type(0), 0))
  })

  test.prop([geometries, naive.constructors, naive.seeds])('has the block sums as gradient', (g, Type, seed) => {
    const gradient = naive.random(Type, sizes(g).upsampled, seed, 0)
    const xGradient = naive.poisoned(Type, sizes(g).x)
    upsampleNearestGradient(gradient, xGradient, g)
    const sums = new Float64Array(xGradient.length)
    for (const [v, from] of origins(g).entries()) {
      for (let c = 0; c < g.channels; c++) {
        const i = from * g.channels + c
        sums[i] = naive.element(sums, i) + naive.element(gradient, v * g.channels + c)
      }
    }
    expect(naive.distance(xGradient, sums)).toBeLessThan(naive.tolerance(Type))
  })
})

describe('upsampleConcat', () => {
  const given = [geometries, naive.channelCounts, naive.constructors, naive.seeds] as const

  test.prop([...given])('is the concatenation of skip and upsampled x', (g, skipChannels, Type, seed) => {
    const x = naive.random(Type, sizes(g).x, seed, 0)
    const skip = naive.random(Type, (sizes(g).upsampled / g.channels) * skipChannels, seed, 1)
    const out = naive.poisoned(Type, skip.length + sizes(g).upsampled)
    upsampleConcat(skip, x, out, g, skipChannels)
    expect([...out]).toEqual(expected(g, x, skip, skipChannels))
  })

  test.prop([...given])('has the adjoint as gradient', (g, skipChannels, Type, seed) => {
    const x = naive.random(Type, sizes(g).x, seed, 0)
    const skip = naive.random(Type, (sizes(g).upsampled / g.channels) * skipChannels, seed, 1)
    const gradient = naive.random(Type, skip.length + sizes(g).upsampled, seed, 2)
    const skipGradient = naive.poisoned(Type, skip.length)
    const xGradient = naive.poisoned(Type, x.length)
    upsampleConcatGradient(gradient, skipGradient, xGradient, g, skipChannels)
    const out = Type.from(expected(g, x, skip, skipChannels))
    const parts = naive.inner(skip, skipGradient) + naive.inner(x, xGradient)
    expect(Math.abs(naive.inner(out, gradient) - parts)).toBeLessThan(100 * naive.tolerance(Type))
  })
})
