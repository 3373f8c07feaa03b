import { fc, test } from '@fast-check/vitest'
import { expect } from 'vitest'
import type { Case } from '../../src/data/case.js'
import { checkCase, labelledVoxels, markMissing, replaceByEmpty, voxelVolumeMl } from '../../src/data/case.js'
import { ConfigError, ShapeError } from '../../src/tensor/errors.js'

/** Two voxels, one channel, three classes; class 2 is not annotated. */
const example: Case = {
  ...{ id: 'case_7', group: 'LGG', shape: [2, 1, 1], channels: 1, classes: 3 },
  image: Float32Array.of(1, 2),
  label: Uint8Array.of(1, 0, 0, 1, 1, 0),
  annotated: [true, true, false],
  affine: Float64Array.of(8, 0, 0, 0, 0, 8, 0, 0, 0, 0, 8, 0, 0, 0, 0, 1),
  spacing: [8, 8, 8],
  voxelVolumeMl: 0.512,
}

test('empty and missing are the same map of zeros, and differ in what was annotated', () => {
  const empty = replaceByEmpty(example)
  const missing = markMissing(example)
  expect(empty.label.every((value) => value === 0)).toBe(true)
  expect([...missing.label]).toEqual([...empty.label])
  expect(empty.annotated).toEqual([true, true, true])
  expect(missing.annotated).toEqual([false, false, false])
})

test('only the chosen classes change, and the given case never does', () => {
  expect([...replaceByEmpty(example, [0]).label]).toEqual([0, 0, 0, 0, 1, 0])
  expect(markMissing(example, [0]).annotated).toEqual([false, true, false])
  expect(replaceByEmpty(example, [2]).annotated).toEqual([true, true, true])
  expect([...example.label]).toEqual([1, 0, 0, 1, 1, 0])
  expect(example.annotated).toEqual([true, true, false])
})

test('labelled voxels are counted per class', () => {
  expect([0, 1, 2].map((index) => labelledVoxels(example, index))).toEqual([2, 1, 0])
})

test('a class that is not there is named with its case', () => {
  expect(() => labelledVoxels(example, 3)).toThrow('[case case_7] expected a class from 0 to 2, got 3')
  expect(() => replaceByEmpty(example, [-1])).toThrow(ConfigError)
  expect(() => markMissing(example, [0.5])).toThrow(ConfigError)
})

test('arrays that do not fit the sizes are named with their case', () => {
  expect(checkCase(example)).toBe(example)
  expect(() => checkCase({ ...example, classes: 2 })).toThrow(ShapeError)
  expect(() => checkCase({ ...example, annotated: [true] })).toThrow(/case case_7/)
})

const angle = fc.double({ min: 0, max: 6, noNaN: true })
const mm = fc.double({ min: 0.5, max: 10, noNaN: true })

test.prop([angle, mm, mm, mm])(
  'the voxel volume is the product of spacings, however the grid is turned',
  (a, x, y, z) => {
    const [c, s] = [Math.cos(a), Math.sin(a)]
    const affine = Float64Array.of(-c * x, s * y, 0, 5, -s * x, -c * y, 0, 6, 0, 0, -z, 7, 0, 0, 0, 1)
    expect(voxelVolumeMl(affine)).toBeCloseTo((x * y * z) / 1000, 9)
  },
)
