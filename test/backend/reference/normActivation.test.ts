import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import type { FloatArray, NormGeometry } from '../../../src/backend/geometry.js'
import { normActivation, normActivationGradient } from '../../../src/backend/reference/normActivation.js'
import * as naive from './naive.js'

const geometries: fc.Arbitrary<NormGeometry> = fc.record({
  batch: fc.integer({ min: 1, max: 3 }),
  positions: fc.integer({ min: 2, max: 60 }),
  channels: naive.channelCounts,
})
const slopes = fc.constantFrom(0, 0.01, 0.3, 1)
const epsilon = 1e-3

interface Inputs {
  readonly x: FloatArray
  readonly gamma: FloatArray
  readonly beta: FloatArray
}

function inputs({ batch, positions, channels }: NormGeometry, Type: naive.Constructor, seed: number): Inputs {
  return {
    x: naive.random(Type, batch * positions * channels, seed, 0),
    gamma: naive.random(Type, channels, seed, 1),
    beta: naive.random(Type, channels, seed, 2),
  }
}

function forward({ x, gamma, beta }: Inputs, Type: naive.Constructor, slope: number, g: NormGeometry) {
  const out = naive.poisoned(Type, x.length)
  const mean = new Float64Array(g.batch * g.channels).fill(NaN)
  const inverse = new Float64Array(g.batch * g.channels).fill(NaN)
  normActivation(x, gamma, beta, out, mean, inverse, epsilon, slope, g)
  return { out, mean, inverse }
}

/** The definition, one (sample, channel) at a time. */
function definition({ x, gamma, beta }: Inputs, slope: number, g: NormGeometry): Float64Array {
  const out = new Float64Array(x.length)
  for (let b = 0; b < g.batch; b++) {
    for (let c = 0; c < g.channels; c++) {
      const at = Array.from({ length: g.positions }, (_, n) => (b * g.positions + n) * g.channels + c)
      const values = at.map((i) => naive.element(x, i))
      const mean = values.reduce((sum, value) => sum + value, 0) / g.positions
      const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / g.positions
      for (const i of at) {
        const normal = (naive.element(x, i) - mean) / Math.sqrt(variance + epsilon)
        const z = naive.element(gamma, c) * normal + naive.element(beta, c)
        out[i] = z > 0 ? z : slope * z
      }
    }
  }
  return out
}

function backward(given: Inputs, gradient: FloatArray, Type: naive.Constructor, slope: number, g: NormGeometry) {
  const { mean, inverse } = forward(given, Type, slope, g)
  const { x, gamma, beta } = given
  const grown = naive.poisoned(Type, x.length)
  const gammaGradient = naive.poisoned(Type, g.channels)
  const betaGradient = naive.poisoned(Type, g.channels)
  normActivationGradient(x, gamma, beta, mean, inverse, gradient, grown, gammaGradient, betaGradient, slope, g)
  return { x: grown, gamma: gammaGradient, beta: betaGradient }
}

