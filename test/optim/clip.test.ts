import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { ConfigError, NumericalError, type Tensor, mul, scope, sum, tensor } from '../../src/index.js'
import { clipGradientNorm } from '../../src/optim/index.js'

/** Parameters whose derivatives are the given numbers. */
function withGradients(gradients: number[][]): Tensor[] {
  return gradients.map((gradient) => {
    const parameter = tensor(
      gradient.map(() => 1),
      { dtype: 'float64', requiresGrad: true },
    )
    sum(mul(parameter, tensor(gradient, { dtype: 'float64' }))).backward()
    return parameter
  })
}

const gradientsOf = (parameters: Tensor[]): unknown[] => parameters.map(({ grad }) => grad?.toArray())

describe('clipGradientNorm', () => {
  test('scales all derivatives alike to the largest allowed norm and tells the norm as it was', () => {
    scope(() => {
      const parameters = withGradients([[3, 0], [4]])
      expect(clipGradientNorm(parameters, 1)).toBe(5)
      expect(gradientsOf(parameters)).toEqual([[3 * 0.2, 0], [4 * 0.2]])
    })
  })

  test.prop([fc.array(fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { minLength: 1 }), { minLength: 1 })])(
    'never leaves a larger norm, and leaves a smaller one alone',
    (gradients) => {
      scope(() => {
        const parameters = withGradients(gradients)
        const norm = clipGradientNorm(parameters, 10)
        expect(norm).toBeCloseTo(Math.hypot(...gradients.flat()), 6)
        if (norm <= 10) expect(gradientsOf(parameters)).toEqual(gradients)
        else expect(clipGradientNorm(parameters, 10)).toBeCloseTo(10, 9)
      })
    },
  )

  test('passes over parameters without a derivative, and takes them by name', () => {
    scope(() => {
      const [a] = withGradients([[6, 8]])
      const b = tensor([1], { requiresGrad: true })
      expect(clipGradientNorm(new Map(Object.entries({ a: a as Tensor, b })), 5)).toBe(10)
      expect(a?.grad?.toArray()).toEqual([3, 4])
    })
  })

  test('refuses a norm that is not finite, and a bound that is not positive', () => {
    scope(() => {
      const parameters = withGradients([[1], [Infinity]])
      expect(() => clipGradientNorm(parameters, 1)).toThrow(NumericalError)
      expect(gradientsOf(parameters)).toEqual([[1], [Infinity]])
      expect(() => clipGradientNorm([], 0)).toThrow(ConfigError)
    })
  })
})
