/** Values of the elementwise functions against numpy and scipy (fixtures/make_values.py), and their edge policies. */
import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import * as phi from '../../src/index.js'
import { type Tensor, grad, scope, tensor } from '../../src/index.js'
import { expected } from './fixtures/expected.js'

const f64 = (values: phi.NestedNumbers): Tensor => tensor(values, { dtype: 'float64' })

/** Largest |a − b| / max(|b|, floor). */
function relativeError(a: Tensor, b: Tensor, floor = 0): number {
  const wanted = b.data()
  return Array.from(a.data()).reduce((worst, value, i) => {
    const reference = wanted[i] ?? Number.NaN
    return value === reference
      ? worst
      : Math.max(worst, Math.abs(value - reference) / Math.max(Math.abs(reference), floor))
  }, 0)
}

describe('against scipy and numpy', () => {
  test.each([
    ['erf', phi.erf, 1e-15, 0],
    ['expm1', phi.expm1, 1e-15, 0],
    ['softplus', phi.softplus, 1e-15, 0],
    // 1 + erf cancels on the far left: there the error is one of 2e-16·|x|, not of the value.
    ['gelu', phi.gelu, 1e-15, 6],
  ] as const)('%s from −30 to 30', (name, f, tolerance, floor) => {
    scope(() => expect(relativeError(f(expected('points')), expected(name), floor)).toBeLessThan(tolerance))
  })

  test('log1p keeps the digits of tiny x', () => {
    scope(() => {
      const points = Array.from(expected('points').data()).filter((x) => x > -1)
      expect(relativeError(phi.log1p(f64(points)), expected('log1p'))).toBeLessThan(1e-15)
    })
  })

  test('round sends halves to the even integer', () => {
    scope(() => expect(phi.round(expected('halves')).toArray()).toEqual(expected('round').toArray()))
  })
})

describe('against Math', () => {
  const x = [-2.5, -0.5, 0, 0.5, 3]
  test.each([
    ['abs', phi.abs, Math.abs],
    ['sign', phi.sign, Math.sign],
    ['floor', phi.floor, Math.floor],
    ['sin', phi.sin, Math.sin],
    ['cos', phi.cos, Math.cos],
    ['tanh', phi.tanh, Math.tanh],
    ['square', phi.square, (v: number) => v * v],
    ['reciprocal', phi.reciprocal, (v: number) => 1 / v],
    ['rsqrt', phi.rsqrt, (v: number) => 1 / Math.sqrt(v)],
    ['elu', (t: Tensor) => phi.elu(t, 0.7), (v: number) => (v > 0 ? v : 0.7 * Math.expm1(v))],
    ['clip', (t: Tensor) => phi.clip(t, -1, 0.5), (v: number) => Math.min(Math.max(v, -1), 0.5)],
    ['clip open above', (t: Tensor) => phi.clip(t, -1, Infinity), (v: number) => Math.max(v, -1)],
  ] as const)('%s', (_, f, reference) => {
    scope(() => expect(f(f64(x)).toArray()).toEqual(x.map(reference)))
  })

  test('abs, sign, square and clip take integers', () => {
    scope(() => {
      const integers = tensor([-3, 0, 2], { dtype: 'int32' })
      expect(phi.abs(integers).toArray()).toEqual([3, 0, 2])
      expect(phi.sign(integers).toArray()).toEqual([-1, 0, 1])
      expect(phi.square(integers).toArray()).toEqual([9, 0, 4])
      expect(phi.clip(integers, -1, Infinity).toArray()).toEqual([-1, 0, 2])
      expect(phi.clip(integers, -Infinity, Infinity).dtype).toBe('int32')
    })
  })
})

describe('at kinks, jumps and far out', () => {
  const slopeAt = (f: (x: Tensor) => Tensor, x: number): number =>
    scope(() => grad((t: Tensor) => f(t).sum())(f64(x)).item())

  test('the derivative of |x| at 0 is 0, that of clip at its bounds 1, that of elu at 0 is alpha', () => {
    expect(slopeAt(phi.abs, 0)).toBe(0)
    expect([-1, 2].map((bound) => slopeAt((t) => phi.clip(t, -1, 2), bound))).toEqual([1, 1])
    expect(slopeAt((t) => phi.clip(t, -1, 2), 2.1)).toBe(0)
    expect(slopeAt((t) => phi.elu(t, 0.3), 0)).toBe(0.3)
  })

  test('the derivatives of sign, floor and round are 0, also at the jumps', () => {
    for (const f of [phi.sign, phi.floor, phi.round])
      expect([-0.5, 0, 1, 1.2].map((x) => slopeAt(f, x))).toEqual([0, 0, 0, 0])
  })

  test('the second derivative of softplus at 0 is ¼', () => {
    scope(() => {
      const slope = grad((x: Tensor) => phi.softplus(x).sum())
      expect(grad((x: Tensor) => slope(x).sum())(f64(0)).item()).toBe(0.25)
    })
  })

  test.prop([fc.double({ min: 40, max: 700, noNaN: true })])(
    'softplus, elu and gelu are x or their limit for large |x|',
    (x) => {
      scope(() => {
        expect(phi.softplus(f64([x, -x - 50])).toArray()).toEqual([x, Math.exp(-x - 50)])
        expect(phi.elu(f64([x, -x])).toArray()).toEqual([x, -1])
        expect(phi.gelu(f64([x, -x])).toArray()).toEqual([x, -0])
        expect(slopeAt(phi.elu, x + 100)).toBe(1)
      })
    },
  )

  test('NaN passes through', () => {
    scope(() => {
      for (const f of [phi.abs, phi.sign, phi.floor, phi.round, phi.erf, phi.softplus, phi.tanh, phi.gelu, phi.elu])
        expect(f(f64(Number.NaN)).item()).toBeNaN()
      expect(phi.clip(f64(Number.NaN), 0, 1).item()).toBeNaN()
    })
  })
})