describe('normActivation', () => {
  test.prop([geometries, naive.constructors, slopes, naive.seeds])('follows its definition', (g, Type, slope, seed) => {
    const given = inputs(g, Type, seed)
    const { out } = forward(given, Type, slope, g)
    expect(naive.distance(out, definition(given, slope, g))).toBeLessThan(naive.tolerance(Type))
  })

  test.prop([geometries, slopes, naive.seeds])(
    'has the central difference along a random direction as derivative',
    (g, slope, seed) => {
      const given = inputs(g, Float64Array, seed)
      const gradient = naive.random(Float64Array, given.x.length, seed, 3)
      const actual = backward(given, gradient, Float64Array, slope, g)
      const direction = inputs(g, Float64Array, seed + 1)
      const step = 1e-6
      const moved = (sign: number): Inputs => {
        const move = (from: FloatArray, along: FloatArray): FloatArray =>
          from.map((value, i) => value + sign * step * naive.element(along, i))
        return {
          x: move(given.x, direction.x),
          gamma: move(given.gamma, direction.gamma),
          beta: move(given.beta, direction.beta),
        }
      }
      const [right, left] = [definition(moved(1), slope, g), definition(moved(-1), slope, g)]
      const centre = definition(given, 1, g)
      // An element whose z changes sign within the step is at the kink, where no difference quotient is right.
      fc.pre(slope === 1 || centre.every((z) => Math.abs(z) > 1e-3))
      const difference = (naive.inner(right, gradient) - naive.inner(left, gradient)) / (2 * step)
      const derivative =
        naive.inner(actual.x, direction.x) +
        naive.inner(actual.gamma, direction.gamma) +
        naive.inner(actual.beta, direction.beta)
      expect(Math.abs(difference - derivative) / (1 + Math.abs(derivative))).toBeLessThan(1e-6)
    },
  )

  test.prop([geometries, slopes, naive.seeds])('has the same gradient in float32, to rounding', (g, slope, seed) => {
    const given = inputs(g, Float32Array, seed)
    const gradient = naive.random(Float32Array, given.x.length, seed, 3)
    const single = backward(given, gradient, Float32Array, slope, g)
    const wide: Inputs = {
      x: Float64Array.from(given.x),
      gamma: Float64Array.from(given.gamma),
      beta: Float64Array.from(given.beta),
    }
    const double = backward(wide, Float64Array.from(gradient), Float64Array, slope, g)
    for (const name of ['x', 'gamma', 'beta'] as const) {
      const size = Math.max(1, ...double[name].map((value) => Math.abs(value)))
      expect(naive.distance(single[name], double[name]) / size).toBeLessThan(1e-6)
    }
  })

  test.prop([geometries, naive.seeds])('gives each image and channel gradient sums of zero over x', (g, seed) => {
    const given = inputs(g, Float64Array, seed)
    const gradient = naive.random(Float64Array, given.x.length, seed, 3)
    const { x } = backward(given, gradient, Float64Array, 0.01, g)
    for (let column = 0; column < g.batch * g.channels; column++) {
      const [b, c] = [Math.floor(column / g.channels), column % g.channels]
      let sum = 0
      for (let n = 0; n < g.positions; n++) sum += naive.element(x, (b * g.positions + n) * g.channels + c)
      expect(Math.abs(sum)).toBeLessThan(1e-10)
    }
  })

  test('keeps its digits in float64 where the mean is a billion times the deviation', () => {
    const g: NormGeometry = { batch: 1, positions: 4, channels: 1 }
    const x = Float64Array.of(-3, -1, 1, 3).map((value) => 1e9 + value)
    const out = naive.poisoned(Float64Array, 4)
    const [mean, inverse] = [new Float64Array(1), new Float64Array(1)]
    normActivation(x, Float64Array.of(1), Float64Array.of(0), out, mean, inverse, 0, 1, g)
    // The variance of −3, −1, 1, 3 is 5.
    expect(mean[0]).toBe(1e9)
    expect(inverse[0]).toBeCloseTo(1 / Math.sqrt(5), 15)
    expect(out[3]).toBeCloseTo(3 / Math.sqrt(5), 14)
  })

  test('gives beta, and not NaN, where an image is constant', () => {
    const g: NormGeometry = { batch: 1, positions: 5, channels: 1 }
    const given = { x: new Float32Array(5).fill(0.1), gamma: Float32Array.of(2), beta: Float32Array.of(0.5) }
    expect([...forward(given, Float32Array, 0.01, g).out]).toEqual([0.5, 0.5, 0.5, 0.5, 0.5])
  })

  test('takes the slope as derivative at z = 0', () => {
    const g: NormGeometry = { batch: 1, positions: 2, channels: 1 }
    const given = { x: new Float64Array(2), gamma: Float64Array.of(1), beta: Float64Array.of(0) }
    expect(backward(given, Float64Array.of(1, 1), Float64Array, 0.25, g).beta[0]).toBe(0.5)
  })
})
