import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { bellNumber, everySetPartition, setPartitions } from '../../src/testing/index.js'

test('Bell numbers are those of OEIS A000110', () => {
  const first = Array.from({ length: 11 }, (_, n) => bellNumber(n))
  expect(first).toEqual([1, 1, 2, 5, 15, 52, 203, 877, 4140, 21147, 115975])
  // A000110(22), the largest below 2^53.
  expect(bellNumber(22)).toBe(4506715738447323)
})

test('the partitions of three elements are five, in lexicographic order of their label maps', () => {
  expect([...everySetPartition(3)].map((labels) => Array.from(labels).join(''))).toEqual([
    '000',
    '001',
    '010',
    '011',
    '012',
  ])
  expect([...everySetPartition(0)]).toEqual([new Int32Array(0)])
})

test.each([1, 2, 3, 4, 5, 6, 7, 8])(
  'there are Bell(%i) partitions, each once, with labels in order of first appearance',
  (n) => {
    const seen = new Set<string>()
    for (const labels of everySetPartition(n)) {
      let most = -1
      for (const label of labels) {
        expect(label).toBeGreaterThanOrEqual(0)
        expect(label).toBeLessThanOrEqual(most + 1)
        most = Math.max(most, label)
      }
      seen.add(labels.join())
    }
    expect(seen.size).toBe(bellNumber(n))
  },
)

test('random partitions of four elements are uniform over all fifteen', () => {
  const runs = 15_000
  const counts = new Map<string, number>()
  for (const labels of fc.sample(setPartitions(4), { numRuns: runs, seed: 1 })) {
    counts.set(labels.join(), (counts.get(labels.join()) ?? 0) + 1)
  }
  expect(counts.size).toBe(15)
  // χ² with 14 degrees of freedom is above 36.1 once in a thousand times (its 0.999 quantile).
  const statistic = [...counts.values()].reduce((sum, count) => sum + (count - runs / 15) ** 2 / (runs / 15), 0)
  expect(statistic).toBeLessThan(36.1)
})

test('a random partition shrinks to a single subset', () => {
  const found = fc.check(
    fc.property(setPartitions(9), (labels) => labels.length < 9),
    { seed: 3 },
  )
  expect(found.counterexample?.[0]).toEqual(new Int32Array(9))
})

describe('a number of elements that cannot be numbered', () => {
  test.each([-1, 1.5, 23, Number.NaN])('is refused: %d', (n) => {
    expect(() => bellNumber(n)).toThrow(/^\[setPartitions\] expected a number of elements from 0 to 22, got/)
    expect(() => setPartitions(n)).toThrow('setPartitions')
  })
})
