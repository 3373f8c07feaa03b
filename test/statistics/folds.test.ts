import { fc, test } from '@fast-check/vitest'
import { expect } from 'vitest'
import { contiguousFolds } from '../../src/statistics/folds.js'
import { ConfigError } from '../../src/tensor/errors.js'

const sizes = fc
  .tuple(fc.integer({ min: 2, max: 300 }), fc.integer({ min: 2, max: 10 }))
  .filter(([n, k]) => (k - 1) * Math.ceil(n / k) < n)

test.prop([sizes])('every case is validated exactly once, in order', ([n, k]) => {
  const folds = contiguousFolds(n, k)
  expect(folds).toHaveLength(k)
  expect(folds.flatMap((fold) => fold.validation)).toEqual(Array.from({ length: n }, (_, index) => index))
})

test.prop([sizes])('a fold trains on exactly the cases it does not validate on', ([n, k]) => {
  for (const fold of contiguousFolds(n, k)) {
    const all = [...fold.validation, ...fold.training].sort((a, b) => a - b)
    expect(all).toEqual(Array.from({ length: n }, (_, index) => index))
    expect(fold.training).toEqual([...fold.training].sort((a, b) => a - b))
  }
})

test('285 subjects make five folds of 57', () => {
  const folds = contiguousFolds(285, 5)
  expect(folds.map((fold) => fold.validation.length)).toEqual([57, 57, 57, 57, 57])
  expect(folds[1]?.validation[0]).toBe(57)
  expect(folds[0]?.training[0]).toBe(57)
})

test('the last fold is smaller where the number does not divide', () => {
  expect(contiguousFolds(11, 4).map((fold) => fold.validation.length)).toEqual([3, 3, 3, 2])
})

test('refuses empty folds, one fold and numbers that are no counts', () => {
  expect(() => contiguousFolds(6, 5)).toThrow('[contiguousFolds] expected cases for each of 5 folds of 2, got 6 cases')
  expect(() => contiguousFolds(6, 4)).toThrow(ConfigError)
  expect(() => contiguousFolds(6, 1)).toThrow(ConfigError)
  expect(() => contiguousFolds(6.5, 2)).toThrow(ConfigError)
  expect(() => contiguousFolds(0, 2)).toThrow(ConfigError)
})
