/**
 * What a study is: a source of cases and a list of runs on them, as data. brats.ts declares one; reproduce.ts performs any.
 */
import { labelledVoxels } from '../data/case.js'
import type { BratsPhantomOptions } from '../data/phantom/brats.js'
import { heuristicEpsilon } from '../losses/index.js'
import { DataError } from '../tensor/errors.js'
import { type RunConfig, type RunConfigInput, runConfigSchema } from './config.js'
import { type CaseReference, checkGrid, splitFold } from './source.js'

/** A run of a study: its configuration but for what follows from the study's data. */
export type RunPlan = Omit<RunConfigInput, 'study' | 'data' | 'epsilon'> & {
  /** 'heuristic': the mean labelled volume of the training maps as trained on, empty ones included (in voxels). */
  readonly epsilon: number | 'heuristic'
}

export interface StudyPlan {
  readonly name: string
  readonly data: RunConfig['data']
  /** The cohort to write in `data.folder` first; null for a data set that is there already. */
  readonly phantom: BratsPhantomOptions | null
  readonly runs: readonly RunPlan[]
}

/** What a study has to know of a case once its files were read and found whole. */
export interface CaseSummary {
  readonly id: string
  readonly group: string
  readonly shape: readonly [number, number, number]
  /** Labelled voxels of its only class. */
  readonly voxels: number
}

/**
 * Reads every case of the study once, so that a broken file ends the study before it began and memory holds one case at a
 * time.
 *
 * Throws DataError naming the file or case: see readBratsCase; or a grid that differs from the first case's or that the
 * networks cannot take.
 */
export function inspectCases(
  cases: readonly CaseReference[],
  plan: StudyPlan,
  onRead: (done: number) => void,
): CaseSummary[] {
  const levels = Math.max(1, ...plan.runs.map((run) => run.network?.levels.length ?? 1))
  let first: CaseSummary | undefined
  return cases.map((reference, index) => {
    const item = reference.read()
    const { id, group, shape } = item
    if (first !== undefined && first.shape.some((size, axis) => size !== shape[axis])) {
      throw new DataError(`case ${id}`, `a grid of ${first.shape.join('×')} as in ${first.id}`, shape.join('×'))
    }
    checkGrid(item, levels)
    const summary = { id, group, shape, voxels: labelledVoxels(item) }
    first ??= summary
    onRead(index + 1)
    return summary
  })
}

/** The complete configurations of a plan's runs: heuristic ε becomes a number. Throws ConfigError for a fold too many. */
export function resolveRuns(plan: StudyPlan, cases: readonly CaseSummary[]): RunConfig[] {
  return plan.runs.map((run) => {
    const { training } = splitFold(cases, { fold: run.fold, folds: run.folds ?? 5 })
    const volumes = training.map(({ group, voxels }) => (run.replacedByEmpty.includes(group) ? 0 : voxels))
    const [heuristic] = heuristicEpsilon(volumes)
    const epsilon = run.epsilon === 'heuristic' ? heuristic : run.epsilon
    return runConfigSchema.parse({ ...run, study: plan.name, data: plan.data, epsilon })
  })
}
