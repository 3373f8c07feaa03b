import { expect } from 'vitest'
import { fc, test } from '@fast-check/vitest'
import { tensor } from '../../../src/tensor/create.js'
import type { DType } from '../../../src/tensor/dtype.js'
import { scope } from '../../../src/tensor/scope.js'
import { reducedShape } from '../../../src/tensor/shape.js'
import { addon, agree, native, output, runs, seeds, values, wholes } from './levels.js'

const options = { numRuns: runs }

const reductions = fc
  .array(
    fc.record({
      size: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constantFrom(17, 30, 64, 600)),
      isReduced: fc.boolean(),
    }),
    {
      minLength: 1,
      maxLength: 5,
    },
  )
  .map((axes) => ({
    shape: axes.map(({ size }) => size),
    axes: axes.flatMap(({ isReduced }, axis) => (isReduced ? [axis] : [])),
  }))
  .filter(({ shape }) => shape.reduce((a, b) => a * b, 1) <= 20_000)

test.prop([reductions, seeds, fc.constantFrom('sum', 'max', 'min'), fc.boolean()], { numRuns: runs * 3 })(
  'sums, maxima and minima over any axes agree with the reference',
  ({ shape, axes }, seed, name, withNaN) => {
    agree((kernels) => {
      const x = values(seed, shape)
      if (withNaN) x.array[Math.floor(x.size / 2)] = NaN
      const out = output(reducedShape(shape, axes, false))
      kernels[name](x, axes, out)
      return [out]
    }, 1e-7)
  },
)

test('sums over large volumes agree with the reference', () => {
  for (const shape of [
    [2, 70_001, 1],
    [2, 70_001, 3],
    [1, 30_001, 17],
    [3, 101, 700],
  ]) {
    const data = new Float32Array(shape.reduce((a, b) => a * b)).map((_, i) => Math.sin(i))
    for (const axes of [[0, 1], [1], [1, 2], [0, 1, 2], [0], [2]]) {
      agree((kernels) => {
        const out = output(reducedShape(shape, axes, false))
        kernels.sum(tensor(data, { shape }), axes, out)
        return [out]
      }, 1e-7)
    }
  }
})

test('sums have the same bits on 1, 2 and 3 threads', () => {
  const x = new Float32Array(600_000).map((_, i) => Math.sin(i))
  const before = addon.threads()
  for (const [shape, axes] of [
    [[2, 100_000, 3], [1]],
    [[600_000], [0]],
    [[100, 6000], [0]],
  ] as const) {
    const results = [1, 2, 3].map((threads) => {
      addon.setThreads(threads)
      return scope(() => {
        const out = output(reducedShape(shape, axes, false))
        native.sum(tensor(x, { shape }), axes, out)
        return out.data()
      })
    })
    expect(results[1]).toEqual(results[0])
    expect(results[2]).toEqual(results[0])
  }
  addon.setThreads(before)
})

test.prop([fc.integer({ min: 64, max: 20_000 }), fc.integer({ min: 1, max: 300 }), seeds], options)(
  'sums over label maps and their transpose agree with the reference',
  (count, segments, seed) => {
    agree((kernels) => {
      const labels = tensor(
        wholes(seed, [count], segments + 1, 'int32')
          .data()
          .map((label) => label - 1),
        { shape: [count], dtype: 'int32' },
      )
      const [sums, expanded] = [output([segments]), output([count])]
      kernels.segmentSum(values(seed, [count]), labels, sums)
      kernels.segmentExpand(values(seed + 1, [segments]), labels, expanded)
      return [sums, expanded]
    }, 1e-7)
  },
)

test('labels outside the segments are skipped, not followed', () => {
  const labels = Int32Array.from([0, 5, -7, 2 ** 31 - 1, -(2 ** 31), 1])
  const out = new Float32Array(2)
  addon.segmentSum(new Float32Array(6).fill(1), labels, out)
  expect(out).toEqual(Float32Array.of(1, 1))
  const expanded = new Float32Array(6)
  addon.segmentExpand(Float32Array.of(3, 4), labels, expanded)
  expect(expanded).toEqual(Float32Array.of(3, 0, 0, 0, 0, 4))
})

test.prop([fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 70 }), seeds, fc.constantFrom(1, 100)], options)(
  'softmax agrees with the reference and never overflows',
  (rows, classes, seed, scale) => {
    agree((kernels) => {
      const out = output([rows, classes])
      kernels.softmax(values(seed, [rows, classes], 'float32', 0, scale), out)
      return [out]
    }, 5e-7)
  },
)

test.prop(
  [fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 4 }), fc.constantFrom(0, 1, 2), seeds],
  options,
)('concatenation is that of the reference', (sizes, axis, seed) => {
  const shapeOf = (n: number): number[] => [5, 3, 4].map((size, k) => (k === axis ? n : size))
  agree((kernels) => {
    const out = output(shapeOf(sizes.reduce((a, b) => a + b)))
    kernels.concat(
      sizes.map((n, k) => values(seed + k, shapeOf(n))),
      axis,
      out,
    )
    return [out]
  }, 0)
})

test.prop(
  [
    fc.integer({ min: 64, max: 3000 }),
    seeds,
    fc.constantFrom<readonly [DType, DType]>(
      ['float32', 'float64'],
      ['float64', 'float32'],
      ['uint8', 'float32'],
      ['bool', 'float32'],
      ['float32', 'bool'],
      ['float32', 'int32'],
    ),
  ],
  options,
)('casts are those of the reference', (count, seed, [from, to]) => {
  agree((kernels) => {
    const x = from === 'uint8' || from === 'bool' ? wholes(seed, [count], 2, from) : values(seed, [count], from, 0, 2)
    if (from === 'float32' && to === 'bool') x.array.set([0, -0, NaN, 1e-45])
    const out = output([count], to)
    kernels.cast(x, out)
    return [out]
  }, 0)
})
