/** A cohort, a network and a run that take a second, for tests of everything around them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { writeBratsPhantom } from '../../src/data/phantom/brats.js'
import { type RunConfig, type RunConfigInput, runConfigSchema } from '../../src/study/config.js'

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'phigrad-study-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export function tinyInput(data: string, changes: Partial<RunConfigInput> = {}): RunConfigInput {
  return {
    name: 'tiny',
    study: 'brats',
    data: { layout: 'brats', folder: data },
    folds: 2,
    fold: 0,
    labelling: 'partial',
    replacedByEmpty: ['LGG'],
    loss: 'BI',
    phi: 'BI',
    epsilon: 1e-7,
    batch: 2,
    steps: 12,
    seed: 0,
    network: {
      levels: [
        { down: [2], up: [2] },
        { down: [2], up: [] },
      ],
    },
    checkpointEvery: 4,
    ...changes,
  }
}

export function tinyConfig(data: string, changes: Partial<RunConfigInput> = {}): RunConfig {
  return runConfigSchema.parse(tinyInput(data, changes))
}

/** Writes a cohort of 7 HGG and 5 LGG on 8×8×4 voxels; returns its folder. */
export function tinyCohort(folder: string): string {
  const cohort = join(folder, 'cohort')
  writeBratsPhantom(cohort, { subjects: { HGG: 7, LGG: 5 }, grid: [8, 8, 4] })
  return cohort
}

export function writeJson(path: string, value: unknown): string {
  writeFileSync(path, JSON.stringify(value))
  return path
}
