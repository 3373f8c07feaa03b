import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { areaUnderCurve, rocCurve } from '../../src/metrics/index.js'
import { DataError, ShapeError } from '../../src/tensor/errors.js'
import { expected } from './fixtures/expected.js'

const separable = (cases: readonly (readonly [number, boolean])[]) =>
  cases.some(([, positive]) => positive) && cases.some(([, positive]) => !positive)
/** Few distinct scores, so that ties are common. */
const scoredCases = fc
  .array(fc.tuple(fc.integer({ min: -3, max: 3 }), fc.boolean()), { minLength: 2, maxLength: 40 })
  .filter(separable)
const split = (cases: readonly (readonly [number, boolean])[]) =>
  [cases.map(([score]) => score), cases.map(([, positive]) => positive)] as const

describe('areaUnderCurve', () => {
  test.prop([scoredCases])('is the share of pairs won by the positive, ties counting half', (cases) => {
    const [scores, positives] = split(cases)
    const pairs = cases
      .filter(([, positive]) => positive)
      .flatMap(([p]) => cases.filter(([, positive]) => !positive).map(([n]) => (p > n ? 1 : p === n ? 0.5 : 0)))
    const share = pairs.reduce<number>((sum, value) => sum + value, 0) / pairs.length
    expect(areaUnderCurve(scores, positives)).toBeCloseTo(share, 14)
  })

  test.prop([scoredCases])('is the trapezoidal area under the points of rocCurve', (cases) => {
    const [scores, positives] = split(cases)
    const points = rocCurve(scores, positives)
    let area = 0
    for (const [index, point] of points.entries()) {
      const before = points[index - 1] ?? point
      area +=
        ((point.falsePositiveRate - before.falsePositiveRate) * (point.truePositiveRate + before.truePositiveRate)) / 2
    }
    expect(area).toBeCloseTo(areaUnderCurve(scores, positives), 12)
  })

  test.prop([scoredCases])('keeps its value when scores are stretched and mirrors when they are negated', (cases) => {
    const [scores, positives] = split(cases)
    const area = areaUnderCurve(scores, positives)
    expect(
      areaUnderCurve(
        scores.map((score) => 3 * score + score ** 3),
        positives,
      ),
    ).toBe(area)
    expect(
      areaUnderCurve(
        scores.map((score) => -score),
        positives,
      ),
    ).toBeCloseTo(1 - area, 14)
  })

  test('agrees with the Mann-Whitney statistic of scipy', () => {
    for (const { scores, positives, areaUnderCurve: area } of expected.curves) {
      expect(areaUnderCurve(scores, positives)).toBeCloseTo(area, 14)
    }
  })

  test('refuses what has no area', () => {
    expect(() => areaUnderCurve([1, 2], [true])).toThrow(ShapeError)
    expect(() => areaUnderCurve([1, Number.NaN], [true, false])).toThrow('NaN at case 1')
    expect(() => areaUnderCurve([1, 2], [true, true])).toThrow(DataError)
    expect(() => areaUnderCurve([], [])).toThrow('got 0 positive, 0 negative')
  })
})

describe('rocCurve', () => {
  test.prop([scoredCases])('rises from (0,0) to (1,1) with one point per distinct score', (cases) => {
    const [scores, positives] = split(cases)
    const points = rocCurve(scores, positives)
    expect(points).toHaveLength(new Set(scores).size + 1)
    expect(points[0]).toEqual({ threshold: Infinity, falsePositiveRate: 0, truePositiveRate: 0 })
    expect(points.at(-1)).toMatchObject({ threshold: Math.min(...scores), falsePositiveRate: 1, truePositiveRate: 1 })
    for (const [index, point] of points.slice(1).entries()) {
      expect(point.threshold).toBeLessThan(points[index]?.threshold ?? Number.NaN)
      expect(point.falsePositiveRate).toBeGreaterThanOrEqual(points[index]?.falsePositiveRate ?? Number.NaN)
      expect(point.truePositiveRate).toBeGreaterThanOrEqual(points[index]?.truePositiveRate ?? Number.NaN)
    }
  })

  test.prop([scoredCases])('each point holds the rates of calling scores at or above its threshold', (cases) => {
    const [scores, positives] = split(cases)
    const rate = (wanted: boolean, threshold: number) => {
      const those = cases.filter(([, positive]) => positive === wanted)
      return those.filter(([score]) => score >= threshold).length / those.length
    }
    for (const point of rocCurve(scores, positives)) {
      expect(point.truePositiveRate).toBe(rate(true, point.threshold))
      expect(point.falsePositiveRate).toBe(rate(false, point.threshold))
    }
  })

  test('refuses cases of one class only', () => {
    expect(() => rocCurve([1, 2], [false, false])).toThrow(DataError)
  })
})
