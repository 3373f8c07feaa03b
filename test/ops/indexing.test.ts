/** Gathering, scattering and repeating against numpy (fixtures/make_values.py), and what they refuse. */
import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import * as phi from '../../src/index.js'
import { DTypeError, ShapeError, type Tensor, grad, scope, tensor } from '../../src/index.js'
import { expected } from './fixtures/expected.js'

const f64 = (values: phi.NestedNumbers): Tensor => tensor(values, { dtype: 'float64' })
const int32 = (values: phi.NestedNumbers): Tensor => tensor(values, { dtype: 'int32' })

describe('against numpy', () => {
  test.each([
    ['gather', (x: Tensor) => phi.gather(x, phi.argSort(x, 1).slice([null, [0, 2]]), 1)],
    [
      'take',
      (x: Tensor) =>
        phi.take(
          x,
          int32([
            [2, 0],
            [-1, 1],
          ]),
          2,
        ),
    ],
    ['repeat', (x: Tensor) => phi.repeat(x, 2, 1)],
    ['tile', (x: Tensor) => phi.tile(x, [2, 1, 3])],
  ] as const)('%s', (name, f) => {
    scope(() => {
      const got = f(expected('x'))
      expect(got.shape).toEqual(expected(name).shape)
      expect(got.toArray()).toEqual(expected(name).toArray())
    })
  })
})

describe('gather and scatterAdd', () => {
  test.prop([fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 4 }), fc.nat()])(
    'are each other’s transposes: ⟨gather(x), y⟩ = ⟨x, scatterAdd(0, y)⟩',
    (rows, count, seed) => {
      scope(() => {
        const generator = new phi.Generator(seed)
        const x = phi.randn([rows, 3], { dtype: 'float64', generator })
        const y = phi.randn([count, 3], { dtype: 'float64', generator })
        const indices = tensor(
          Int32Array.from({ length: count * 3 }, () => generator.integer(2 * rows) - rows),
          {
            shape: [count, 3],
          },
        )
        const left = phi.gather(x, indices, 0).mul(y).sum().item()
        const right = phi.scatterAdd(phi.zerosLike(x), indices, y, 0).mul(x).sum().item()
        expect(left).toBeCloseTo(right, 12)
      })
    },
  )

  test('equal indices add up, in values and in derivatives', () => {
    scope(() => {
      expect(phi.scatterAdd(f64([1, 1, 1]), int32([2, 2, 0]), f64([10, 20, 5]), 0).toArray()).toEqual([6, 1, 31])
      expect(grad((x: Tensor) => phi.take(x, int32([1, 1, 0])).sum())(f64([3, 4])).toArray()).toEqual([1, 2])
    })
  })

  test('keep the dtype of integers and bools', () => {
    scope(() => {
      const picked = phi.gather(int32([2 ** 31 - 1, -7]), int32([1, 0]), 0)
      expect([picked.dtype, picked.toArray()]).toEqual(['int32', [-7, 2 ** 31 - 1]])
      expect(phi.take(f64([0, 1]).greater(0), int32([1])).dtype).toBe('bool')
      expect(phi.scatterAdd(int32([1, 2]), int32([0]), int32([5]), 0).toArray()).toEqual([6, 2])
    })
  })

  test('refuse an index out of range, other dtypes and other shapes', () => {
    scope(() => {
      const x = f64([
        [1, 2],
        [3, 4],
      ])
      expect(() => phi.gather(x, int32([[2, 0]]), 0)).toThrow('[gather] expected indices from -2 to 1, got 2')
      expect(() => phi.gather(x, int32([0]), 0)).toThrow('[gather] expected indices of shape (n,2), got (1,)')
      expect(() => phi.take(x, f64([0]))).toThrow(DTypeError)
      expect(() => phi.scatterAdd(x, int32([[0, 0]]), f64([[1]]), 0)).toThrow(ShapeError)
    })
  })
})

describe('oneHot', () => {
  test('is 1 in the channel of the label and 0 for a label in no class', () => {
    scope(() => {
      expect(
        phi
          .oneHot(
            int32([
              [0, 2],
              [-1, 1],
            ]),
            3,
          )
          .toArray(),
      ).toEqual([
        [
          [1, 0, 0],
          [0, 0, 1],
        ],
        [
          [0, 0, 0],
          [0, 1, 0],
        ],
      ])
      expect(phi.oneHot(tensor(Uint8Array.of(1)), 2, { dtype: 'bool' }).dtype).toBe('bool')
    })
  })

  test.prop([fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1 })])('is undone by argMax', (labels) => {
    scope(() => expect(phi.argMax(phi.oneHot(int32(labels), 10), -1).toArray()).toEqual(labels))
  })

  test('refuses labels beyond the classes and labels that are no integers', () => {
    scope(() => {
      expect(() => phi.oneHot(int32([3]), 3)).toThrow('[oneHot] expected labels below 3, got 3')
      expect(() => phi.oneHot(f64([0]), 3)).toThrow('[oneHot] expected int32 or uint8 labels, got float64')
    })
  })
})

test('squeeze and unsqueeze are each other’s inverses, and views', () => {
  scope(() => {
    const x = phi.zeros([2, 3])
    const y = phi.unsqueeze(x, -1)
    expect(y.shape).toEqual([2, 3, 1])
    expect(phi.squeeze(y).shape).toEqual([2, 3])
    expect(phi.squeeze(phi.zeros([1, 2, 1]), 0).shape).toEqual([2, 1])
    expect(y.storage).toBe(x.storage)
    expect(phi.expandDims(x, 0).shape).toEqual([1, 2, 3])
    expect(() => phi.squeeze(x, 1)).toThrow('[squeeze] expected size 1 along axis 1, got shape (2,3)')
  })
})
