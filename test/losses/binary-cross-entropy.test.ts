import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import {
  ConfigError,
  DTypeError,
  ShapeError,
  type Tensor,
  gradcheck,
  gradgradcheck,
  scope,
  tensor,
  zeros,
} from '../../src/index.js'
import { type BinaryCrossEntropyOptions, binaryCrossEntropyLoss } from '../../src/losses/index.js'

const shape = [2, 2, 2]
const probabilities = Float64Array.of(0.9, 0.2, 0.4, 0.7, 0.05, 0.5, 0.99, 0.3)
const labels = Float64Array.of(1, 0, 0, 1, 0, 1, 1, 0)
const entropy = (p: number, y: number): number => -y * Math.log(p) - (1 - y) * Math.log(1 - p)
const logit = (p: number): number => Math.log(p / (1 - p))

const of = (options: BinaryCrossEntropyOptions, values = probabilities): number =>
  scope(() => binaryCrossEntropyLoss(tensor(values, { shape }), tensor(labels, { shape }), options).item())
const each = Array.from(probabilities, (p, i) => entropy(p, labels[i] ?? 0))
const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length

test('is the mean of −y log p − (1 − y) log(1 − p), from probabilities and from logits', () => {
  expect(of({})).toBeCloseTo(mean(each), 14)
  expect(of({ fromLogits: 'sigmoid' }, probabilities.map(logit))).toBeCloseTo(mean(each), 13)
  expect(of({ fromLogits: true }, probabilities.map(logit))).toBe(
    of({ fromLogits: 'sigmoid' }, probabilities.map(logit)),
  )
})

test('a mask leaves elements out of the sum and of what it is divided by', () => {
  scope(() => {
    const mask = tensor(Uint8Array.of(1, 0, 1, 1), { shape: [2, 2, 1], dtype: 'bool' })
    const kept = each.filter((_, i) => i !== 2 && i !== 3)
    expect(of({ mask })).toBeCloseTo(mean(kept), 14)
    const p = tensor(probabilities, { shape, requiresGrad: true })
    binaryCrossEntropyLoss(p, tensor(labels, { shape }), { mask }).backward()
    expect(Array.from(p.grad?.data() ?? []).map((g) => g === 0)).toEqual([0, 0, 1, 1, 0, 0, 0, 0].map(Boolean))
    const none = zeros([2, 2, 1], { dtype: 'bool' })
    expect(of({ mask: none })).toBe(0)
    p.dispose()
  })
})

test('class weights are factors on the elements; the mean divides by their number', () => {
  expect(of({ classWeights: [2, 0.5] })).toBeCloseTo(mean(each.map((x, i) => x * (i % 2 === 0 ? 2 : 0.5))), 14)
})

test('reduction none gives one value per element, 0 where it does not count', () => {
  scope(() => {
    const mask = tensor(Uint8Array.of(0, 1, 1, 1), { shape: [2, 2, 1], dtype: 'bool' })
    const y = tensor(labels, { shape })
    const values = binaryCrossEntropyLoss(tensor(probabilities, { shape }), y, { reduction: 'none', mask })
    expect(values.shape).toEqual(shape)
    values.data().forEach((value, i) => expect(value).toBeCloseTo(i < 2 ? 0 : (each[i] ?? 0), 14))
  })
})

describe.each([
  ['probabilities', {}],
  ['logits', { fromLogits: 'sigmoid' }],
] as const)('from %s', (from, options) => {
  test('first and second derivatives in prediction and target are right', () => {
    scope(() => {
      const p = tensor(from === 'logits' ? probabilities.map(logit) : probabilities, { shape })
      const y = tensor(
        labels.map((v) => 0.8 * v + 0.1),
        { shape },
      )
      const f = (x: Tensor, t: Tensor): Tensor => binaryCrossEntropyLoss(x, t, { ...options, classWeights: [2, 1] })
      gradcheck(f, [p, y])
      gradgradcheck(f, [p, y], { tolerance: 1e-5 })
    })
  })
})

test.prop([
  fc.constantFrom(-1e4, -40, 0, 40, 1e4),
  fc.constantFrom(0, 1),
  fc.constantFrom('float32' as const, 'float64' as const),
])('any logit gives a finite loss, with the derivative σ(z) − y', (z, y, dtype) => {
  scope(() => {
    const x = tensor([[[z]]], { dtype, requiresGrad: true })
    const loss = binaryCrossEntropyLoss(x, tensor([[[y]]], { dtype }), { fromLogits: 'sigmoid' })
    loss.backward()
    const expected = (y === 1 ? Math.max(0, -z) : Math.max(0, z)) + Math.log1p(Math.exp(-Math.abs(z)))
    expect(Math.abs(loss.item() - expected)).toBeLessThanOrEqual(1e-6 * Math.max(1, expected))
    expect(x.grad?.item()).toBeCloseTo(1 / (1 + Math.exp(-z)) - y, 6)
    x.dispose()
  })
})

test('at logit 0 the second derivative is ¼', () => {
  scope(() => {
    gradgradcheck(
      (x) => binaryCrossEntropyLoss(x, tensor([[[1]]], { dtype: 'float64' }), { fromLogits: true }),
      [tensor([[[0]]], { dtype: 'float64' })],
    )
  })
})

test('probabilities of exactly 0 and 1: 0 where right, large with a finite derivative where wrong', () => {
  scope(() => {
    for (const dtype of ['float32', 'float64'] as const) {
      const x = tensor([[[0], [1], [0], [1]]], { dtype, requiresGrad: true })
      const y = tensor([[[0], [1], [1], [0]]], { dtype })
      const values = binaryCrossEntropyLoss(x, y, { reduction: 'none' })
      values.sum().backward()
      const [right0 = 1, right1 = 1, wrong0 = 0, wrong1 = 0] = values.data()
      expect([Math.abs(right0), Math.abs(right1)]).toEqual([0, 0])
      for (const wrong of [wrong0, wrong1]) expect(wrong).toBeCloseTo(1 - Math.log(1e-12), 4)
      const slopes = Array.from(x.grad?.data() ?? [])
      expect(slopes.every(Number.isFinite)).toBe(true)
      expect([slopes[2], slopes[3]].map((slope) => Math.sign(slope ?? 0))).toEqual([-1, 1])
      x.dispose()
    }
  })
})

test('what does not fit is refused', () => {
  scope(() => {
    const x = zeros(shape, { dtype: 'float64' })
    const options: unknown = { smooth: 1 }
    expect(() => binaryCrossEntropyLoss(x, x, options as BinaryCrossEntropyOptions)).toThrow(ConfigError)
    expect(() => of({ classWeights: [1] })).toThrow(ShapeError)
    expect(() => of({ mask: zeros([2, 2], { dtype: 'bool' }) })).toThrow(ShapeError)
    expect(() => of({ mask: zeros([2, 2, 1]) })).toThrow(DTypeError)
    expect(() => binaryCrossEntropyLoss(x, zeros(shape), {})).toThrow(DTypeError)
  })
})
