import { fc, test } from '@fast-check/vitest'
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect } from 'vitest'
import { labelledVoxels } from '../../../src/data/case.js'
import { bratsModalities, listBrats, readBratsCase } from '../../../src/data/brats.js'
import { orderBrats, readCohort } from '../../../src/data/cohort.js'
import type { PhantomCase } from '../../../src/data/phantom/brats.js'
import { bratsPhantom, writeBratsPhantom } from '../../../src/data/phantom/brats.js'
import { fieldOf, makeGrid, randomField } from '../../../src/data/phantom/field.js'
import { ConfigError, DataError } from '../../../src/tensor/errors.js'
import { Generator } from '../../../src/tensor/random.js'
import { filesIn, temporaryFolder } from '../folder.js'

const mean = (list: readonly number[]): number => list.reduce((sum, value) => sum + value, 0) / list.length

/** Mean of the eight brightest T1ce voxels of the tumour: a score that needs the truth. */
function brightestRim({ modalities, segmentation }: PhantomCase): number {
  const values = [...modalities.t1ce].filter((_, i) => (segmentation[i] ?? 0) > 0)
  return mean(values.sort((a, b) => b - a).slice(0, 8))
}

/** P(score of an HGG > score of an LGG), ties half: the Mann-Whitney statistic. */
function separation(high: readonly number[], low: readonly number[]): number {
  return mean(high.flatMap((a) => low.map((b) => (a > b ? 1 : a === b ? 0.5 : 0))))
}

describe('the standard cohort, seed 0', () => {
  const cohort = [...bratsPhantom()]
  const high = cohort.filter(({ group }) => group === 'HGG')
  const low = cohort.filter(({ group }) => group === 'LGG')

  test('has 210 HGG and 75 LGG in a shuffled order', () => {
    expect([high.length, low.length]).toEqual([210, 75])
    expect(new Set(cohort.map(({ id }) => id)).size).toBe(285)
    // Were the groups not mixed, one of the five folds of 57 would hold no LGG; chance leaves 15 ± 3 in each.
    for (let fold = 0; fold < 5; fold++) {
      const groups = cohort.slice(57 * fold, 57 * fold + 57).map(({ group }) => group)
      expect(groups.filter((group) => group === 'LGG').length).toBeGreaterThan(5)
    }
  })

  test('has the drawn volumes, up to voxels and a jittered boundary', () => {
    // Log-normal of mean 95 and 110 ml and variation .55: standard errors 3.6 and 7 ml.
    expect(Math.abs(mean(high.map(({ truth }) => truth.labelledVolumeMl)) - 95)).toBeLessThan(11)
    expect(Math.abs(mean(low.map(({ truth }) => truth.labelledVolumeMl)) - 110)).toBeLessThan(21)
    for (const { truth } of cohort) {
      expect(Math.abs(truth.labelledVolumeMl / truth.drawnVolumeMl - 1)).toBeLessThan(0.2)
      expect(truth.labelledVolumeMl).toBeCloseTo(0.512 * truth.labelledVoxels, 9)
    }
  })

  test('gives the heuristic of ε that follows from its volumes', () => {
    // Expected: (210·95 + 75·110) / 285 / 0.512 = 193 voxels with all labels, 210·95 / 285 / 0.512 = 137 with those of HGG.
    const training = cohort.slice(57)
    const full = mean(training.map(({ truth }) => truth.labelledVoxels))
    const partial = mean(training.map(({ truth, group }) => (group === 'HGG' ? truth.labelledVoxels : 0)))
    // Standard error of either is 7 voxels; this cohort has 199.7 and 137.7.
    expect(Math.abs(full - 193)).toBeLessThan(21)
    expect(Math.abs(partial - 137)).toBeLessThan(21)
    expect(full).toBeCloseTo(199.74, 0)
    expect(partial).toBeCloseTo(137.67, 0)
  })

  test('can be told apart by enhancement, up to a ceiling of about .95', () => {
    // HGG enhance at rate .94 and LGG at .12. With both enhancing, U(.4, 1) exceeds U(.2, .6) at 11/12; with neither, half:
    // .94·.88 + .94·.12·11/12 + .06·.88/2 = .957. Standard error with 210 and 75 cases: .017. This cohort has .939.
    const area = separation(high.map(brightestRim), low.map(brightestRim))
    expect(Math.abs(area - 0.957)).toBeLessThan(0.05)
    expect(area).toBeCloseTo(0.939, 2)
    const rate = (cases: PhantomCase[]): number => mean(cases.map(({ truth }) => (truth.enhancement > 0.1 ? 1 : 0)))
    expect(Math.abs(rate(high) - 0.94)).toBeLessThan(0.06)
    expect(Math.abs(rate(low) - 0.12)).toBeLessThan(0.12)
  })

  test('is normalised inside the brain and 0 outside, where no tumour is', () => {
    for (const { modalities, segmentation } of cohort.slice(0, 20)) {
      const brain = [...modalities.flair.keys()].filter((i) => modalities.flair[i] !== 0)
      for (const name of bratsModalities) {
        const values = brain.map((i) => modalities[name][i] ?? 0)
        expect(mean(values)).toBeCloseTo(0, 5)
        expect(mean(values.map((v) => v * v))).toBeCloseTo(1, 4)
      }
      // Four thirds π of 70 × 74 × 44 mm, times U(.94, 1.04)³, in voxels of .512 ml: 1865 ± 11 %.
      expect(Math.abs(brain.length / 1865 - 1)).toBeLessThan(0.2)
      expect(segmentation.every((value, i) => value === 0 || modalities.t2[i] !== 0)).toBe(true)
    }
  })

  test('labels oedema around a core, and enhancing tumour where T1ce is bright', () => {
    for (const { group, segmentation, truth, modalities } of cohort) {
      expect(segmentation.every((value) => [0, 1, 2, 4].includes(value))).toBe(true)
      if (truth.enhancement === 0) expect(segmentation.some((value) => value === 1 || value === 4)).toBe(false)
      if (truth.enhancement < 0.4 || group === 'LGG') continue
      const t1ce = (label: number): number => mean([...modalities.t1ce].filter((_, i) => segmentation[i] === label))
      expect(t1ce(4)).toBeGreaterThan(t1ce(2))
    }
  })
})

