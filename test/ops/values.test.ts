/** Values of the ops against what plain loops over nested numbers give. */
import { fc } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'
import * as phi from '../../src/index.js'
import { type Tensor, scope, tensor } from '../../src/index.js'
import { cases, drawInputs } from './cases.js'
import { compositionCases } from './composition-cases.js'

const f64 = (values: phi.NestedNumbers): Tensor => tensor(values, { dtype: 'float64' })

describe('elementwise ops', () => {
  const x = [-2, -0.5, 0, 0.5, 3]
  const unary: [string, (t: Tensor) => Tensor, (v: number) => number][] = [
    ['neg', phi.neg, (v) => -v],
    ['exp', phi.exp, Math.exp],
    ['log', phi.log, Math.log],
    ['sqrt', phi.sqrt, Math.sqrt],
    ['relu', phi.relu, (v) => Math.max(v, 0)],
    ['leakyRelu', (t) => phi.leakyRelu(t, 0.1), (v) => (v > 0 ? v : 0.1 * v)],
    ['power', (t) => phi.pow(t, 3), (v) => v ** 3],
  ]
  test.each(unary)('%s', (_, f, expected) => scope(() => expect(f(f64(x)).toArray()).toEqual(x.map(expected))))

  test('sigmoid is symmetric and never overflows', () => {
    scope(() => {
      expect(phi.sigmoid(f64([-1000, 0, 1000])).toArray()).toEqual([0, 0.5, 1])
      expect(phi.sigmoid(f64([2])).item() + phi.sigmoid(f64([-2])).item()).toBeCloseTo(1, 15)
      expect(phi.sigmoid(f64([1])).item()).toBeCloseTo(1 / (1 + Math.exp(-1)), 15)
    })
  })

  const binary: [string, (a: Tensor, b: Tensor) => Tensor, (a: number, b: number) => number][] = [
    ['add', phi.add, (a, b) => a + b],
    ['sub', phi.sub, (a, b) => a - b],
    ['mul', phi.mul, (a, b) => a * b],
    ['div', phi.div, (a, b) => a / b],
    ['pow', phi.pow, (a, b) => a ** b],
    ['minimum', phi.minimum, Math.min],
    ['maximum', phi.maximum, Math.max],
    ['equal', phi.equal, (a, b) => Number(a === b)],
    ['notEqual', phi.notEqual, (a, b) => Number(a !== b)],
    ['less', phi.less, (a, b) => Number(a < b)],
    ['lessEqual', phi.lessEqual, (a, b) => Number(a <= b)],
    ['greater', phi.greater, (a, b) => Number(a > b)],
    ['greaterEqual', phi.greaterEqual, (a, b) => Number(a >= b)],
  ]
  test.each(binary)('%s broadcasts a column against a row', (_, f, expected) => {
    scope(() => {
      const column = [1, 2, 3]
      const row = [3, 1, 0.5, 2]
      const result = f(f64(column.map((v) => [v])), f64(row))
      expect(result.toArray()).toEqual(column.map((a) => row.map((b) => expected(a, b))))
    })
  })

  test('operands may be strided views and numbers on either side', () => {
    scope(() => {
      const a = f64([
        [1, 2],
        [3, 4],
        [5, 6],
      ])
      expect(a.transpose().sub(phi.flip(a.transpose(), 1)).toArray()).toEqual([
        [-4, 0, 4],
        [-4, 0, 4],
      ])
      expect(phi.sub(1, a).toArray()).toEqual([
        [0, -1],
        [-2, -3],
        [-4, -5],
      ])
      expect(a.div(2).toArray()).toEqual([
        [0.5, 1],
        [1.5, 2],
        [2.5, 3],
      ])
    })
  })

  test('where chooses elementwise and does not let the other side through', () => {
    scope(() => {
      const condition = f64([1, 0]).greater(0)
      expect(phi.where(condition, f64([Number.NaN, Number.NaN]), 7).data()[1]).toBe(7)
      expect(phi.where(condition, f64([[1], [2]]), f64([8, 9])).toArray()).toEqual([
        [1, 9],
        [2, 9],
      ])
    })
  })

  test('cast truncates towards zero and makes bools of what is not 0', () => {
    scope(() => {
      const x = f64([-1.7, 0, 0.5, 2.9])
      expect(x.cast('int32').toArray()).toEqual([-1, 0, 0, 2])
      expect(x.cast('bool').toArray()).toEqual([1, 0, 1, 1])
      expect(x.cast('float32').dtype).toBe('float32')
    })
  })
})

