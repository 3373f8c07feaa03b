import { expect, test } from 'vitest'
import {
  DisposedError,
  emptyPool,
  keep,
  memory,
  ones,
  randn,
  scope,
  setPoolLimit,
  tensor,
  type Tensor,
} from '../../src/index.js'
import { parameter } from '../helpers.js'

test('a scope disposes what it made and keeps what it returns', () => {
  const before = memory().tensors
  let inner: Tensor | undefined
  const result = scope(() => {
    inner = ones([100])
    return { sum: inner.add(1), list: [inner.mul(2)] }
  })
  expect(inner?.disposed).toBe(true)
  expect(result.sum.data()[0]).toBe(2)
  expect(result.list[0]?.data()[99]).toBe(2)
  expect(memory().tensors).toBe(before + 2)
  result.sum.dispose()
  result.list[0]?.dispose()
  expect(memory().tensors).toBe(before)
})

test('a tensor that was disposed cannot be used', () => {
  const x = ones([3])
  x.dispose()
  x.dispose()
  expect(() => x.data()).toThrow(DisposedError)
  expect(() => x.add(1)).toThrow(
    '[Tensor] expected a tensor that is still alive, got one of shape (3,) that was disposed',
  )
})

test('a view keeps the memory of a disposed tensor alive', () => {
  scope(() => {
    const x = tensor([1, 2, 3, 4])
    const view = x.reshape([2, 2])
    x.dispose()
    expect(view.toArray()).toEqual([
      [1, 2],
      [3, 4],
    ])
  })
})

test('a graph keeps what it saved, until backward has used it', () => {
  scope(() => {
    const x = parameter([2, 3])
    const loss = scope(() => {
      const square = x.mul(x)
      return square.mul(square).sum()
    })
    loss.backward()
    expect(x.grad?.toArray()).toEqual([4 * 8, 4 * 27])
    expect(() => loss.backward()).toThrow(DisposedError)
    x.dispose()
  })
})

test('a scope lets go of graphs that nothing can reach any more', () => {
  const before = memory().tensors
  scope(() => {
    const x = parameter([1, 2, 3])
    scope(() => x.exp().mul(x).sum().item())
    expect(memory().tensors).toBe(before + 1)
    x.dispose()
  })
  expect(memory().tensors).toBe(before)
})

test('kept tensors survive scopes, and backward hands a leaf its derivative outside of them', () => {
  const x = scope(() => keep(parameter([5])))
  scope(() => x.mul(x).sum().backward())
  scope(() => x.mul(x).sum().backward())
  expect(x.grad?.item()).toBe(20)
  x.dispose()
  expect(memory().tensors).toBe(0)
})

test('a training loop in scopes reuses its buffers: the pool does not grow after the first step', () => {
  emptyPool()
  const x = keep(randn([4, 1000], { requiresGrad: true }))
  const step = (): void => scope(() => x.mul(x).exp().sum().backward())
  step()
  const { idleBytes } = memory()
  expect(idleBytes).toBeGreaterThan(0)
  for (let i = 0; i < 20; i++) step()
  expect(memory().idleBytes).toBeLessThanOrEqual(idleBytes + 16384)
  x.dispose()
})

test('backward through a tensor that was updated in place throws', () => {
  scope(() => {
    const x = parameter([1, 2])
    const loss = x.mul(x).sum()
    x.assign([3, 4])
    expect(() => loss.backward()).toThrow(
      '[backward] expected the values that mul saved, got a tensor that was updated in place since',
    )
  })
})

test('the pool lets go of what exceeds its limit', () => {
  emptyPool()
  setPoolLimit(0)
  ones([10000]).dispose()
  expect(memory().idleBytes).toBe(0)
  setPoolLimit(4 * 2 ** 30)
  ones([10000]).dispose()
  expect(memory().idleBytes).toBeGreaterThanOrEqual(40000)
})
