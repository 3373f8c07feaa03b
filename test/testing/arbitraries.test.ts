import { fc, test } from '@fast-check/vitest'
import { expect } from 'vitest'
import { scope, tensor } from '../../src/index.js'
import { Partition, diceLoss } from '../../src/losses/index.js'
import {
  binaryTargets,
  emptied,
  emptyPatterns,
  labelMaps,
  logits,
  missingPatterns,
  oneHotTargets,
  partitionLabels,
  partitions,
  predictions,
  shapes,
  simplexPredictions,
  softTargets,
  subsetLabels,
} from '../../src/testing/index.js'

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1)
}

const inUnit = (x: number): boolean => x >= 0 && x <= 1

test.prop([shapes(), shapes({ images: 5, width: 2, classes: 4, spatialAxes: 2 })])(
  'shapes are (B, …, C) within their limits',
  (any, flat) => {
    expect(any.length).toBeGreaterThanOrEqual(3)
    expect(any.length).toBeLessThanOrEqual(5)
    expect(flat).toHaveLength(4)
    for (const [axis, n] of flat.entries()) expect(n).toBeLessThanOrEqual([5, 2, 2, 4][axis] ?? 0)
    for (const n of [...any, ...flat]) expect(n).toBeGreaterThanOrEqual(1)
  },
)

const shaped = shapes().chain((shape) =>
  fc.record({
    shape: fc.constant(shape),
    binary: binaryTargets(shape),
    soft: softTargets(shape),
    oneHot: oneHotTargets(shape),
    labels: labelMaps(shape.slice(0, -1), shape.at(-1) ?? 1),
    prediction: predictions(shape),
    simplex: simplexPredictions(shape),
    logits: logits(shape),
    empty: emptyPatterns(shape),
    present: missingPatterns(shape),
  }),
)

test.prop([shaped])('targets, predictions and logits have the shape and the range that their names say', (drawn) => {
  const { shape, binary, soft, oneHot, labels, prediction, simplex } = drawn
  const classes = shape.at(-1) ?? 1
  for (const values of [binary, soft, oneHot, prediction, simplex, drawn.logits])
    expect(values).toHaveLength(sizeOf(shape))
  expect([...binary, ...oneHot].every((y) => y === 0 || y === 1)).toBe(true)
  expect([...soft, ...prediction, ...simplex].every(inUnit)).toBe(true)
  expect(drawn.logits.every((z) => Math.abs(z) <= 1e4)).toBe(true)
  expect(labels).toHaveLength(sizeOf(shape) / classes)
  expect(labels.every((label) => label >= 0 && label < classes)).toBe(true)
  for (let voxel = 0; voxel < labels.length; voxel++) {
    const of = (values: Float64Array): number =>
      values.subarray(voxel * classes, (voxel + 1) * classes).reduce((a, b) => a + b, 0)
    expect(of(oneHot)).toBe(1)
    expect(of(simplex)).toBeCloseTo(1, 12)
  }
  expect(drawn.empty).toHaveLength((shape[0] ?? 1) * classes)
  expect(drawn.present).toHaveLength((shape[0] ?? 1) * classes)
})

test.prop([shaped])(
  'an emptied target is 0 in the flagged maps and what it was elsewhere',
  ({ shape, soft, empty }) => {
    const maps = subsetLabels('I', shape)
    emptied(soft, shape, empty).forEach((y, i) => expect(y).toBe(empty[maps[i] ?? -1] === 1 ? 0 : soft[i]))
  },
)

test('targets are met with every map empty, with none, and with some', () => {
  const shape = [2, 6, 2]
  const maps = subsetLabels('I', shape)
  const emptyMaps = fc
    .sample(binaryTargets(shape), { numRuns: 300, seed: 2 })
    .map((target) => [0, 1, 2, 3].filter((map) => target.every((y, i) => y === 0 || maps[i] !== map)).length)
  expect(new Set(emptyMaps)).toEqual(new Set([0, 1, 2, 3, 4]))
})

test.prop([shapes().chain((shape) => fc.tuple(fc.constant(shape), partitionLabels(shape)))])(
  'label maps of partitions number their subsets in order of first appearance and leave none without elements',
  ([shape, labels]) => {
    expect(labels).toHaveLength(sizeOf(shape))
    const order = [...new Set(labels)].filter((label) => label >= 0)
    expect(order).toEqual([...order.keys()])
    expect(order.length).toBeGreaterThan(0)
  },
)

test.prop([
  shapes().chain((shape) => fc.record({ shape: fc.constant(shape), phi: partitions(shape), p: predictions(shape) })),
])('partitions are ones that a loss takes', ({ shape, phi, p }) => {
  scope(() => {
    expect(phi).toBeInstanceOf(Partition)
    const prediction = tensor(p, { shape })
    expect(diceLoss(prediction, prediction, { phi, epsilon: 1 }).item()).toBeGreaterThanOrEqual(0)
  })
})

test('large Ω are partitioned into few subsets, into many, and into one', () => {
  const counts = fc
    .sample(partitionLabels([2, 4, 4, 2]), { numRuns: 200, seed: 4 })
    .map((labels) => Math.max(...labels) + 1)
  expect(Math.min(...counts)).toBe(1)
  expect(Math.max(...counts)).toBeGreaterThan(32)
  expect(counts.filter((count) => count > 1 && count <= 6).length).toBeGreaterThan(40)
})

test('the named partitions are the dimensions that they reduce (Sect. 2.1)', () => {
  // (B, X, C) = (2, 2, 2), in C order: b0x0c0 b0x0c1 b0x1c0 b0x1c1 b1…
  const shape = [2, 2, 2]
  expect([...subsetLabels('I', shape)]).toEqual([0, 1, 0, 1, 2, 3, 2, 3])
  expect([...subsetLabels('CI', shape)]).toEqual([0, 0, 0, 0, 1, 1, 1, 1])
  expect([...subsetLabels('BI', shape)]).toEqual([0, 1, 0, 1, 0, 1, 0, 1])
  expect([...subsetLabels('BCI', shape)]).toEqual([0, 0, 0, 0, 0, 0, 0, 0])
  expect([...subsetLabels(Partition.reduce({ axes: [0] }), shape)]).toEqual([0, 1, 2, 3, 0, 1, 2, 3])
})