describe('a subject', () => {
  test('is the same whatever the size and the order of its cohort, and another under another seed', () => {
    const small = [...bratsPhantom({ subjects: { HGG: 2, LGG: 1 } })]
    const large = new Map([...bratsPhantom({ subjects: { HGG: 5, LGG: 4 } })].map((item) => [item.id, item]))
    for (const item of small) expect(item).toEqual(large.get(item.id))
    const [first] = [...bratsPhantom({ subjects: { HGG: 1, LGG: 0 } })]
    const [other] = [...bratsPhantom({ subjects: { HGG: 1, LGG: 0 }, seed: 1 })]
    expect(first?.modalities.flair).not.toEqual(other?.modalities.flair)
  })

  test('has nearly the same volume on a grid of half the spacing', () => {
    const volumes = (grid: [number, number, number]): number[] =>
      [...bratsPhantom({ subjects: { HGG: 3, LGG: 0 }, grid })].map(({ truth }) => truth.labelledVolumeMl)
    for (const [i, volume] of volumes([40, 40, 24]).entries()) {
      expect(Math.abs(volume / (volumes([20, 20, 12])[i] ?? 0) - 1)).toBeLessThan(0.2)
    }
  })
})

describe('a random field', () => {
  test.prop([fc.nat(1000)], { numRuns: 20 })('is a sum of eight plane waves, however it is computed', (seed) => {
    const grid = makeGrid([5, 4, 3], [40, 32, 24])
    const random = new Generator(seed)
    const waves = Array.from({ length: 8 }, () => {
      const k = [random.normal(), random.normal(), random.normal()].map((value) => value / (30 * Math.sqrt(3)))
      return { k, phase: 2 * Math.PI * random.uniform() }
    })
    const direct = fieldOf(grid, (x, y, z) =>
      waves.reduce((sum, { k: [a = 0, b = 0, c = 0], phase }) => {
        return sum + Math.sqrt(2 / 8) * Math.cos(2 * Math.PI * (a * x + b * y + c * z) + phase)
      }, 0),
    )
    for (const [i, value] of randomField(grid, new Generator(seed), 30).entries()) {
      expect(value).toBeCloseTo(direct[i] ?? NaN, 12)
    }
  })

  test('has mean 0 and variance 1', () => {
    const grid = makeGrid([1, 1, 1], [8, 8, 8])
    const values = Array.from({ length: 4000 }, (_, seed) => randomField(grid, new Generator(seed), 30)[0] ?? NaN)
    // Standard errors: .016 of the mean, .02 of the variance.
    expect(Math.abs(mean(values))).toBeLessThan(0.06)
    expect(Math.abs(mean(values.map((v) => v * v)) - 1)).toBeLessThan(0.09)
  })
})

