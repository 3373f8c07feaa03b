import { describe, expect, test } from 'vitest'
import { Generator, scope } from '../../src/index.js'
import { allOnes, allZeros, glorotNormal, glorotUniform, heNormal, type Initializer } from '../../src/nn/index.js'

const fans = { fanIn: 50, fanOut: 150 }
const COUNT = 40_000

function draw(initializer: Initializer, count = COUNT, dtype: 'float32' | 'float64' = 'float64'): number[] {
  return scope(() => Array.from(initializer([count], fans, new Generator(7, 3), dtype).data()))
}

describe.each([
  ['heNormal', heNormal, 2 / 50, (2 * Math.sqrt(2 / 50)) / 0.87962566],
  ['glorotNormal', glorotNormal, 2 / 200, (2 * Math.sqrt(2 / 200)) / 0.87962566],
  ['glorotUniform', glorotUniform, 2 / 200, Math.sqrt(6 / 200)],
] as const)('%s', (_name, initializer, variance, limit) => {
  test('has mean 0 and the variance of its formula, and stays inside its limits', () => {
    const values = draw(initializer)
    const mean = values.reduce((sum, x) => sum + x) / COUNT
    const second = values.reduce((sum, x) => sum + x * x, 0) / COUNT
    // Five standard errors, those of a normal variable being the larger ones.
    expect(Math.abs(mean)).toBeLessThan(5 * Math.sqrt(variance / COUNT))
    expect(Math.abs(second / variance - 1)).toBeLessThan(5 * Math.sqrt(2 / COUNT))
    const largest = Math.max(...values.map(Math.abs))
    expect(largest).toBeLessThanOrEqual(limit * (1 + 1e-7))
    expect(largest).toBeGreaterThan(0.99 * limit)
  })

  test('float32 is the rounded float64 stream', () => {
    expect(draw(initializer, 20, 'float32')).toEqual(draw(initializer, 20).map(Math.fround))
  })
})

test('a seed means the same numbers in every version', () => {
  expect(draw(heNormal, 3)).toMatchInlineSnapshot(`
    [
      0.050782601972426164,
      -0.20981271214283792,
      0.04789441865962001,
    ]
  `)
  expect(draw(glorotNormal, 3)).toMatchInlineSnapshot(`
    [
      0.025391300986213082,
      -0.10490635607141896,
      0.023947209329810006,
    ]
  `)
  expect(draw(glorotUniform, 3)).toMatchInlineSnapshot(`
    [
      0.03207073757749265,
      -0.11683948303357715,
      0.03027439249267091,
    ]
  `)
})

test('zeros and ones draw nothing', () => {
  const generator = new Generator(0)
  scope(() => {
    expect(allZeros([2], fans, generator, 'float32').toArray()).toEqual([0, 0])
    expect(allOnes([2], fans, generator, 'float64').toArray()).toEqual([1, 1])
  })
  expect(generator.index).toBe(0)
})
