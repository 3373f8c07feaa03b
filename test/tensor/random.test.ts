import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { Generator, randn, scope, setSeed, uniform } from '../../src/index.js'
import { normalQuantile, philox } from '../../src/tensor/random.js'

describe('philox', () => {
  // Known answers of the Random123 distribution (kat_vectors, philox4x32 10 rounds).
  test.each([
    [
      [0, 0, 0, 0],
      [0, 0],
      [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
    ],
    [
      [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
      [0xffffffff, 0xffffffff],
      [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
    ],
    [
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      [0xa4093822, 0x299f31d0],
      [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
    ],
  ])('gives the published words for counter %j', (counter, [low = 0, high = 0], expected) => {
    const words = Uint32Array.from(counter)
    philox(words, low, high)
    expect([...words]).toEqual(expected)
  })
})

describe('normalQuantile', () => {
  // scipy.stats.norm.ppf, SciPy 1.17.1.
  test.each([
    [0.975, 1.959963984540054],
    [0.3, -0.5244005127080409],
    [1e-10, -6.361340902404056],
    [0.001, -3.090232306167813],
    [0.9999999, 5.199337582290661],
  ])('of %d is %d', (p, expected) => expect(normalQuantile(p)).toBeCloseTo(expected, 13))

  test.prop([fc.double({ min: 1e-12, max: 0.5, noNaN: true })])('is odd about one half', (p) => {
    expect(normalQuantile(p)).toBeCloseTo(-normalQuantile(1 - p), 3)
  })
})

describe('Generator', () => {
  test.prop([fc.maxSafeInteger(), fc.maxSafeNat(), fc.nat({ max: 50 })])(
    'value n of a stream does not depend on how it is reached',
    (seed, stream, n) => {
      const from = new Generator(seed, stream)
      for (let i = 0; i < n; i++) from.uniform()
      expect(from.uniform()).toBe(new Generator(seed, stream, n).uniform())
    },
  )

  test('streams and seeds differ', () => {
    const first = [0, 1, 2].flatMap((seed) => [0, 1, 2].map((stream) => new Generator(seed, stream).uniform()))
    expect(new Set(first).size).toBe(9)
  })

  test.prop([fc.nat({ max: 100 }), fc.nat()])('a permutation has every index once', (n, seed) => {
    expect([...new Generator(seed).permutation(n)].sort((a, b) => a - b)).toEqual(
      Array.from({ length: n }, (_, i) => i),
    )
  })

  test('uniform and normal values have the moments of their distributions', () => {
    const generator = new Generator(7)
    const n = 200_000
    let [u1, u2, z1, z2, z4] = [0, 0, 0, 0, 0]
    for (let i = 0; i < n; i++) {
      const u = generator.uniform()
      const z = generator.normal()
      u1 += u / n
      u2 += (u * u) / n
      z1 += z / n
      z2 += (z * z) / n
      z4 += z ** 4 / n
    }
    expect(u1).toBeCloseTo(0.5, 2)
    expect(u2).toBeCloseTo(1 / 3, 2)
    expect(z1).toBeCloseTo(0, 2)
    expect(z2).toBeCloseTo(1, 1)
    expect(Math.abs(z4 - 3)).toBeLessThan(0.1)
  })

  test('refuses a seed that is no integer', () => {
    expect(() => new Generator(0.5)).toThrow('[Generator.seed] expected a safe integer, got 0.5')
    expect(() => new Generator(0, -1)).toThrow('[Generator.stream]')
  })
})

describe('random tensors', () => {
  test('repeat after setSeed and differ from call to call', () => {
    scope(() => {
      setSeed(3)
      const [a, b] = [randn([4]).toArray(), randn([4]).toArray()]
      setSeed(3)
      expect(randn([4]).toArray()).toEqual(a)
      expect(a).not.toEqual(b)
    })
  })

  test('float32 is the float64 stream, rounded', () => {
    scope(() => {
      const draw = (dtype: 'float32' | 'float64') => randn([5], { dtype, generator: new Generator(1) }).data()
      expect([...draw('float32')]).toEqual([...draw('float64')].map(Math.fround))
      const single = uniform([1000], { low: 2, high: 3 }).data()
      expect(Math.min(...single)).toBeGreaterThanOrEqual(2)
      expect(Math.max(...single)).toBeLessThan(3)
    })
  })

  test('a seed means these values in every version', () => {
    scope(() => {
      expect([...uniform([4], { dtype: 'float64', generator: new Generator(0) }).data()]).toMatchInlineSnapshot(`
        [
          0.39904647231489565,
          0.7357127860596914,
          0.9722412032044762,
          0.693930916764543,
        ]
      `)
      expect([...randn([4], { dtype: 'float64', generator: new Generator(42, 1) }).data()]).toMatchInlineSnapshot(`
        [
          -2.324145687570206,
          -0.732059364945319,
          -1.1316079472221738,
          -1.2500757685845811,
        ]
      `)
    })
  })
})
