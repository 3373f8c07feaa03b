import { expect, test } from 'vitest'
import { ConfigError, ShapeError, scope, tensor, zeros } from '../../src/index.js'
import { diceLoss, heuristicEpsilon } from '../../src/losses/index.js'

test('ε is the mean label volume per class over all maps, empty ones included', () => {
  expect(heuristicEpsilon([12_000, 0, 6_000])).toEqual([6_000])
  expect(
    heuristicEpsilon([
      [10, 4],
      [0, 0],
      [2, 2],
    ]),
  ).toEqual([4, 2])
})

test('label tensors, arrays and volumes say the same', () => {
  scope(() => {
    // (B, X, C) = (2, 3, 2): volumes (2, 1) and (0, 3).
    const values = Uint8Array.of(1, 0, 1, 0, 0, 1, 0, 1, 0, 1, 0, 1)
    const batch = tensor(values, { shape: [2, 3, 2] })
    expect(heuristicEpsilon(batch)).toEqual([1, 2])
    expect(heuristicEpsilon([batch, batch])).toEqual([1, 2])
    const arrays = [values.subarray(0, 6), values.subarray(6)].map((labels) => ({ labels, classes: 2 }))
    expect(heuristicEpsilon(arrays)).toEqual([1, 2])
    expect(heuristicEpsilon([...arrays, [3, 0.5]])).toEqual([5 / 3, 4.5 / 3])
  })
})

test('what it returns is an ε for single-class subsets', () => {
  scope(() => {
    const y = tensor(Float32Array.of(1, 0, 0, 0), { shape: [2, 2, 1] })
    const epsilon = heuristicEpsilon(y)
    expect(epsilon).toEqual([0.5])
    // Image 0: 1 − (0 + ½)/(1 + ½); image 1: 0.
    expect(diceLoss(zeros([2, 2, 1]), y, { phi: 'I', epsilon }).item()).toBeCloseTo(1 / 3, 6)
  })
})

test('what has no mean volume is refused', () => {
  scope(() => {
    expect(() => heuristicEpsilon([])).toThrow(ConfigError)
    expect(() => heuristicEpsilon([1, -1])).toThrow(ConfigError)
    expect(() => heuristicEpsilon([1, Number.NaN])).toThrow(ConfigError)
    expect(() => heuristicEpsilon([1, [1, 2]])).toThrow(ShapeError)
    expect(() => heuristicEpsilon(zeros([4, 2]))).toThrow(ShapeError)
    expect(() => heuristicEpsilon([{ labels: new Uint8Array(5), classes: 2 }])).toThrow(ShapeError)
  })
})