describe('a cohort on disk', () => {
  const options = { seed: 3, subjects: { HGG: 3, LGG: 2 } }

  test('reads back as it was made, in its order, with voxels of 0.512 ml around the origin', () => {
    const root = temporaryFolder()
    const seen: string[] = []
    const cohort = writeBratsPhantom(root, { ...options, onProgress: (n, total) => seen.push(`${n}/${total}`) })
    expect(seen).toEqual(['1/5', '2/5', '3/5', '4/5', '5/5'])
    expect(readCohort(root)).toEqual(cohort)
    const made = [...bratsPhantom(options)]
    const entries = orderBrats(root, 0)
    expect(entries.map(({ id }) => id)).toEqual(made.map(({ id }) => id))
    for (const [i, entry] of entries.entries()) {
      const original = made[i]
      const item = readBratsCase(entry, { normalize: false })
      expect([...item.image].filter((_, j) => j % 4 === 2)).toEqual([...(original?.modalities.t1ce ?? [])])
      expect(labelledVoxels(item)).toBe(original?.truth.labelledVoxels)
      expect(item.voxelVolumeMl).toBeCloseTo(0.512, 12)
      expect([...item.affine]).toEqual([8, 0, 0, -76, 0, 8, 0, -76, 0, 0, 8, -44, 0, 0, 0, 1])
      // Normalising what is normal changes float32 rounding only.
      const normalized = readBratsCase(entry)
      for (const [j, value] of normalized.image.entries()) expect(value).toBeCloseTo(item.image[j] ?? NaN, 4)
    }
  })

  test('that is complete is left alone, and one that was cut off is written again with the same bytes', () => {
    const root = temporaryFolder()
    writeBratsPhantom(root, options)
    const files = filesIn(root).filter((path) => path.endsWith('.gz') || path.endsWith('.json'))
    expect(files).toHaveLength(26)
    const bytes = files.map((path) => readFileSync(join(root, path), 'base64'))
    const times = files.map((path) => statSync(join(root, path)).mtimeMs)
    writeBratsPhantom(root, options)
    expect(files.map((path) => statSync(join(root, path)).mtimeMs)).toEqual(times)
    rmSync(join(root, 'cohort.json'))
    rmSync(join(root, 'LGG', 'Phantom18_LGG_002'), { recursive: true })
    writeFileSync(join(root, 'HGG', 'Phantom18_HGG_001', 'Phantom18_HGG_001_t1.nii.gz'), 'half')
    writeBratsPhantom(root, options)
    expect(files.map((path) => readFileSync(join(root, path), 'base64'))).toEqual(bytes)
  })

  test('is not written among cases of somebody else', () => {
    const root = temporaryFolder()
    mkdirSync(join(root, 'LGG', 'Brats18_X'), { recursive: true })
    expect(() => writeBratsPhantom(root, { subjects: 2 })).toThrow(/expected an empty folder.*LGG\/Brats18_X/)
    expect(filesIn(root)).toEqual(['LGG', join('LGG', 'Brats18_X')])
  })

  test('is never mixed with another one', () => {
    const root = temporaryFolder()
    writeBratsPhantom(root, options)
    const other = () => writeBratsPhantom(root, { ...options, seed: 4 })
    expect(other).toThrow(DataError)
    expect(other).toThrow(/cohort\.json\] expected .*seed 4.* got .*seed 3/)
  })

  test('of N subjects keeps the ratio of 210 to 75', () => {
    const counts = (subjects: number) => writeBratsPhantom(temporaryFolder(), { subjects, grid: [8, 8, 8] }).subjects
    expect(counts(19)).toEqual({ HGG: 14, LGG: 5 })
    expect(counts(1)).toEqual({ HGG: 1, LGG: 0 })
  })

  test('that cannot be written names the file, and has no cohort.json', () => {
    const root = temporaryFolder()
    writeFileSync(join(root, 'HGG'), 'in the way')
    expect(() => writeBratsPhantom(root, { subjects: { HGG: 1, LGG: 0 } })).toThrow(DataError)
    expect(filesIn(root)).toEqual(['HGG'])
    expect(() => listBrats(root)).toThrow(DataError)
  })

  test('of wrong options is refused by name', () => {
    const root = join(temporaryFolder(), 'none')
    expect(() => writeBratsPhantom(root, { subjects: 0 })).toThrow(/\[phantom\.subjects\]/)
    expect(() => writeBratsPhantom(root, { subjects: { HGG: 1, LGG: -1 } })).toThrow(/\[phantom\.subjects\.LGG\]/)
    expect(() => writeBratsPhantom(root, { seed: -1 })).toThrow(ConfigError)
    expect(() => writeBratsPhantom(root, { grid: [20, 20, 1.5] })).toThrow(/\[phantom\.grid\]/)
  })
})
