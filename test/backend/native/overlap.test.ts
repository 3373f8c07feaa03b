import { expect } from 'vitest'
import { fc, test } from '@fast-check/vitest'
import type { Kernels } from '../../../src/backend/kernels.js'
import { type OverlapGeometry, type OverlapOperands, type SubsetAxes, sumsOf } from '../../../src/backend/overlap.js'
import { tensor } from '../../../src/tensor/create.js'
import { Generator } from '../../../src/tensor/random.js'
import { scope } from '../../../src/tensor/scope.js'
import type { Tensor } from '../../../src/tensor/tensor.js'
import { addon, agree, native, output, runs, seeds, values, wholes } from './levels.js'

const options = { numRuns: runs * 3 }

const cases = fc.record({
  batch: fc.integer({ min: 1, max: 3 }),
  rows: fc.integer({ min: 1, max: 12 }),
  columns: fc.integer({ min: 1, max: 40 }),
  channels: fc.constantFrom(1, 2, 3, 4, 5, 7, 17),
  firstChannel: fc.constantFrom(0, 1),
  dtype: fc.constantFrom('float32', 'float64'),
  target: fc.constantFrom('float', 'uint8'),
  phi: fc.constantFrom('I', 'CI', 'BI', 'BCI', 'rows', 'columns', 'labels'),
  activation: fc.constantFrom('none', 'sigmoid', 'softmax'),
  squares: fc.boolean(),
  mask: fc.constantFrom('none', 'voxels', 'elements'),
  annotated: fc.boolean(),
  factors: fc.constantFrom('none', 'all', 'some'),
  seed: seeds,
})

type Case = typeof cases extends fc.Arbitrary<infer T> ? T : never

/** How each Φ numbers its subsets over (batch, rows, columns) and the channels used. */
function subsetsOf({ phi, batch, rows, columns, channels, firstChannel }: Case): [SubsetAxes | null, number] {
  const used = channels - firstChannel
  const axes = (strides: [number, number, number], channelStride: number): SubsetAxes => ({
    sizes: [batch, rows, columns],
    strides,
    channelStride,
  })
  switch (phi) {
    case 'I':
      return [{ sizes: [batch, rows * columns], strides: [used, 0], channelStride: 1 }, batch * used]
    case 'CI':
      return [{ sizes: [batch, rows * columns], strides: [1, 0], channelStride: 0 }, batch]
    case 'BI':
      return [{ sizes: [batch * rows * columns], strides: [0], channelStride: 1 }, used]
    case 'BCI':
      return [{ sizes: [batch * rows * columns], strides: [0], channelStride: 0 }, 1]
    case 'rows':
      return [axes([rows, 1, 0], 0), batch * rows]
    case 'columns':
      return [axes([0, 0, used], 1), columns * used]
    case 'labels':
      return [null, 9]
  }
}

function build(c: Case): { operands: OverlapOperands; geometry: OverlapGeometry } {
  const shape = [c.batch, c.rows, c.columns, c.channels]
  const [axes, subsets] = subsetsOf(c)
  const generator = new Generator(c.seed, 7, 0)
  const bits = (count: number): Uint8Array =>
    Uint8Array.from({ length: count }, () => (generator.uniform() < 0.7 ? 1 : 0))
  const scores = values(c.seed, shape, c.dtype, 0, 3)
  const prediction =
    c.activation === 'none'
      ? tensor(
          scores.data().map((z) => 1 / (1 + Math.exp(-z))),
          { shape, dtype: c.dtype },
        )
      : scores
  const soft = tensor(
    values(c.seed + 1, shape, c.dtype)
      .data()
      .map(Math.abs),
    { shape, dtype: c.dtype },
  )
  const maskSize = c.mask === 'voxels' ? [...shape.slice(0, 3), 1] : shape
  return {
    operands: {
      prediction,
      target: c.target === 'uint8' ? wholes(c.seed + 1, shape, 2, 'uint8') : soft,
      mask: c.mask === 'none' ? null : wholes(c.seed + 2, maskSize, 2, 'bool'),
      labels:
        axes === null
          ? tensor(
              wholes(c.seed + 3, shape, 10, 'int32')
                .data()
                .map((l) => l - 1),
              { shape, dtype: 'int32' },
            )
          : null,
    },
    geometry: {
      batch: c.batch,
      voxels: c.rows * c.columns,
      channels: c.channels,
      firstChannel: c.firstChannel === 1 ? 1 : 0,
      subsets,
      axes,
      activation: c.activation,
      squares: c.squares,
      annotated: c.annotated ? bits(c.batch * c.channels) : null,
      channelFactors:
        c.factors === 'none' ? null : Float64Array.from({ length: c.channels }, () => generator.uniform() * 3),
      factoredSubsets: c.factors === 'some' ? bits(subsets) : null,
    },
  }
}

function statistics(kernels: Kernels, c: Case): Tensor[] {
  const { operands, geometry } = build(c)
  const sums = output([sumsOf(geometry), geometry.subsets], 'float64')
  const counts = output([geometry.subsets], 'float64')
  kernels.overlapStatistics(operands, geometry, sums, counts)
  return [sums, counts]
}

function gradients(kernels: Kernels, c: Case): Tensor[] {
  const { operands, geometry } = build(c)
  const partials = values(c.seed + 4, [sumsOf(geometry), geometry.subsets], 'float64')
  const outs = [0, 1].map(() => output(operands.prediction.shape, c.dtype)) as [Tensor, Tensor]
  kernels.overlapGradient(operands, geometry, partials, ...outs)
  return outs
}

const usable = cases.filter((c) => c.channels > c.firstChannel)

test.prop([usable], options)(
  'the overlap sums agree with the reference for every Φ, activation, mask and dtype',
  (c) => {
    // Under an activation float32 sums see float32 probabilities.
    agree((kernels) => statistics(kernels, c), c.dtype === 'float64' ? 1e-13 : c.activation === 'none' ? 1e-12 : 1e-6)
  },
)

test.prop([usable], options)(
  'the overlap gradient agrees with the reference for every Φ, activation, mask and dtype',
  (c) => {
    agree((kernels) => gradients(kernels, c), c.dtype === 'float64' ? 1e-13 : 3e-6)
  },
)

test('the overlap sums have the same bits on 1, 2 and 3 threads', () => {
  const base: Case = {
    batch: 2,
    rows: 200,
    columns: 300,
    channels: 3,
    firstChannel: 0,
    dtype: 'float32',
    target: 'float',
    phi: 'I',
    activation: 'sigmoid',
    squares: true,
    mask: 'none',
    annotated: false,
    factors: 'none',
    seed: 5,
  }
  const before = addon.threads()
  for (const phi of ['I', 'BCI', 'columns', 'labels'] as const) {
    const results = [1, 2, 3].map((threads) => {
      addon.setThreads(threads)
      return scope(() => statistics(native, { ...base, phi }).map((x) => x.data()))
    })
    expect(results[1]).toEqual(results[0])
    expect(results[2]).toEqual(results[0])
  }
  addon.setThreads(before)
})
