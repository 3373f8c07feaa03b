import { expect } from 'vitest'
import { fc, test } from '@fast-check/vitest'
import type { NormGeometry, Pool3dGeometry, Triple, UpsampleGeometry } from '../../../src/backend/geometry.js'
import type { Kernels } from '../../../src/backend/kernels.js'
import { scope } from '../../../src/tensor/scope.js'
import { tensor } from '../../../src/tensor/create.js'
import { addon, agree, channelCounts, native, output, runs, seeds, values } from './levels.js'

const options = { numRuns: runs }
const triple = (max: number): fc.Arbitrary<Triple> =>
  fc.tuple(fc.integer({ min: 1, max }), fc.integer({ min: 1, max }), fc.integer({ min: 1, max }))
const geometry = fc.record({
  batch: fc.integer({ min: 1, max: 3 }),
  positions: fc.integer({ min: 1, max: 400 }),
  channels: channelCounts,
})

test.prop([geometry, seeds, fc.constantFrom(0, 0.01, 1), fc.constantFrom(0, 100, -3e4)], options)(
  'normActivation agrees with the reference, with a large offset too',
  (g, seed, slope, offset) => {
    agree((kernels) => {
      const x = values(seed, [g.batch, g.positions, g.channels], 'float32', offset, 2)
      const scale = values(seed + 1, [g.channels])
      const shift = values(seed + 2, [g.channels])
      const out = output(x.shape)
      const mean = output([g.batch * g.channels], 'float64')
      const inverse = output([g.batch * g.channels], 'float64')
      kernels.normActivation(x, scale, shift, { epsilon: 1e-3, slope }, g, out, mean, inverse)
      return [out, mean, inverse]
    }, 2e-6)
  },
)

function normGradients(kernels: Kernels, g: NormGeometry, seed: number, slope: number, offset: number) {
  const shape = [g.batch, g.positions, g.channels]
  const [x, gradient] = [values(seed, shape, 'float32', offset, 2), values(seed + 3, shape)]
  const [scale, shift] = [values(seed + 1, [g.channels]), values(seed + 2, [g.channels])]
  const [mean, inverseDeviation] = [
    output([g.batch * g.channels], 'float64'),
    output([g.batch * g.channels], 'float64'),
  ]
  kernels.normActivation(x, scale, shift, { epsilon: 1e-3, slope }, g, output(shape), mean, inverseDeviation)
  const out = { x: output(shape), scale: output([g.channels]), shift: output([g.channels]) }
  kernels.normActivationGradient({ x, scale, shift, mean, inverseDeviation }, gradient, slope, g, out)
  return [out.x, out.scale, out.shift]
}

test.prop([geometry, seeds, fc.constantFrom(0, 0.01, 1), fc.constantFrom(0, 100)], options)(
  'normActivationGradient agrees with the reference',
  (g, seed, slope, offset) => {
    agree((kernels) => normGradients(kernels, g, seed, slope, offset), 2e-4)
  },
)

test('normalisation of many channels goes through partial vectors', () => {
  for (const channels of [1023, 8191, 8193]) {
    const g = { batch: 2, positions: 3, channels }
    agree((kernels) => normGradients(kernels, g, channels, 0.01, 5), 2e-4)
  }
})

test('normalisation has the same bits on 1, 2 and 3 threads', () => {
  const g = { batch: 2, positions: 30000, channels: 7 }
  const before = addon.threads()
  const results = [1, 2, 3].map((threads) => {
    addon.setThreads(threads)
    return scope(() => normGradients(native, g, 5, 0.01, 3).map((x) => x.data()))
  })
  addon.setThreads(before)
  expect(results[1]).toEqual(results[0])
  expect(results[2]).toEqual(results[0])
})

const pooling = fc
  .record({
    batch: fc.integer({ min: 1, max: 2 }),
    window: triple(3),
    cells: triple(4),
    rest: triple(3),
    channels: channelCounts,
  })
  .map(({ batch, window, cells, rest, channels }): Pool3dGeometry => ({
    batch,
    window,
    channels,
    input: [0, 1, 2].map((axis) => (window[axis] ?? 1) * (cells[axis] ?? 1) + (rest[axis] ?? 1) - 1) as [
      number,
      number,
      number,
    ],
  }))

const poolSize = (g: Pool3dGeometry): Triple =>
  [0, 1, 2].map((axis) => Math.floor((g.input[axis] ?? 1) / (g.window[axis] ?? 1))) as [number, number, number]

test.prop([pooling, seeds, fc.boolean()], options)(
  'max pooling, its indices and its gradient are those of the reference, NaN and ties included',
  (g, seed, withNaN) => {
    agree((kernels) => {
      const x = values(seed, [g.batch, ...g.input, g.channels])
      if (withNaN) x.array.set([NaN, NaN], Math.floor(x.size / 2) - 1 + (x.size === 1 ? 1 : 0))
      const shape = [g.batch, ...poolSize(g), g.channels]
      const gradient = values(seed + 1, shape)
      const [out, indices, inputGradient] = [output(shape), output(shape, 'int32'), output(x.shape)]
      kernels.maxPool3d(x, g, out)
      kernels.maxPool3dIndices(x, g, indices)
      kernels.maxPool3dGradient(x, gradient, g, inputGradient)
      return [out, indices, inputGradient]
    }, 0)
  },
)

const upsampling: fc.Arbitrary<UpsampleGeometry> = fc.record({
  batch: fc.integer({ min: 1, max: 2 }),
  input: triple(5),
  factors: triple(3),
  channels: channelCounts,
})

test.prop([upsampling, channelCounts, seeds], options)(
  'upsampling with and without a skip, and its gradient, agree with the reference',
  (g, skipChannels, seed) => {
    agree((kernels) => {
      const grid = [0, 1, 2].map((axis) => (g.input[axis] ?? 1) * (g.factors[axis] ?? 1))
      const x = values(seed, [g.batch, ...g.input, g.channels])
      const skip = values(seed + 1, [g.batch, ...grid, skipChannels])
      const plain = output([g.batch, ...grid, g.channels])
      const joined = output([g.batch, ...grid, g.channels + skipChannels])
      kernels.upsampleNearest(x, g, plain)
      kernels.upsampleConcat(skip, x, g, joined)
      const gradients = [output(x.shape), output(skip.shape), output(x.shape)] as const
      kernels.upsampleNearestGradient(values(seed + 2, plain.shape), g, gradients[0])
      kernels.upsampleConcatGradient(values(seed + 3, joined.shape), g, gradients[1], gradients[2])
      return [plain, joined, ...gradients]
    }, 1e-7)
  },
)

test.prop([fc.integer({ min: 64, max: 5000 }), seeds, fc.integer({ min: 1, max: 2000 })], options)(
  'a step of Adam agrees with the reference and changes nothing but parameter and moments',
  (count, seed, step) => {
    agree((kernels) => {
      const [parameter, gradient, first] = [0, 1, 2].map((k) => values(seed + k, [count])) as [
        ReturnType<typeof values>,
        ReturnType<typeof values>,
        ReturnType<typeof values>,
      ]
      const second = tensor(
        values(seed + 3, [count])
          .data()
          .map(Math.abs),
        { shape: [count] },
      )
      const settings = { learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 1e-2, step }
      kernels.adamStep(parameter, gradient, first, second, settings)
      return [parameter, gradient, first, second]
    }, 1e-6)
  },
)
