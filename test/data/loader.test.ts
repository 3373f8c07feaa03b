import { fc, test } from '@fast-check/vitest'
import { expect } from 'vitest'
import type { Case } from '../../src/data/case.js'
import { markMissing } from '../../src/data/case.js'
import { Loader, noAugmentation } from '../../src/data/loader.js'
import { ConfigError, ShapeError } from '../../src/tensor/errors.js'

const shape = [4, 3, 2] as const
const [channels, classes] = [2, 2]
const voxels = 24

/** A case whose image holds its number and the position of each element, and whose label follows x. */
function numbered(number: number): Case {
  return {
    ...{ id: `case_${number}`, group: 'HGG', shape, channels, classes },
    image: Float32Array.from({ length: voxels * channels }, (_, i) => 1000 * number + i),
    label: Uint8Array.from({ length: voxels * classes }, (_, i) => (i < 20 + number ? 1 : 0)),
    annotated: [true, number % 2 === 0],
    affine: Float64Array.of(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1),
    spacing: [1, 1, 1],
    voxelVolumeMl: 0.001,
  }
}

const cohort = (n: number): Case[] => Array.from({ length: n }, (_, i) => numbered(i))

const count = fc.integer({ min: 1, max: 9 })
const seed = fc.integer({ min: 0, max: 1000 })

test.prop([count, count, seed])('every case comes once before any comes again, across batches', (n, batchSize, s) => {
  const loader = new Loader(cohort(n), { batchSize, seed: s })
  const ids = Array.from({ length: 3 * n }, (_, step) => loader.batch(step).cases).flat()
  for (let start = 0; start + n <= ids.length; start += n) {
    expect(new Set(ids.slice(start, start + n)).size).toBe(n)
  }
})

test.prop([count, count, seed, fc.array(fc.nat(40), { minLength: 1, maxLength: 6 })])(
  'a batch depends on seed and step alone, not on what was asked before',
  (n, batchSize, s, steps) => {
    const used = new Loader(cohort(n), { batchSize, seed: s })
    for (const step of steps) {
      expect(used.batch(step)).toEqual(new Loader(cohort(n), { batchSize, seed: s }).batch(step))
    }
  },
)

test('no two samples share their augmentation, across seeds, steps and places in a batch', () => {
  const samples = [0, 1, 2].flatMap((s) => {
    const loader = new Loader(cohort(1), { batchSize: 2, seed: s })
    return [0, 1, 2, 3].flatMap((step) => {
      const { image } = loader.batch(step)
      return [String(image.subarray(0, 48)), String(image.subarray(48))]
    })
  })
  expect(new Set(samples).size).toBe(24)
})

test.prop([seed])('without augmentation a batch is the cases themselves', (s) => {
  const batch = new Loader(cohort(5), { batchSize: 3, seed: s, augmentation: noAugmentation }).batch(2)
  expect(batch).toMatchObject({ shape, batchSize: 3, channels, classes, step: 2 })
  for (const [b, id] of batch.cases.entries()) {
    const item = numbered(Number(id.split('_')[1]))
    expect(batch.image.subarray(b * 48, b * 48 + 48)).toEqual(item.image)
    expect(batch.label.subarray(b * 48, b * 48 + 48)).toEqual(item.label)
    expect([...batch.annotated.subarray(b * 2, b * 2 + 2)]).toEqual(item.annotated.map(Number))
  }
})

test('a flip mirrors x alone, in image and labels alike', () => {
  const { image, label } = new Loader([numbered(1)], {
    ...{ batchSize: 1, seed: 0 },
    augmentation: { flip: 1, scale: 0, shift: 0 },
  }).batch(0)
  const { image: original, label: originalLabel } = numbered(1)
  const slab = 3 * 2 * 2
  for (let x = 0; x < 4; x++) {
    const mirrored = (3 - x) * slab
    expect(image.subarray(x * slab, (x + 1) * slab)).toEqual(original.subarray(mirrored, mirrored + slab))
    expect(label.subarray(x * slab, (x + 1) * slab)).toEqual(originalLabel.subarray(mirrored, mirrored + slab))
  }
})