describe('reductions', () => {
  const x = [
    [
      [1, 2, 3],
      [4, 5, 6],
    ],
    [
      [7, 8, 9],
      [10, 11, 12],
    ],
  ]
  const rows: [number[] | undefined, phi.NestedNumbers, phi.NestedNumbers][] = [
    [undefined, 78, 12],
    [[], x, x],
    [
      [0],
      [
        [8, 10, 12],
        [14, 16, 18],
      ],
      [
        [7, 8, 9],
        [10, 11, 12],
      ],
    ],
    [
      [-1],
      [
        [6, 15],
        [24, 33],
      ],
      [
        [3, 6],
        [9, 12],
      ],
    ],
    [
      [0, 2],
      [30, 48],
      [9, 12],
    ],
    [
      [1],
      [
        [5, 7, 9],
        [17, 19, 21],
      ],
      [
        [4, 5, 6],
        [10, 11, 12],
      ],
    ],
  ]
  test.each(rows)('sum and max over axes %j', (axes, sums, largest) => {
    scope(() => {
      expect(phi.sum(f64(x), axes).toArray()).toEqual(sums)
      expect(phi.max(f64(x), axes).toArray()).toEqual(largest)
    })
  })

  test('of a float32 tensor accumulate in float64: 2²⁴ + 1 + 1 is not lost', () => {
    scope(() => {
      const values = tensor([2 ** 24, ...new Array<number>(100).fill(1)])
      expect(values.sum().item()).toBe(2 ** 24 + 100)
    })
  })

  test('mean is the sum over the count, keeping axes on request', () => {
    scope(() => expect(phi.mean(f64(x), [0, 1], { keepDims: true }).toArray()).toEqual([[[5.5, 6.5, 7.5]]]))
  })

  test('of no elements: the sum is 0, the mean NaN, and there is no largest', () => {
    scope(() => {
      const none = phi.zeros([2, 0])
      expect(none.sum(1).toArray()).toEqual([0, 0])
      expect(none.mean(1).toArray()).toEqual([Number.NaN, Number.NaN])
      expect(() => none.max(1)).toThrow('[max] expected at least one element to choose from, got (2,0)')
    })
  })

  test('segmentSum adds by label and leaves negative labels out', () => {
    scope(() => {
      const labels = tensor(
        [
          [1, 0],
          [1, -1],
        ],
        { dtype: 'int32' },
      )
      expect(
        phi
          .segmentSum(
            f64([
              [1, 2],
              [3, 4],
            ]),
            labels,
            3,
          )
          .toArray(),
      ).toEqual([2, 4, 0])
      expect(phi.segmentExpand(f64([5, 6]), labels).toArray()).toEqual([
        [6, 5],
        [6, 0],
      ])
      expect(() =>
        phi.segmentSum(
          f64([
            [1, 2],
            [3, 4],
          ]),
          labels,
          1,
        ),
      ).toThrow('[segmentSum] expected labels below 1, got 1')
    })
  })
})

