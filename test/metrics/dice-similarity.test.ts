import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { diceSimilarity, meanDiceSimilarity } from '../../src/metrics/index.js'
import { DataError, ShapeError } from '../../src/tensor/errors.js'
import { expected } from './fixtures/expected.js'

const bit = fc.integer({ min: 0, max: 1 })
const mapPair = fc
  .array(fc.tuple(bit, bit), { minLength: 1, maxLength: 60 })
  .map((pairs) => [Uint8Array.from(pairs, ([p]) => p), Uint8Array.from(pairs, ([, y]) => y)] as const)
const empty = new Uint8Array(4)
const some = Uint8Array.of(0, 1, 1, 0)

describe('diceSimilarity', () => {
  test.prop([mapPair])('is symmetric where neither map is empty', ([prediction, reference]) => {
    fc.pre(prediction.includes(1) && reference.includes(1))
    expect(diceSimilarity(prediction, reference)).toBe(diceSimilarity(reference, prediction))
  })

  test.prop([mapPair])('is twice the common share of all marked voxels', ([prediction, reference]) => {
    fc.pre(reference.includes(1))
    const marked = (map: Uint8Array) => new Set([...map.keys()].filter((voxel) => map[voxel] === 1))
    const [p, y] = [marked(prediction), marked(reference)]
    const common = [...p].filter((voxel) => y.has(voxel)).length
    expect(diceSimilarity(prediction, reference)).toBeCloseTo((2 * common) / (p.size + y.size), 14)
  })

  test.prop([mapPair])('is 1 only where the maps agree', ([prediction, reference]) => {
    fc.pre(reference.includes(1))
    const agree = prediction.every((value, voxel) => value === reference[voxel])
    expect(diceSimilarity(prediction, reference) === 1).toBe(agree)
  })

  test('agrees with scipy.spatial.distance.dice', () => {
    for (const { prediction, reference, diceSimilarity: score } of expected.overlaps) {
      expect(diceSimilarity(Uint8Array.from(prediction), Uint8Array.from(reference))).toBeCloseTo(score, 14)
    }
  })

  test('an empty prediction of a present object is 0 under every policy', () => {
    for (const policy of ['nan', 'one', 'zero', 'skip'] as const) {
      expect(diceSimilarity(empty, some, { bothEmpty: policy, referenceEmpty: policy })).toBe(0)
    }
  })

  test('two empty maps count what bothEmpty says, NaN by default', () => {
    expect(diceSimilarity(empty, empty)).toBeNaN()
    expect(diceSimilarity(empty, empty, { bothEmpty: 'nan', referenceEmpty: 'one' })).toBeNaN()
    expect(diceSimilarity(empty, empty, { bothEmpty: 'one' })).toBe(1)
    expect(diceSimilarity(empty, empty, { bothEmpty: 'zero', referenceEmpty: 'one' })).toBe(0)
    expect(diceSimilarity(empty, empty, { bothEmpty: 'skip' })).toBeNull()
  })

  test('an empty reference alone counts what referenceEmpty says, 0 by default', () => {
    expect(diceSimilarity(some, empty)).toBe(0)
    expect(diceSimilarity(some, empty, { referenceEmpty: 'nan', bothEmpty: 'one' })).toBeNaN()
    expect(diceSimilarity(some, empty, { referenceEmpty: 'one', bothEmpty: 'zero' })).toBe(1)
    expect(diceSimilarity(some, empty, { referenceEmpty: 'skip', bothEmpty: 'zero' })).toBeNull()
  })

  test('refuses maps of different length and values other than 0 and 1', () => {
    expect(() => diceSimilarity(empty, new Uint8Array(5))).toThrow(ShapeError)
    expect(() => diceSimilarity(Float32Array.of(0.5), Uint8Array.of(1))).toThrow(DataError)
    expect(() => diceSimilarity(Uint8Array.of(1, 1), Uint8Array.of(1, 2))).toThrow(
      '[diceSimilarity] expected a binary map of 0 and 1, got 2 at voxel 1',
    )
  })
})

describe('meanDiceSimilarity', () => {
  const pairs = [
    [some, some],
    [empty, some],
    [empty, empty],
    [some, empty],
  ] as const

  test('leaves skipped cases out of the mean and counts them', () => {
    expect(meanDiceSimilarity(pairs, { bothEmpty: 'skip', referenceEmpty: 'skip' })).toEqual({
      mean: 0.5,
      counted: 2,
      skipped: 2,
      bothEmpty: 1,
      referenceEmpty: 1,
    })
  })

  test('a case that counts NaN makes the mean NaN', () => {
    expect(meanDiceSimilarity(pairs).mean).toBeNaN()
    expect(meanDiceSimilarity(pairs, { bothEmpty: 'one' }).mean).toBe(0.5)
  })

  test('no case at all has no mean', () => {
    expect(meanDiceSimilarity([]).mean).toBeNaN()
  })
})
