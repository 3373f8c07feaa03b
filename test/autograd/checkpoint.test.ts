/** Checkpointed functions give the same bits with less memory. */
import { describe, expect, test } from 'vitest'
import {
  DisposedError,
  Generator,
  type Tensor,
  checkpoint,
  dropout,
  grad,
  gradcheck,
  gradgradcheck,
  matmul,
  memory,
  noGrad,
  randn,
  scope,
  setSeed,
  tensor,
} from '../../src/index.js'

const SIZE = 64
const LAYERS = 6

const draw = (shape: readonly number[], seed: number): Tensor => randn(shape, { generator: new Generator(seed) })

/** A block of two layers: three intermediates as large as its input. */
const block = (x: Tensor, weight: Tensor): Tensor => matmul(matmul(x, weight).tanh(), weight).mul(0.1).exp()

type Wrap = (f: (x: Tensor) => Tensor) => (x: Tensor) => Tensor

/** Loss, derivatives of input and weights as bits, and the bytes that are held when the backward pass begins. */
function train(wrap: Wrap): { bits: number[][]; bytes: number } {
  return scope(() => {
    const x = draw([SIZE, SIZE], 1).requireGrad()
    const weights = Array.from({ length: LAYERS }, (_, i) =>
      draw([SIZE, SIZE], 2 + i)
        .mul(0.1)
        .detach()
        .requireGrad(),
    )
    const before = memory().bytes
    const loss = scope(() => weights.reduce((y, weight) => wrap((z) => block(z, weight))(y), x).mean())
    const bytes = memory().bytes - before
    loss.backward()
    return { bits: [loss, x.grad, ...weights.map(({ grad }) => grad)].map((t) => Array.from(t?.data() ?? [])), bytes }
  })
}

test('loss and derivatives of inputs and captured weights have the same bits, and a third of the memory is held', () => {
  const plain = train((f) => f)
  const saving = train(checkpoint)
  expect(saving.bits).toEqual(plain.bits)
  expect(plain.bits.every((values) => values.length > 0)).toBe(true)
  // One input a block against at least three intermediates.
  expect(saving.bytes).toBeLessThan(plain.bytes / 3)
})

describe('a checkpointed function', () => {
  const f64 = (values: number[]): Tensor => tensor(values, { dtype: 'float64' })

  test('has the right first and second derivatives', () => {
    scope(() => {
      const f = checkpoint((x: Tensor, y: Tensor) => x.sin().mul(y).exp())
      const inputs = [f64([0.3, -1]), f64([0.5, 2])]
      gradcheck(f, inputs)
      gradgradcheck(f, inputs)
    })
  })

  test('nests', () => {
    scope(() => {
      const f = checkpoint((x: Tensor) => checkpoint((y: Tensor) => y.mul(y))(x).mul(x))
      expect(grad((x: Tensor) => f(x).sum())(f64([2, 3])).toArray()).toEqual([12, 27])
    })
  })

  test('draws the same random numbers again, and leaves the streams where they were', () => {
    scope(() => {
      const x = tensor(new Float64Array(100).fill(1), { requiresGrad: true })
      setSeed(5)
      const y = checkpoint((z: Tensor) => dropout(z, 0.5))(x)
      const next = randn([1]).item()
      y.sum().backward()
      expect(x.grad?.toArray()).toEqual(y.toArray())
      setSeed(5)
      dropout(x, 0.5)
      expect(randn([1]).item()).toBe(next)
    })
  })

  test('passes through without a graph where none is wanted', () => {
    scope(() => {
      const f = checkpoint((x: Tensor) => x.mul(2))
      expect(f(f64([1])).requiresGrad).toBe(false)
      expect(noGrad(() => f(f64([1]).requireGrad())).requiresGrad).toBe(false)
    })
  })

  test('refuses to go back through a weight that was updated since', () => {
    scope(() => {
      const weight = f64([2]).requireGrad()
      const y = checkpoint((x: Tensor) => x.add(weight).exp())(f64([1]))
      weight.assign([3])
      expect(() => y.backward()).toThrow(DisposedError)
    })
  })
})