test('intensities change by one factor and one shift per sample and channel, of the deviations asked for', () => {
  const loader = new Loader(cohort(7), { batchSize: 2, seed: 3, augmentation: { flip: 0, scale: 0.05, shift: 0.1 } })
  const scales: number[] = []
  const shifts: number[] = []
  for (let step = 0; step < 1000; step++) {
    const { image, cases } = loader.batch(step)
    for (const [b, id] of cases.entries()) {
      const base = 1000 * Number(id.split('_')[1])
      for (let c = 0; c < channels; c++) {
        const value = (voxel: number): number => image[(b * voxels + voxel) * channels + c] ?? 0
        const scale = (value(23) - value(0)) / 46
        const shift = value(0) - scale * (base + c)
        expect(value(12)).toBeCloseTo(scale * (base + 24 + c) + shift, 1)
        scales.push(scale)
        if (base === 0) shifts.push(shift)
      }
    }
  }
  const moments = (list: number[]): [number, number] => {
    const mean = list.reduce((sum, v) => sum + v, 0) / list.length
    return [mean, Math.sqrt(list.reduce((sum, v) => sum + (v - mean) ** 2, 0) / list.length)]
  }
  // 4000 factors: standard errors 0.0008 of the mean and 0.0006 of the deviation. About 570 shifts: 0.004 and 0.003.
  const [scaleMean, scaleDeviation] = moments(scales)
  expect(Math.abs(scaleMean - 1)).toBeLessThan(0.004)
  expect(Math.abs(scaleDeviation - 0.05)).toBeLessThan(0.003)
  const [shiftMean, shiftDeviation] = moments(shifts)
  expect(Math.abs(shiftMean)).toBeLessThan(0.02)
  expect(Math.abs(shiftDeviation - 0.1)).toBeLessThan(0.015)
})

test('about half of the samples are mirrored', () => {
  const loader = new Loader(cohort(1), { batchSize: 4, seed: 1, augmentation: { flip: 0.5, scale: 0, shift: 0 } })
  let flipped = 0
  for (let step = 0; step < 500; step++) {
    const { image } = loader.batch(step)
    for (let b = 0; b < 4; b++) if (image[b * voxels * channels] !== 0) flipped++
  }
  // Binomial: 1000 ± 22.
  expect(Math.abs(flipped - 1000)).toBeLessThan(100)
})

test('a batch says which classes are missing', () => {
  const cases = [markMissing(numbered(0), [0])]
  expect([...new Loader(cases, { batchSize: 1, seed: 0 }).batch(0).annotated]).toEqual([0, 1])
})

test('a seed means the same batches in every version', () => {
  const loader = new Loader(cohort(5), { batchSize: 2, seed: 0 })
  const batches = [0, 1, 2, 3, 4].map((step) => loader.batch(step))
  expect(batches.map(({ cases }) => cases.join(' '))).toMatchInlineSnapshot(`
    [
      "case_0 case_1",
      "case_4 case_3",
      "case_2 case_1",
      "case_2 case_0",
      "case_4 case_3",
    ]
  `)
  expect(batches.map(({ image }) => image[0])).toMatchInlineSnapshot(`
    [
      -0.021887877956032753,
      4245.31689453125,
      1932.2791748046875,
      2264.15380859375,
      3915.1171875,
    ]
  `)
})

test('wrong options and steps are named', () => {
  const make = (options: object) => () => new Loader(cohort(2), { batchSize: 2, seed: 0, ...options })
  expect(() => new Loader([], { batchSize: 1, seed: 0 })).toThrow('[Loader.cases] expected at least one case, got none')
  expect(make({ batchSize: 0 })).toThrow(ConfigError)
  expect(make({ seed: 0.5 })).toThrow(ConfigError)
  expect(make({ augmentation: { flip: 2, scale: 0, shift: 0 } })).toThrow(/Loader\.augmentation\.flip/)
  expect(make({ augmentation: { flip: 0, scale: -1, shift: 0 } })).toThrow(/Loader\.augmentation\.scale/)
  expect(make({ augmentation: { flip: 0, scale: 0, shift: NaN } })).toThrow(/Loader\.augmentation\.shift/)
  expect(() => make({})().batch(-1)).toThrow(ConfigError)
  expect(() => make({})().batch(1.5)).toThrow(ConfigError)
})

test('a case of another size is named', () => {
  const other: Case = { ...numbered(9), shape: [2, 3, 4] }
  const make = () => new Loader([numbered(0), other], { batchSize: 1, seed: 0 })
  expect(make).toThrow(ShapeError)
  expect(make).toThrow('[case case_9] expected (X,Y,Z,C,K) (4,3,2,2,2) as in case_0, got (2,3,4,2,2)')
})
