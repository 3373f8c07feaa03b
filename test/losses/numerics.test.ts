/** Rounding and extremes: float32 against float64, tiny ε, saturated logits, nothing there. Never NaN for finite input. */
import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { Generator, NumericalError, type Tensor, full, scope, tensor, zeros } from '../../src/index.js'
import { type OverlapOptions, diceGradient, diceLoss } from '../../src/losses/index.js'
import { distance, epsilons, names, shapes, sizeOf } from './problem.js'

const isFinite = (x: Tensor): boolean => x.data().every((value) => Number.isFinite(value))

test('float32 is within 1e-6 of float64 at 2^20 voxels, also where prediction and label nearly agree', () => {
  scope(() => {
    const shape = [1, 64, 128, 128, 1]
    const generator = new Generator(3)
    const labels = Uint8Array.from({ length: 2 ** 20 }, () => (generator.uniform() < 0.3 ? 1 : 0))
    for (const error of [0.4, 1e-3, 1e-5]) {
      const values = Float32Array.from(labels, (y) =>
        y === 1 ? 1 - error * generator.uniform() : error * generator.uniform(),
      )
      const [single, double] = [tensor(values, { shape }), tensor(Float64Array.from(values), { shape })]
      const target = tensor(labels, { shape })
      for (const options of [
        { phi: 'I', epsilon: 1e-7 },
        { phi: 'I', epsilon: 1e-7, norm: 'L2' },
      ] as const) {
        const exact = diceLoss(double, target, options).item()
        expect(Math.abs(diceLoss(single, target, options).item() / exact - 1)).toBeLessThan(1e-6)
        // ½ ulp of float32 is 6e-8; the floor is far below any gradient of these subsets.
        expect(
          distance(diceGradient(single, target, options).data(), diceGradient(double, target, options).data(), 1e-20),
        ).toBeLessThan(1e-6)
      }
    }
  })
})

test('a sum of 2^24 + 2^20 ones does not stop at 2^24', () => {
  scope(() => {
    const n = 2 ** 24 + 2 ** 20
    const ones = full([1, n, 1], 1, { dtype: 'uint8' })
    const p = full([1, n, 1], 0.5)
    // I = n/2, U = 3n/2: s = 2/3.
    expect(diceLoss(p, ones, { phi: 'I', epsilon: 0 }).item()).toBeCloseTo(1 / 3, 7)
  })
})

test.prop([
  shapes,
  fc.constantFrom(...names),
  epsilons,
  fc.nat(),
  fc.constantFrom('sigmoid' as const, 'softmax' as const),
  fc.constantFrom('float32' as const, 'float64' as const),
])('logits of ±1e4 give finite losses and gradients', (shape, phi, epsilon, seed, fromLogits, dtype) => {
  scope(() => {
    const generator = new Generator(seed)
    const size = sizeOf(shape)
    const logits = Array.from({ length: size }, () => [-1e4, -750, 0, 1e4][generator.integer(4)] ?? 0)
    const z = tensor(Float64Array.from(logits), { shape, dtype }).requireGrad()
    const y = tensor(
      Uint8Array.from({ length: size }, () => generator.integer(2)),
      { shape },
    )
    for (const norm of ['L1', 'L2'] as const) {
      const loss = diceLoss(z, y, { phi, epsilon, fromLogits, norm })
      loss.backward()
      expect(isFinite(loss) && z.grad !== null && isFinite(z.grad)).toBe(true)
    }
  })
})

const policies: Partial<OverlapOptions>[] = [
  {},
  { emptySubsets: 'perfect' },
  { emptySubsets: 'drop' },
  { epsilonEmpty: 2 },
]

describe.each(policies)('with %o', (policy) => {
  test.prop([
    shapes,
    fc.constantFrom(...names),
    fc.constantFrom(0, 1e-300, 1e-7, 1),
    fc.constantFrom(0, 5e-324, 1e-30, 1),
  ])(
    'an empty label and a constant prediction give finite numbers or a NumericalError, never NaN',
    (shape, phi, epsilon, level) => {
      scope(() => {
        const p = full(shape, level, { dtype: 'float64' })
        const y = zeros(shape, { dtype: 'uint8' })
        const isUndefined = epsilon === 0 && level === 0 && Object.keys(policy).length === 0
        const options = { phi, epsilon, ...policy }
        if (isUndefined) expect(() => diceLoss(p, y, options)).toThrow(NumericalError)
        else {
          expect(isFinite(diceLoss(p, y, options))).toBe(true)
          expect(isFinite(diceGradient(p, y, options))).toBe(true)
        }
      })
    },
  )
})

