/** Pooling, interpolation, groups, normalisation and dropout on volumes (B,X,Y,Z,C). */
import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import * as phi from '../../src/index.js'
import { Generator, type Tensor, randn, scope, tensor } from '../../src/index.js'
import { expected } from './fixtures/expected.js'

const draw = (shape: readonly number[], seed = 1): Tensor =>
  randn(shape, { dtype: 'float64', generator: new Generator(seed) })

function expectClose(got: Tensor, wanted: Tensor, tolerance = 1e-12): void {
  expect(got.shape).toEqual(wanted.shape)
  const reference = wanted.data()
  got.data().forEach((value, i) => expect(Math.abs(value - (reference[i] ?? Number.NaN))).toBeLessThan(tolerance))
}

test('a convolution in groups is the convolutions of the parts, joined', () => {
  scope(() => {
    const x = draw([2, 4, 3, 5, 6])
    const weight = draw([3, 1, 3, 2, 9], 2)
    const channels = (t: Tensor, start: number, stop: number): Tensor =>
      t.slice([null, null, null, null, [start, stop]])
    const parts = [0, 1, 2].map((g) => phi.conv3d(channels(x, 2 * g, 2 * g + 2), channels(weight, 3 * g, 3 * g + 3)))
    expectClose(phi.conv3d(x, weight, { groups: 3 }), phi.concat(parts, -1))
  })
})

describe('avgPool3d', () => {
  test('is the mean of each window and leaves the rest unread', () => {
    scope(() => {
      const x = draw([1, 5, 4, 3, 2])
      const pooled = phi.avgPool3d(x, [2, 2, 1])
      expect(pooled.shape).toEqual([1, 2, 2, 3, 2])
      expectClose(pooled.slice([0, 1, 0, 2]), x.slice([0, [2, 4], [0, 2], 2]).mean([0, 1]))
      expect(() => phi.avgPool3d(x, [1, 1, 4])).toThrow('[avgPool3d] expected an input of at least (1,1,4) voxels')
    })
  })
})

describe('upsampleTrilinear', () => {
  test('is scipy’s zoom of order 1 with voxels as boxes', () => {
    scope(() => {
      const upsampled = phi.upsampleTrilinear(expected('volume').reshape([1, 2, 3, 2, 1]), [2, 3, 4])
      expectClose(upsampled.reshape(expected('trilinear').shape), expected('trilinear'))
    })
  })

  test.prop([fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 3 })])(
    'keeps constants, and the mean of any volume',
    (n, factor) => {
      scope(() => {
        const x = draw([2, n, 2, 1, 2])
        expectClose(phi.upsampleTrilinear(phi.onesLike(x), factor).mean(), tensor(1, { dtype: 'float64' }))
        expectClose(phi.upsampleTrilinear(x, factor).mean([1, 2, 3]), x.mean([1, 2, 3]))
      })
    },
  )

  test('with factor 1 is a copy', () => {
    scope(() => {
      const x = draw([1, 2, 2, 2, 1])
      const same = phi.upsampleTrilinear(x, 1)
      expect(same.toArray()).toEqual(x.toArray())
      expect(same).not.toBe(x)
    })
  })
})

describe('normalisation', () => {
  const x = (): Tensor => draw([2, 3, 2, 2, 4]).mul(3).add(100)
  const parameters = (): [Tensor, Tensor] => [draw([4], 3), draw([4], 4)]
  /** What every norm is, by its definition: statistics over `axes`. */
  const definition = (t: Tensor, axes: number[]): Tensor =>
    t.sub(t.mean(axes, { keepDims: true })).div(t.variance(axes, { keepDims: true }).add(1e-3).sqrt())

  test('batchNorm is taken over all axes but the channels, or with given statistics', () => {
    scope(() => {
      const [scale, shift] = parameters()
      const wanted = definition(x(), [0, 1, 2, 3]).mul(scale).add(shift)
      expectClose(phi.batchNorm(x(), scale, shift), wanted)
      const given = { mean: x().mean([0, 1, 2, 3]), variance: x().variance([0, 1, 2, 3]) }
      expectClose(phi.batchNorm(x(), scale, shift, given), wanted)
      expectClose(phi.batchNorm(x().reshape([-1, 4]), scale, shift), wanted.reshape([-1, 4]))
      expect(() => phi.batchNorm(x(), scale, shift, { mean: scale })).toThrow(
        'expected both mean and variance, or neither',
      )
    })
  })

  test('groupNorm is taken over the voxels and the channels of a group', () => {
    scope(() => {
      const [scale, shift] = parameters()
      const wanted = definition(x().reshape([2, 3, 2, 2, 2, 2]), [1, 2, 3, 5]).reshape([2, 3, 2, 2, 4])
      expectClose(phi.groupNorm(x(), 2, scale, shift), wanted.mul(scale).add(shift))
      expectClose(phi.groupNorm(x(), 4, scale, shift), phi.instanceNorm(x(), scale, shift))
      expect(() => phi.groupNorm(x(), 3, scale, shift)).toThrow(
        '[groupNorm.groups] expected a divisor of 4 channels, got 3',
      )
    })
  })

  test('layerNorm is taken over the last axis', () => {
    scope(() => {
      const [scale, shift] = parameters()
      expectClose(phi.layerNorm(x(), scale, shift), definition(x(), [4]).mul(scale).add(shift))
    })
  })
})

describe('dropout and bernoulli', () => {
  test('a coin is 1 with the given probability, within 5 standard errors', () => {
    scope(() => {
      const coins = phi.bernoulli([10_000], { probability: 0.3, generator: new Generator(7), dtype: 'float64' })
      expect(Math.abs(coins.mean().item() - 0.3)).toBeLessThan(5 * Math.sqrt((0.3 * 0.7) / 10_000))
      expect(phi.bernoulli([3]).dtype).toBe('bool')
      expect(phi.bernoulli([4], { probability: 0 }).toArray()).toEqual([0, 0, 0, 0])
      expect(phi.bernoulli([4], { probability: 1 }).toArray()).toEqual([1, 1, 1, 1])
      expect(() => phi.bernoulli([1], { probability: 1.5 })).toThrow(
        '[bernoulli.probability] expected a number from 0 to 1',
      )
    })
  })

  test('what is kept is x/(1 − rate), what is dropped has derivative 0', () => {
    scope(() => {
      const x = phi.ones([1000], { dtype: 'float64' }).requireGrad()
      const y = phi.dropout(x, 0.75, { generator: new Generator(1) })
      expect(new Set(y.data())).toEqual(new Set([0, 4]))
      y.sum().backward()
      expect(x.grad?.toArray()).toEqual(y.toArray())
    })
  })

  test('follows the global seed, and at rate 0 keeps everything', () => {
    scope(() => {
      const x = phi.ones([50])
      const draws = [1, 1, 2].map((seed) => {
        phi.setSeed(seed)
        return phi.dropout(x, 0.5).toArray()
      })
      expect(draws[0]).toEqual(draws[1])
      expect(draws[0]).not.toEqual(draws[2])
      expect(phi.dropout(x, 0).toArray()).toEqual(x.toArray())
      expect(() => phi.dropout(x, 1)).toThrow('[dropout.rate]')
    })
  })
})
