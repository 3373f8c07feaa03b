/** From a configuration to its cases: read, put in fold order, split, and relabelled as the labelling says. */
import { isAbsolute, join } from 'node:path'
import { readBratsCase } from '../data/brats.js'
import { type Case, replaceByEmpty } from '../data/case.js'
import { orderBrats } from '../data/cohort.js'
import { contiguousFolds } from '../statistics/folds.js'
import { ConfigError, DataError } from '../tensor/errors.js'
import type { RunConfig } from './config.js'

export interface CaseReference {
  readonly id: string
  readonly group: string
  /** Reads the case's files. Throws DataError naming the file that is wrong. */
  readonly read: () => Case
}

/** The data set's folder; a relative one is relative to the run's folder. */
export function dataFolder(data: RunConfig['data'], runFolder: string): string {
  return isAbsolute(data.folder) ? data.folder : join(runFolder, data.folder)
}

/** The cases in the order that folds are cut from; nothing but names is read. Throws DataError naming the folder. */
export function listCases(data: RunConfig['data'], runFolder: string): CaseReference[] {
  return orderBrats(dataFolder(data, runFolder), data.orderSeed).map((entry) => ({
    id: entry.id,
    group: entry.group,
    read: () => readBratsCase(entry),
  }))
}

export interface FoldSplit<T> {
  readonly training: T[]
  readonly validation: T[]
}

/** The cases of one fold. Throws ConfigError for a fold that is not there, or too few cases. */
export function splitFold<T>(cases: readonly T[], { fold, folds }: Pick<RunConfig, 'fold' | 'folds'>): FoldSplit<T> {
  const split = contiguousFolds(cases.length, folds)[fold]
  if (split === undefined) throw new ConfigError('fold', `a number from 0 to ${folds - 1}`, String(fold))
  const pick = (indices: readonly number[]): T[] => indices.flatMap((index) => cases[index] ?? [])
  return { training: pick(split.training), validation: pick(split.validation) }
}

/** The case as the network is trained on it: its labels are replaced by empty maps where its group is one of those. */
export function relabelled(item: Case, groups: readonly string[]): Case {
  return groups.includes(item.group) ? replaceByEmpty(item) : item
}

/**
 * Throws DataError, naming the case, where a network that halves its input `levels − 1` times cannot take the grid.
 * Nothing is resampled or padded: what the network sees is what the files hold.
 */
export function checkGrid(item: Case, levels: number): void {
  const factor = 2 ** (levels - 1)
  if (item.shape.every((size) => size % factor === 0)) return
  throw new DataError(`case ${item.id}`, `a grid of multiples of ${factor} voxels`, item.shape.join('×'))
}