test('NaN in the prediction comes out as NaN, and masked out it does not', () => {
  scope(() => {
    const p = tensor(Float64Array.of(Number.NaN, 0.5), { shape: [1, 2, 1] })
    const y = tensor(Float64Array.of(1, 1), { shape: [1, 2, 1] })
    expect(diceLoss(p, y, { phi: 'I', epsilon: 1 }).item()).toBeNaN()
    const mask = tensor(Uint8Array.of(0, 1), { shape: [1, 2, 1], dtype: 'bool' })
    // 1 − (2·½ + 1)/(1 + ½ + 1)
    expect(diceLoss(p, y, { phi: 'I', epsilon: 1, mask }).item()).toBeCloseTo(0.2, 15)
  })
})

test('from logits the derivative on an empty map is bounded by 1/(4N), however small ε is', () => {
  scope(() => {
    for (const epsilon of [1e-30, 1e-7, 1, 100]) {
      for (const logit of [-80, -16, -3, 0, 5]) {
        const z = full([1, 50, 1], logit, { dtype: 'float64' })
        const g = diceGradient(z, zeros([1, 50, 1], { dtype: 'float64' }), { phi: 'I', epsilon, fromLogits: 'sigmoid' })
        const total = Array.from(g.data()).reduce((sum, value) => sum + Math.abs(value), 0)
        expect(total).toBeLessThanOrEqual(0.25 + 1e-15)
      }
    }
  })
})

/**
 * Eq. 3 and Eq. 4 worked out on maps of 1000 voxels with ε = 1e-5 and 1 (the values of MONAI 1.5.0's DiceLoss with smooth_nr =
 * smooth_dr = ε, whose formula is Eq. 3): loss, and the gradient on the voxels that carry the label, or on all where there is none.
 */
test.each([
  { what: 'nothing there, nothing found', labelled: 0, level: 0, epsilon: 1e-5, loss: 0, gradient: 1e5 },
  { what: 'nothing there, 100 found', labelled: 0, level: 0.1, epsilon: 1e-5, loss: 1 - 1e-7, gradient: 1e-9 },
  { what: '300 there, nothing found', labelled: 300, level: 0, epsilon: 1e-5, loss: 1, gradient: -2 / 300 },
  { what: 'nothing there, nothing found, ε = 1', labelled: 0, level: 0, epsilon: 1, loss: 0, gradient: 1 },
  { what: 'nothing there, 100 found, ε = 1', labelled: 0, level: 0.1, epsilon: 1, loss: 0.990099, gradient: 9.803e-5 },
  {
    what: '300 there, nothing found, ε = 1',
    labelled: 300,
    level: 0,
    epsilon: 1,
    loss: 300 / 301,
    gradient: 1 / 301 ** 2 - 2 / 301,
  },
])('$what: loss $loss, gradient $gradient', ({ labelled, level, epsilon, loss, gradient }) => {
  scope(() => {
    const p = full([1, 1000, 1], level, { dtype: 'float64' })
    const y = tensor(
      Float64Array.from({ length: 1000 }, (_, i) => (i < labelled ? 1 : 0)),
      { shape: [1, 1000, 1] },
    )
    expect(diceLoss(p, y, { phi: 'I', epsilon }).item()).toBeCloseTo(loss, 6)
    expect((diceGradient(p, y, { phi: 'I', epsilon }).data()[0] ?? 0) / gradient).toBeCloseTo(1, 3)
  })
})

test('ε = v̂ gives the empty map the largest gradient that any ε gives it, 1/(4 N v)', () => {
  scope(() => {
    const p = full([1, 1000, 1], 0.1, { dtype: 'float64' })
    const y = zeros([1, 1000, 1], { dtype: 'float64' })
    const at = (epsilon: number): number => diceGradient(p, y, { phi: 'I', epsilon }).data()[0] ?? 0
    expect(at(100)).toBeCloseTo(1 / 400, 12)
    for (const epsilon of [90, 99, 101, 110]) expect(at(epsilon)).toBeLessThan(at(100))
  })
})
