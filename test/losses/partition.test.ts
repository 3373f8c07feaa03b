/** Φ as such: which subsets a partition has in a given shape, and what it refuses. */
import { test } from '@fast-check/vitest'
import { expect } from 'vitest'
import { ConfigError, DTypeError, ShapeError, scope, tensor } from '../../src/index.js'
import { Partition, diceLoss, overlapStatistics } from '../../src/losses/index.js'
import { namedSubset, names, shapes, sizeOf } from './problem.js'

test.prop([shapes])('a named Φ puts every element where its name says', (shape) => {
  for (const name of names) {
    const subsets = Partition.of(name).resolve('test', shape)
    const { index } = subsets
    if (index.kind !== 'axes') throw new Error('a named partition is by axes')
    const strides = shape.map((_, axis) => sizeOf(shape.slice(axis + 1)))
    for (let i = 0; i < sizeOf(shape); i++) {
      const position = shape.map((n, axis) => Math.floor(i / (strides[axis] ?? 1)) % n)
      const found = position.reduce((sum, at, axis) => sum + at * (index.strides[axis] ?? 0), 0)
      expect(found).toBe(namedSubset(name, shape, i))
    }
    expect(subsets.count).toBe(sizeOf(subsets.shape))
  }
})

test('|Φ| and the class of each subset', () => {
  const shape = [2, 4, 5, 3]
  const of = (name: (typeof names)[number], firstChannel: 0 | 1 = 0): unknown[] => {
    const { count, shape: grid, classes } = Partition.of(name).resolve('test', shape, firstChannel)
    return [count, grid, Array.from(classes)]
  }
  expect(of('I')).toEqual([6, [2, 3], [0, 1, 2, 0, 1, 2]])
  expect(of('I', 1)).toEqual([4, [2, 2], [1, 2, 1, 2]])
  expect(of('BI')).toEqual([3, [3], [0, 1, 2]])
  expect(of('CI')).toEqual([2, [2], [-1, -1]])
  expect(of('BCI')).toEqual([1, [], [-1]])
  const oneClass = Partition.of('BCI').resolve('test', [2, 4, 1])
  expect(Array.from(oneClass.classes)).toEqual([0])
})

test('reducing the axes of a name is that name, with |Φ| losses in a row', () => {
  scope(() => {
    const shape = [2, 3, 2, 2]
    const x = tensor(
      Float64Array.from({ length: 24 }, (_, i) => (i % 7) / 7),
      { shape },
    )
    const y = tensor(
      Float64Array.from({ length: 24 }, (_, i) => i % 2),
      { shape },
    )
    for (const [name, axes] of [
      ['I', [1, 2]],
      ['CI', [1, 2, 3]],
      ['BI', [0, 1, 2]],
      ['BCI', [0, 1, 2, 3]],
    ] as const) {
      const options = { epsilon: 1, reduction: 'none' } as const
      const named = diceLoss(x, y, { ...options, phi: name })
      const byAxes = diceLoss(x, y, { ...options, phi: Partition.reduce({ axes }) })
      expect(byAxes.data()).toEqual(named.data())
      expect(byAxes.shape).toEqual([named.size])
    }
  })
})

test('labels know the class of each subset, −1 for several and −2 for none', () => {
  const labels = Int32Array.of(0, 1, 0, 2, 4, 1)
  const { count, classes } = Partition.labels(labels, { shape: [1, 3, 2] }).resolve('test', [1, 3, 2])
  expect([count, Array.from(classes)]).toEqual([5, [0, 1, 1, -2, 0]])
  const shared = Partition.labels(Int32Array.of(0, 0), { shape: [1, 1, 2], subsets: 2 }).resolve('test', [1, 1, 2])
  expect(Array.from(shared.classes)).toEqual([-1, -2])
})

test('labels are copied: the tensor may change or go', () => {
  scope(() => {
    const shape = [1, 2, 1]
    const labels = tensor(Int32Array.of(0, 1), { shape })
    const phi = Partition.labels(labels)
    labels.assign([5, 5])
    labels.dispose()
    const x = tensor(Float64Array.of(1, 0.25), { shape })
    expect(overlapStatistics(x, x, { phi }).sums.prediction).toEqual(Float64Array.of(1, 0.25))
  })
})

test('what is no partition of the tensor is refused', () => {
  scope(() => {
    const x = tensor(new Float64Array(6), { shape: [1, 3, 2] })
    const use =
      (phi: Partition): (() => unknown) =>
      () =>
        diceLoss(x, x, { phi, epsilon: 1 })
    expect(use(Partition.labels(new Int32Array(6), { shape: [1, 6, 1] }))).toThrow(ShapeError)
    expect(use(Partition.reduce({ axes: [3] }))).toThrow(ShapeError)
    expect(use(Partition.reduce({ axes: [1, -2] }))).toThrow(ShapeError)
    expect(() => Partition.labels(Int32Array.of(-2, 0), { shape: [1, 2, 1] })).toThrow(ShapeError)
    expect(() => Partition.labels(Int32Array.of(0, 3), { shape: [1, 2, 1], subsets: 3 })).toThrow(ShapeError)
    expect(() => Partition.labels(new Int32Array(3), { shape: [1, 2, 1] })).toThrow(ShapeError)
    expect(() => Partition.labels(new Int32Array(3))).toThrow(ConfigError)
    expect(() => Partition.labels(x)).toThrow(DTypeError)
    const name: unknown = 'BIC'
    expect(() => Partition.of(name as 'I')).toThrow(ConfigError)
  })
})
