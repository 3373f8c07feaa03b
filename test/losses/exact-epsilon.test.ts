/** Eq. 5: its solutions put back into it, where it has none, and the special cases of the paper. */
import { fc, test } from '@fast-check/vitest'
import { expect } from 'vitest'
import { ConfigError, full, scope, tensor, zeros } from '../../src/index.js'
import { diceGradient, exactEpsilon } from '../../src/losses/index.js'

const number = (min: number, max: number): fc.Arbitrary<number> => fc.double({ min, max, noNaN: true })

test.prop([number(0.01, 1), number(0, 3), number(1, 1e6), number(0.05, 1)])(
  'each solution satisfies 2 q a v / ((q b + 1 − q) v)² = ε / (v + ε)², and their product is v²; else the left side is out of reach',
  (overlap, more, volume, q) => {
    const union = 2 * overlap + more
    const result = exactEpsilon({ overlap, union, volume, nonEmptyFraction: q })
    const batchWise = (2 * q * overlap) / ((q * union + 1 - q) ** 2 * volume)
    if (result.solvable) {
      const [small, large] = result.epsilons
      expect(small).toBeLessThanOrEqual(large)
      for (const epsilon of [small, large]) {
        expect(epsilon / (volume + epsilon) ** 2 / batchWise).toBeCloseTo(1, 9)
      }
      expect((small * large) / volume ** 2).toBeCloseTo(1, 12)
    } else {
      // The most that any ε gives an empty map is 1/(4 v), at ε = v.
      expect(batchWise).toBeGreaterThan(1 / (4 * volume))
      expect(result.nearest).toBe(volume)
      expect(result.k).toBeLessThan(4)
    }
  },
)

test('a = ½ and b = 2 is the double root ε = v, and with a fraction q of non-empty maps ε = q v or v/q', () => {
  expect(exactEpsilon({ overlap: 0.5, union: 2, volume: 12_412 })).toEqual({
    solvable: true,
    epsilons: [12_412, 12_412],
    k: 4,
  })
  const result = exactEpsilon({ overlap: 0.5, union: 2, volume: 1000, nonEmptyFraction: 0.25 })
  expect(result.solvable && result.epsilons[0]).toBeCloseTo(250, 9)
  expect(result.solvable && result.epsilons[1]).toBeCloseTo(4000, 9)
})

test('b² < 8a has a clear answer', () => {
  const result = exactEpsilon({ overlap: 0.6, union: 2, volume: 1000 })
  expect(result).toMatchObject({ solvable: false, nearest: 1000 })
  expect(!result.solvable && result.reason).toBe(
    'no ε gives an empty map the batch-wise derivative: b² = 4 is below 8 a = 4.8; ε = v = 1000 comes nearest',
  )
})

test('with either solution the image-wise gradient on an empty map is the batch-wise one', () => {
  scope(() => {
    // One labelled image with a = 0.4, b = 2 at v = 100: Σ y = 100, Σ p = 100 and Σ y·p = 40; the batch-wise derivative at y = 0 is per image.
    const result = exactEpsilon({ overlap: 0.4, union: 2, volume: 100 })
    const labels = Float64Array.from({ length: 1000 }, (_, i) => (i < 100 ? 1 : 0))
    const p = tensor(
      labels.map((y) => (y === 1 ? 0.4 : 60 / 900)),
      { shape: [1, 1000, 1] },
    )
    const y = tensor(labels, { shape: [1, 1000, 1] })
    const labelled = diceGradient(p, y, { phi: 'BI', epsilon: 0 }).data()[999] ?? 0
    const empty = full([1, 1000, 1], 0.1, { dtype: 'float64' })
    for (const epsilon of result.solvable ? result.epsilons : [Number.NaN]) {
      const g = diceGradient(empty, zeros([1, 1000, 1], { dtype: 'float64' }), { phi: 'I', epsilon }).data()[0] ?? 0
      expect(g / labelled).toBeCloseTo(1, 10)
    }
  })
})

test('numbers out of range are refused', () => {
  const fine = { overlap: 0.4, union: 2, volume: 100 }
  for (const wrong of [
    { overlap: 0 },
    { union: Number.NaN },
    { volume: -1 },
    { nonEmptyFraction: 1.5 },
    { union: 0.7 },
  ]) {
    expect(() => exactEpsilon({ ...fine, ...wrong })).toThrow(ConfigError)
  }
})
