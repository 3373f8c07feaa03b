import { fc, test as property } from '@fast-check/vitest'
import { expect, test } from 'vitest'
import { readFileSync } from 'node:fs'
import { ReduceOnPlateau, constant, cosineDecay, linearDecay } from '../../src/optim/index.js'

const decays = fc.record({
  lr: fc.double({ min: 1e-6, max: 1, noNaN: true }),
  steps: fc.integer({ min: 1, max: 1000 }),
  decay: fc.double({ min: 0, max: 1, noNaN: true }),
})

property.prop([decays, fc.nat(2000)])(
  'linear decay is lr·min(1, (steps − step)/(decay·steps)) and never negative',
  (o, step) => {
    const rate = linearDecay(o)(step)
    const left = Math.max(0, o.steps - step)
    expect(rate).toBeGreaterThanOrEqual(0)
    expect(rate).toBeCloseTo(left === 0 ? 0 : o.lr * Math.min(1, left / (o.decay * o.steps)), 12)
  },
)

property.prop([decays])('linear decay begins at lr, is never raised, and its last step still moves', (o) => {
  const schedule = linearDecay(o)
  expect(schedule(0)).toBe(o.lr)
  expect(schedule(o.steps - 1)).toBeGreaterThan(0)
  expect(schedule(o.steps)).toBe(0)
  for (let step = 1; step <= o.steps; step++) expect(schedule(step)).toBeLessThanOrEqual(schedule(step - 1))
})

test('600 steps at 3e-3: constant for 450, half at 525', () => {
  const schedule = linearDecay({ lr: 3e-3, steps: 600 })
  expect([0, 449, 450, 525, 599].map(schedule)).toEqual([3e-3, 3e-3, 3e-3, 1.5e-3, 3e-3 / 150])
})

test('a constant rate is constant', () => {
  expect([0, 7, 1e6].map(constant(0.1))).toEqual([0.1, 0.1, 0.1])
})

test('options that make no sense are named', () => {
  expect(() => constant(-1)).toThrow('[constant.lr] expected a number ≥ 0, got -1')
  expect(() => linearDecay({ lr: Infinity, steps: 1 })).toThrow('[linearDecay.lr]')
  expect(() => linearDecay({ lr: 1, steps: 0 })).toThrow('[linearDecay.steps] expected a positive integer, got 0')
  expect(() => linearDecay({ lr: 1, steps: 2, decay: 2 })).toThrow('[linearDecay.decay]')
})

property.prop([fc.integer({ min: 2, max: 500 }), fc.nat(400), fc.double({ min: 0, max: 1e-4, noNaN: true })])(
  'cosine decay rises over the warm-up, falls to its final rate, and stays there',
  (steps, most, final) => {
    const warmup = Math.min(most, steps - 1)
    const rate = cosineDecay({ lr: 1e-2, steps, warmup, final })
    expect(rate(warmup)).toBeCloseTo(1e-2, 12)
    expect(rate(steps)).toBeCloseTo(final, 12)
    expect(rate(steps + 7)).toBeCloseTo(final, 12)
    for (let step = 0; step < warmup; step++) expect(rate(step)).toBeLessThan(rate(step + 1))
    for (let step = warmup; step < steps; step++) expect(rate(step)).toBeGreaterThan(rate(step + 1))
  },
)

test('cosine decay is half way between its ends in the middle', () => {
  expect(cosineDecay({ lr: 3, steps: 100, final: 1 })(50)).toBeCloseTo(2, 12)
})

interface Plateau {
  readonly options: { factor: number; patience: number; threshold?: number; min_lr?: number }
  readonly values: number[]
  readonly rates: number[]
}

const updates = new URL('./fixtures/updates.json', import.meta.url)
const { plateaus } = JSON.parse(readFileSync(updates, 'utf8')) as { plateaus: Plateau[] }

test.each(plateaus)('reduce-on-plateau gives the rates of PyTorch for $options', ({ options, values, rates }) => {
  const { min_lr: minimum = 0, threshold = 1e-4, factor, patience } = options
  const plateau = new ReduceOnPlateau({ lr: 1, factor, patience, threshold, minimum })
  values.forEach((value, i) => {
    expect(plateau.observe(value)).toBeCloseTo(rates[i] ?? NaN, 12)
    expect(plateau.schedule(i)).toBe(plateau.state.rate)
  })
})

test('reduce-on-plateau goes on from its state, and takes NaN for no improvement', () => {
  const [first, second] = [0, 1].map(() => new ReduceOnPlateau({ lr: 1, factor: 0.5, patience: 1 }))
  first?.observe(1)
  first?.observe(NaN)
  if (first && second) second.state = first.state
  expect(first?.observe(NaN)).toBe(0.5)
  expect(second?.observe(2)).toBe(0.5)
})

test('schedules name the option that makes no sense', () => {
  expect(() => cosineDecay({ lr: 1, steps: 5, warmup: 5 })).toThrow(
    '[cosineDecay.warmup] expected an integer from 0 to 4, got 5',
  )
  expect(() => new ReduceOnPlateau({ lr: 1, factor: 1 })).toThrow(
    '[ReduceOnPlateau.factor] expected a number between 0 and 1, got 1',
  )
})
