/** Matrix products against numpy (fixtures/make_values.py) and against the definition, over tiles, blocks and layouts. */
import { fc, test } from '@fast-check/vitest'
import { expect } from 'vitest'
import { Generator, type Tensor, matmul, randn, scope, tensor, zeros } from '../../src/index.js'
import { expected } from './fixtures/expected.js'

test('leading axes broadcast as in numpy', () => {
  scope(() => {
    const got = matmul(expected('a'), expected('b'))
    expect(got.shape).toEqual([2, 3, 3, 5])
    const wanted = expected('matmul').data()
    got.data().forEach((value, i) => expect(value).toBeCloseTo(wanted[i] ?? Number.NaN, 13))
  })
})

const size = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constantFrom(63, 64, 65, 70))

test.prop([size, size, size, fc.boolean(), fc.boolean(), fc.nat()])(
  'is Σ_k a[i,k] b[k,j] for any sizes, also of transposed views',
  (m, k, n, flipA, flipB, seed) => {
    scope(() => {
      const generator = new Generator(seed)
      const draw = (rows: number, columns: number, flipped: boolean): Tensor =>
        flipped
          ? randn([columns, rows], { dtype: 'float64', generator }).transpose()
          : randn([rows, columns], { dtype: 'float64', generator })
      const [a, b] = [draw(m, k, flipA), draw(k, n, flipB)]
      const product = matmul(a, b).data()
      const definition = a
        .reshape([m, k, 1])
        .mul(b.reshape([1, k, n]))
        .sum(1)
        .data()
      product.forEach((value, i) => expect(Math.abs(value - (definition[i] ?? Number.NaN))).toBeLessThan(1e-12))
    })
  },
)

test('a vector is a row on the left and a column on the right', () => {
  scope(() => {
    const a = tensor([
      [1, 2],
      [3, 4],
    ])
    const v = tensor([5, 6])
    expect(matmul(a, v).toArray()).toEqual([17, 39])
    expect(matmul(v, a).toArray()).toEqual([23, 34])
    expect(matmul(v, v).toArray()).toBe(61)
    expect(matmul(zeros([4, 3, 2]), v).shape).toEqual([4, 3])
  })
})

test('over an empty inner axis the sum is 0', () => {
  scope(() =>
    expect(matmul(zeros([2, 0]), zeros([0, 3])).toArray()).toEqual([
      [0, 0, 0],
      [0, 0, 0],
    ]),
  )
})

test('refuses sizes that do not meet, mixed dtypes and integers', () => {
  scope(() => {
    expect(() => matmul(zeros([2, 3]), zeros([2, 3]))).toThrow('[matmul] expected b of shape (…,3,n), got (2,3)')
    expect(() => matmul(zeros([2, 2, 3]), zeros([3, 3, 3]))).toThrow('[matmul] expected shapes that broadcast together')
    expect(() => matmul(zeros([2]), zeros([2], { dtype: 'float64' }))).toThrow('[matmul] expected tensors of one dtype')
    expect(() => matmul(zeros([2], { dtype: 'int32' }), zeros([2], { dtype: 'int32' }))).toThrow('got int32')
    expect(() => matmul(zeros([]), zeros([2]))).toThrow('[matmul] expected no scalars')
  })
})