describe('shape ops', () => {
  const x = [
    [1, 2, 3],
    [4, 5, 6],
  ]
  const rows: [string, (t: Tensor) => Tensor, phi.NestedNumbers][] = [
    [
      'reshape',
      (t) => t.reshape([3, -1]),
      [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
    ],
    [
      'transpose',
      (t) => t.transpose(),
      [
        [1, 4],
        [2, 5],
        [3, 6],
      ],
    ],
    ['reshape of a transpose', (t) => t.transpose().reshape([6]), [1, 4, 2, 5, 3, 6]],
    [
      'expand',
      (t) => t.slice([null, 0]).reshape([2, 1]).expand([2, 2]),
      [
        [1, 1],
        [4, 4],
      ],
    ],
    ['slice by index', (t) => t.slice([-1]), [4, 5, 6]],
    [
      'slice by ranges',
      (t) => t.slice([null, [0, 3, 2]]),
      [
        [1, 3],
        [4, 6],
      ],
    ],
    ['slice from the back', (t) => t.slice([null, [-2, -1]]), [[2], [5]]],
    [
      'pad',
      (t) =>
        t.pad(
          [
            [1, 0],
            [0, 1],
          ],
          9,
        ),
      [
        [9, 9, 9, 9],
        [1, 2, 3, 9],
        [4, 5, 6, 9],
      ],
    ],
    [
      'flip',
      (t) => t.flip(),
      [
        [6, 5, 4],
        [3, 2, 1],
      ],
    ],
    [
      'flip of one axis',
      (t) => t.flip(-1),
      [
        [3, 2, 1],
        [6, 5, 4],
      ],
    ],
    [
      'concat',
      (t) => phi.concat([t, t.slice([null, [0, 1]])], 1),
      [
        [1, 2, 3, 1],
        [4, 5, 6, 4],
      ],
    ],
    [
      'stack',
      (t) => phi.stack([t.slice([0]), t.slice([1])], -1),
      [
        [1, 4],
        [2, 5],
        [3, 6],
      ],
    ],
    [
      'softmax',
      (t) => t.sub(t).softmax(),
      [
        [1 / 3, 1 / 3, 1 / 3],
        [1 / 3, 1 / 3, 1 / 3],
      ],
    ],
  ]
  test.each(rows)('%s', (_, f, expected) => scope(() => expect(f(f64(x)).toArray()).toEqual(expected)))

  test('views share memory and copies do not', () => {
    scope(() => {
      const t = f64(x)
      for (const view of [t.reshape([6]), t.transpose(), t.slice([0]), t.flip(), t.expand([4, 2, 3])])
        expect(view.storage).toBe(t.storage)
      expect(t.transpose().reshape([6]).storage).not.toBe(t.storage)
    })
  })

  test('softmax of large values is that of their differences', () => {
    scope(() => {
      expect(f64([1e4, 1e4, -1e4]).softmax().toArray()).toEqual([0.5, 0.5, 0])
      const columns = f64([
        [0, 1],
        [Math.log(3), 1],
      ])
        .softmax(0)
        .toArray() as number[][]
      expect(columns[0]?.[0]).toBeCloseTo(0.25, 15)
      expect(columns[1]?.[1]).toBeCloseTo(0.5, 15)
    })
  })
})

test('float32 gives the values and derivatives of float64 to rounding, for every op', () => {
  for (const [name, arbitrary] of Object.entries({ ...cases, ...compositionCases })) {
    fc.assert(
      fc.property(arbitrary, fc.nat(), (sample, seed) =>
        scope(() => {
          const inputs = drawInputs(sample, seed).map((x) => x.cast('float32').cast('float64'))
          const run = (dtype: 'float32' | 'float64'): number[][] => {
            const leaves = inputs.map((x) => x.cast(dtype).detach().requireGrad())
            const output = sample.f(...leaves)
            const parts = [Array.from(output.data())]
            if (output.requiresGrad && name !== 'cast') {
              expect(output.dtype).toBe(dtype)
              output.backward({ cotangent: phi.randn(output.shape, { dtype, generator: new phi.Generator(seed) }) })
              for (const leaf of leaves) parts.push(Array.from(leaf.grad?.data() ?? []))
            }
            return parts
          }
          const [single, double] = [run('float32'), run('float64')]
          double.forEach((part, i) => {
            const scale = Math.max(1e-3, ...part.map(Math.abs))
            part.forEach((value, j) =>
              expect(Math.abs((single[i]?.[j] ?? Number.NaN) - value)).toBeLessThan(2e-5 * scale),
            )
          })
        }),
      ),
      { numRuns: 5, seed: 2 },
    )
  }
})
