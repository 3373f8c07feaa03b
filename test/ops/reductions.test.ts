/** Values of reductions, scans and sorting against numpy and scipy (fixtures/make_values.py), and their edge policies. */
import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import * as phi from '../../src/index.js'
import { ShapeError, type Tensor, grad, scope, tensor } from '../../src/index.js'
import { expected } from './fixtures/expected.js'

const f64 = (values: phi.NestedNumbers): Tensor => tensor(values, { dtype: 'float64' })

function expectClose(got: Tensor, wanted: Tensor, tolerance = 1e-14): void {
  expect(got.shape).toEqual(wanted.shape)
  const reference = wanted.data()
  got.data().forEach((value, i) => expect(Math.abs(value - (reference[i] ?? Number.NaN))).toBeLessThan(tolerance))
}

describe('against scipy and numpy', () => {
  test.each([
    ['logSumExp', (x: Tensor) => phi.logSumExp(x, [0, 2])],
    ['logSoftmax', (x: Tensor) => phi.logSoftmax(x, 1)],
    ['variance', (x: Tensor) => phi.variance(x, 1, { ddof: 1 })],
    ['prod', (x: Tensor) => phi.prod(x, [0, 2])],
    ['cumsum', (x: Tensor) => phi.cumsum(x, 1)],
    ['sort', (x: Tensor) => phi.sort(x, 1)],
    ['argSort', (x: Tensor) => phi.argSort(x, 1)],
    ['argMax', (x: Tensor) => phi.argMax(x, 1)],
    ['argMin', (x: Tensor) => phi.argMin(x, -2)],
  ] as const)('%s', (name, f) => {
    scope(() => expectClose(f(expected('x')), expected(name)))
  })
})

describe('ties, NaN and empty axes', () => {
  const nan = Number.NaN

  test('argMax and argMin name the first of equal elements, and the first NaN before any number', () => {
    scope(() => {
      expect(phi.argMax(f64([1, 3, 3, 0])).item()).toBe(1)
      expect(phi.argMin(f64([1, 0, 3, 0])).item()).toBe(1)
      expect(phi.argMax(f64([1, nan, 9, nan])).item()).toBe(1)
      expect(phi.argMin(f64([1, nan, 0])).item()).toBe(1)
      expect(
        phi
          .argMax(
            f64([
              [1, 2],
              [5, 4],
            ]),
            0,
            { keepDims: true },
          )
          .toArray(),
      ).toEqual([[1, 1]])
    })
  })

  test('min takes NaN, shares its derivative among equals, and works on integers', () => {
    scope(() => {
      expect(phi.min(f64([1, nan])).item()).toBeNaN()
      expect(grad((x: Tensor) => phi.min(x))(f64([2, 1, 1, 4])).toArray()).toEqual([0, 0.5, 0.5, 0])
      expect(phi.min(tensor(Uint8Array.from([7, 200, 9]))).item()).toBe(7)
      expect(phi.min(tensor(Int32Array.from([3, -(2 ** 31)]))).item()).toBe(-(2 ** 31))
    })
  })

  test('sort puts NaN last when ascending and first when descending, and keeps equal elements in order', () => {
    scope(() => {
      expect(phi.sort(f64([2, nan, -1])).toArray()).toEqual([-1, 2, nan])
      expect(phi.sort(f64([2, nan, -1]), 0, { descending: true }).toArray()).toEqual([nan, 2, -1])
      expect(phi.argSort(f64([1, 0, 1, 0])).toArray()).toEqual([1, 3, 0, 2])
      expect(phi.argSort(f64([1, 0, 1, 0]), 0, { descending: true }).toArray()).toEqual([0, 2, 1, 3])
      expect(phi.sort(tensor(Int32Array.from([3, -5, 2]))).toArray()).toEqual([-5, 2, 3])
    })
  })

  test.prop([fc.array(fc.double({ noNaN: true }), { minLength: 1 })])(
    'sort is that of the language, but for the sign of 0',
    (x) => {
      const values = Float64Array.from(x, (v) => v + 0)
      scope(() => expect(phi.sort(tensor(values)).toArray()).toEqual(Array.from(values.sort())))
    },
  )

  test('the derivative of prod is the product of the others, also at zeros', () => {
    scope(() => {
      const slope = grad((x: Tensor) => phi.prod(x))
      expect(slope(f64([2, 0, 5])).toArray()).toEqual([0, 10, 0])
      expect(slope(f64([0, 3, 0])).toArray()).toEqual([0, 0, 0])
      const second = grad((x: Tensor) => slope(x).slice([0]))
      expect(second(f64([0, 3, 0])).toArray()).toEqual([0, 0, 3])
    })
  })

  test('logSumExp does not overflow, and is −∞ or ∞ where all or some are', () => {
    scope(() => {
      expect(phi.logSumExp(f64([1000, 1000])).item()).toBe(1000 + Math.LN2)
      expect(phi.logSumExp(f64([-Infinity, -Infinity])).item()).toBe(-Infinity)
      expect(phi.logSumExp(f64([Infinity, 1])).item()).toBe(Infinity)
      expect(phi.logSoftmax(f64([0, -1e4])).toArray()).toEqual([0, -1e4])
    })
  })

  test('variance around a large mean keeps its digits, and is NaN without degrees of freedom', () => {
    scope(() => {
      expect(phi.variance(f64([1e9 + 1, 1e9 + 2, 1e9 + 3]), undefined, { ddof: 1 }).item()).toBe(1)
      expect(phi.variance(f64([4]), 0, { ddof: 1 }).item()).toBeNaN()
    })
  })

  test('any and all count what is not 0, NaN included', () => {
    scope(() => {
      const x = f64([
        [0, 0],
        [0, nan],
        [3, 2],
      ])
      expect(phi.any(x, 1).toArray()).toEqual([0, 1, 1])
      expect(phi.all(x, 1).toArray()).toEqual([0, 0, 1])
      expect(phi.any(x, 1).dtype).toBe('bool')
      expect(phi.any(x.greater(2)).item()).toBe(1)
    })
  })

  test('of no elements: prod is 1, all true, any false, cumsum empty, and there is no smallest', () => {
    scope(() => {
      const none = phi.zeros([2, 0])
      expect(phi.prod(none, 1).toArray()).toEqual([1, 1])
      expect(phi.all(none, 1).toArray()).toEqual([1, 1])
      expect(phi.any(none, 1).toArray()).toEqual([0, 0])
      expect(phi.cumsum(none, 0).shape).toEqual([2, 0])
      expect(phi.sort(none).shape).toEqual([2, 0])
      for (const f of [phi.min, phi.logSumExp, phi.argMax, phi.argMin] as ((x: Tensor, axis: number) => Tensor)[])
        expect(() => f(none, 1)).toThrow(ShapeError)
    })
  })

  test('float32 running sums accumulate in float64: 2²⁴ + 1 + 1 is not lost', () => {
    scope(() => expect(phi.cumsum(tensor([2 ** 24, 1, 1])).toArray()).toEqual([2 ** 24, 2 ** 24, 2 ** 24 + 2]))
  })
})
