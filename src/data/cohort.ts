/**
 * cohort.json: what a generated cohort says of itself: recipe, seed, the shuffled order that folds are cut from, and the
 * truth behind each case. It is written last, so that its presence means that the cohort is complete.
 * Real data sets have no such file; their order is then a seeded permutation of the sorted list.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { DataError } from '../tensor/errors.js'
import { Generator } from '../tensor/random.js'
import type { BratsEntry } from './brats.js'
import { listBrats } from './brats.js'
import { readJson, writeFileWhole } from './files.js'

export const COHORT_FILE = 'cohort.json'

/** Streams of this room start here, apart from those that initialise networks under the same seed. */
const ORDER_STREAM = 2 ** 40

const size = z.int().positive()
const count = z.int().nonnegative()

const cohortSchema = z.strictObject({
  /** What made it, and the version of that recipe: equal versions and options give the same subjects. */
  recipe: z.string(),
  version: z.int(),
  seed: z.int(),
  /** (X, Y, Z) in voxels. */
  grid: z.tuple([size, size, size]),
  subjects: z.strictObject({ HGG: count, LGG: count }),
  /** Case ids in the shuffled order that folds are cut from. */
  order: z.array(z.string()),
  truth: z.record(
    z.string(),
    z.strictObject({
      drawnVolumeMl: z.number(),
      labelledVolumeMl: z.number(),
      labelledVoxels: count,
      enhancement: z.number(),
    }),
  ),
})

export type Cohort = z.infer<typeof cohortSchema>

/** The cohort.json of a folder, or undefined where there is none. Throws DataError naming the file and the field. */
export function readCohort(root: string): Cohort | undefined {
  const path = join(root, COHORT_FILE)
  return existsSync(path) ? readJson(path, cohortSchema) : undefined
}

/** Writes cohort.json whole; the last step of writing a cohort. Throws DataError. */
export function writeCohort(root: string, cohort: Cohort): void {
  writeFileWhole(join(root, COHORT_FILE), `${JSON.stringify(cohort, undefined, 2)}\n`)
}

/**
 * The cases of a BraTS folder in the order that folds are cut from: that of cohort.json where there is one, else the
 * sorted list permuted by `seed`. The same folder and seed give the same order on every machine.
 *
 * Throws DataError naming the folder or file: no cases, a broken cohort.json, a case that is only in one of the two.
 *
 * @example const cases = orderBrats('data', 0).map((entry) => readBratsCase(entry))
 */
export function orderBrats(root: string, seed: number): BratsEntry[] {
  const entries = listBrats(root)
  const cohort = readCohort(root)
  if (cohort === undefined) {
    return [...new Generator(seed, ORDER_STREAM).permutation(entries.length)].flatMap((i) => entries[i] ?? [])
  }
  const path = join(root, COHORT_FILE)
  const byId = new Map(entries.map((entry) => [entry.id, entry]))
  const ordered = cohort.order.map((id) => {
    const entry = byId.get(id)
    if (entry === undefined) throw new DataError(path, `a folder for every case of field order`, `none for ${id}`)
    byId.delete(id)
    return entry
  })
  const [extra] = byId.keys()
  if (extra !== undefined) throw new DataError(path, 'every case folder in field order', `${extra} is not there`)
  return ordered
}
