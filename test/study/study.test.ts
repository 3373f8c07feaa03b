import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { labelledVoxels } from '../../src/data/case.js'
import { bratsCommand, bratsStudy } from '../../src/study/brats.js'
import { listCases, relabelled, splitFold } from '../../src/study/source.js'
import { type CaseSummary, inspectCases, resolveRuns } from '../../src/study/study.js'
import { ConfigError, DataError } from '../../src/tensor/errors.js'
import { temporaryFolder, tinyCohort } from './tiny.js'
import { writeBratsPhantom } from '../../src/data/phantom/brats.js'

const quick = bratsStudy({ scale: 'quick', seed: 0, fold: 0, data: null })

/** n cases, every third one LGG; case i has 100 + i labelled voxels. */
function summaries(n: number): CaseSummary[] {
  return Array.from({ length: n }, (_, i) => ({
    id: `case_${i}`,
    group: i % 3 === 0 ? 'LGG' : 'HGG',
    shape: [20, 20, 12],
    voxels: 100 + i,
  }))
}

describe('the BRATS study at quick scale', () => {
  test('has the six runs {full, partial} × {I, BI, I_eps} at B = 2, all with seed 0', () => {
    const runs = resolveRuns(quick, summaries(285))
    expect(runs.map(({ name }) => name)).toEqual([
      ...['full-I', 'full-BI', 'full-I_eps', 'partial-I', 'partial-BI', 'partial-I_eps'],
    ])
    expect(runs.map(({ phi }) => phi)).toEqual(['I', 'BI', 'I', 'I', 'BI', 'I'])
    for (const run of runs)
      expect(run).toMatchObject({ batch: 2, steps: 600, seed: 0, fold: 0, folds: 5, device: 'cpu' })
  })

  test('replaces the labels of LGG by empty maps in the partially labelled runs only', () => {
    const emptied = resolveRuns(quick, summaries(285)).map(({ replacedByEmpty }) => replacedByEmpty)
    expect(emptied).toEqual([[], [], [], ['LGG'], ['LGG'], ['LGG']])
  })

  test('takes ε as the mean volume of the training maps as trained on, empty ones included', () => {
    // Fold 0 of 10 cases in 5 folds trains on cases 2 … 9, of which 3, 6 and 9 are LGG.
    const epsilons = resolveRuns(quick, summaries(10)).map(({ epsilon }) => epsilon)
    const full = (102 + 103 + 104 + 105 + 106 + 107 + 108 + 109) / 8
    const partial = (102 + 104 + 105 + 107 + 108) / 8
    expect(epsilons).toEqual([1e-7, 1e-7, full, 1e-7, 1e-7, partial])
  })

  test('reads its phantom from its own folder and real data from where these are', () => {
    expect(quick.data.folder).toBe('../../cohort')
    expect(quick.phantom).toEqual({ seed: 0 })
    const real = bratsStudy({ scale: 'quick', seed: 3, fold: 1, data: 'brats18' })
    expect(real.data).toEqual({ layout: 'brats', folder: join(process.cwd(), 'brats18'), orderSeed: 3 })
    expect(real.phantom).toBeNull()
  })

  test('says which command does it again', () => {
    const command = bratsCommand({ scale: 'quick', seed: 1, fold: 2, data: null })
    expect(command).toBe('phigrad reproduce --study brats --scale quick --seed 1 --fold 2')
  })

  test('refuses a fold that is not there', () => {
    const plan = bratsStudy({ scale: 'quick', seed: 0, fold: 5, data: null })
    expect(() => resolveRuns(plan, summaries(285))).toThrow(ConfigError)
    expect(() => resolveRuns(plan, summaries(285))).toThrow('[fold] expected a number from 0 to 4, got 5')
  })
})

describe('the cases of a study', () => {
  const data = (folder: string) => ({ layout: 'brats' as const, folder, orderSeed: 0 })

  test('fall into folds that validate every case once', () => {
    const cohort = tinyCohort(temporaryFolder())
    const cases = listCases(data(cohort), '.')
    const splits = [0, 1].map((fold) => splitFold(cases, { fold, folds: 2 }))
    expect(splits.flatMap(({ validation }) => validation.map(({ id }) => id))).toEqual(cases.map(({ id }) => id))
    for (const { training, validation } of splits) {
      const both = new Set([...training, ...validation].map(({ id }) => id))
      expect(both.size).toBe(training.length + validation.length)
      expect(both.size).toBe(12)
    }
  })

  test('are read once, with their labelled voxels', () => {
    const folder = temporaryFolder()
    const cohort = join(folder, 'cohort')
    const { truth } = writeBratsPhantom(cohort, { subjects: { HGG: 2, LGG: 2 }, grid: [8, 8, 4] })
    const seen: number[] = []
    const found = inspectCases(listCases(data(cohort), '.'), quick, (done) => seen.push(done))
    expect(seen).toEqual([1, 2, 3, 4])
    expect(found.map(({ id, voxels }) => [id, voxels])).toEqual(found.map(({ id }) => [id, truth[id]?.labelledVoxels]))
  })

  test('of the groups named are trained on with empty maps, which are not missing ones', () => {
    const cases = listCases(data(tinyCohort(temporaryFolder())), '.').map(({ read }) => read())
    for (const item of cases) {
      const seen = relabelled(item, ['LGG'])
      expect(labelledVoxels(seen)).toBe(item.group === 'LGG' ? 0 : labelledVoxels(item))
      expect(seen.annotated).toEqual([true])
    }
  })

  test('must lie on a grid that the networks can halve', () => {
    const cohort = join(temporaryFolder(), 'cohort')
    writeBratsPhantom(cohort, { subjects: { HGG: 1, LGG: 1 }, grid: [10, 10, 6] })
    const inspect = () => inspectCases(listCases(data(cohort), '.'), quick, () => undefined)
    expect(inspect).toThrow(DataError)
    expect(inspect).toThrow(/case Phantom18_\w+\] expected a grid of multiples of 4 voxels, got 10×10×6/)
  })
})
