/**
 * The BRATS-like phantom cohort: subjects of brats-subject.ts on an 8 mm grid, shuffled, written in the layout of
 * BraTS 2018. Each subject has a random stream of its own, keyed by its group and number, so that it is the same
 * whatever the order and the size of the cohort. Math.exp and Math.cos differ in the last bit between engines, which is
 * why runs read the cohort from its files rather than make it anew.
 */
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { ConfigError, DataError } from '../../tensor/errors.js'
import { Generator } from '../../tensor/random.js'
import type { BratsEntry, BratsGroup } from '../brats.js'
import { bratsGroups, writeBratsCase } from '../brats.js'
import type { Cohort } from '../cohort.js'
import { COHORT_FILE, readCohort, writeCohort } from '../cohort.js'
import { makeFolder } from '../files.js'
import type { PhantomSubject } from './brats-subject.js'
import { bratsSubject } from './brats-subject.js'
import type { Triple } from './field.js'
import { gridAffine, makeGrid } from './field.js'

const RECIPE = 'BRATS-like phantom'
const VERSION = 1
/** 80×80×48 voxels of 2 mm in the paper. */
const FIELD_OF_VIEW: Triple = [160, 160, 96]
const ORDER_STREAM = 2 ** 41
const SUBJECT_STREAMS = 2 ** 42
/** Of the 285 training subjects of BraTS 2018. */
const SUBJECTS = { HGG: 210, LGG: 75 }

export interface BratsPhantomOptions {
  /** By default 0. */
  readonly seed?: number
  /** A number, split as in BraTS 2018 (210 to 75), or one for each group; by default 285. */
  readonly subjects?: number | Readonly<Record<BratsGroup, number>>
  /** (X, Y, Z) in voxels over 160×160×96 mm; by default (20, 20, 12), voxels of 8 mm. */
  readonly grid?: Triple
  /** Called after each subject. */
  readonly onProgress?: (written: number, total: number) => void
}

interface Plan {
  readonly seed: number
  readonly subjects: Record<BratsGroup, number>
  readonly grid: [number, number, number]
}

function checkCount(name: string, value: number, least: number): number {
  if (Number.isSafeInteger(value) && value >= least) return value
  throw new ConfigError(`phantom.${name}`, `an integer of at least ${least}`, String(value))
}

function planOf(options: BratsPhantomOptions): Plan {
  const { seed = 0, subjects = SUBJECTS.HGG + SUBJECTS.LGG, grid = [20, 20, 12] } = options
  checkCount('seed', seed, 0)
  for (const size of grid) checkCount('grid', size, 4)
  if (typeof subjects !== 'number') {
    const [HGG, LGG] = [checkCount('subjects.HGG', subjects.HGG, 0), checkCount('subjects.LGG', subjects.LGG, 0)]
    checkCount('subjects', HGG + LGG, 1)
    return { seed, grid: [...grid], subjects: { HGG, LGG } }
  }
  const HGG = Math.round((checkCount('subjects', subjects, 1) * SUBJECTS.HGG) / (SUBJECTS.HGG + SUBJECTS.LGG))
  return { seed, grid: [...grid], subjects: { HGG, LGG: subjects - HGG } }
}

interface Planned {
  readonly id: string
  readonly group: BratsGroup
  readonly stream: number
}

function planned(group: BratsGroup, number: number): Planned {
  const id = `Phantom18_${group}_${String(number).padStart(3, '0')}`
  return { id, group, stream: SUBJECT_STREAMS + 2 * number + bratsGroups.indexOf(group) }
}

/** The subjects in the shuffled order that folds are cut from. */
function shuffled({ seed, subjects }: Plan): Planned[] {
  const sorted = bratsGroups.flatMap((group) =>
    Array.from({ length: subjects[group] }, (_, i) => planned(group, i + 1)),
  )
  return [...new Generator(seed, ORDER_STREAM).permutation(sorted.length)].flatMap((i) => sorted[i] ?? [])
}

export type PhantomCase = PhantomSubject & Pick<BratsEntry, 'id' | 'group'>

/**
 * The cohort's subjects in fold order, one at a time, in memory.
 *
 * @example for (const { group, truth } of bratsPhantom({ seed: 1 })) console.log(group, truth.labelledVolumeMl)
 */
export function* bratsPhantom(options: BratsPhantomOptions = {}): IterableIterator<PhantomCase> {
  const plan = planOf(options)
  const grid = makeGrid(plan.grid, FIELD_OF_VIEW)
  for (const { id, group, stream } of shuffled(plan)) {
    yield { id, group, ...bratsSubject(grid, new Generator(plan.seed, stream), group) }
  }
}

/** The plan of a cohort that is there already; throws where it is another one than that asked for. */
function existing(root: string, plan: Plan): Cohort | undefined {
  const found = readCohort(root)
  if (found === undefined) return undefined
  const describe = ({ recipe, version, seed, subjects, grid }: Omit<Cohort, 'order' | 'truth'>): string =>
    `${recipe} ${version}, seed ${seed}, ${subjects.HGG} HGG, ${subjects.LGG} LGG, grid ${grid.join('×')}`
  const wanted = describe({ recipe: RECIPE, version: VERSION, ...plan })
  if (describe(found) === wanted) return found
  throw new DataError(join(root, COHORT_FILE), `${wanted} (or an empty folder)`, describe(found))
}

/** A cohort that was cut off may be written again; a folder with anybody else's cases may not. */
function checkOwn(root: string, plan: Plan): void {
  const own = new Set(shuffled(plan).map(({ id }) => id))
  for (const group of bratsGroups) {
    const folder = join(root, group)
    const foreign =
      statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true
        ? readdirSync(folder).find((name) => !own.has(name))
        : undefined
    if (foreign !== undefined)
      throw new DataError(root, 'an empty folder, or one of this cohort only', join(group, foreign))
  }
}

/**
 * Writes a cohort in the layout of BraTS 2018, and cohort.json last. Where the same cohort is complete already it is left
 * as it is; one that was cut off is written again.
 *
 * Modalities are float32, mean 0 and standard deviation 1 inside the brain and 0 outside; voxels are 8 mm (0.512 ml) by
 * default with the centre of the field of view at the origin.
 *
 * Throws ConfigError for an option that is wrong, DataError naming the file that cannot be written, or a cohort.json of
 * another cohort.
 *
 * @example const { order } = writeBratsPhantom('runs/cohort', { seed: 0 })
 */
export function writeBratsPhantom(root: string, options: BratsPhantomOptions = {}): Cohort {
  const plan = planOf(options)
  const complete = existing(root, plan)
  if (complete !== undefined) return complete
  makeFolder(root)
  checkOwn(root, plan)
  const affine = gridAffine(makeGrid(plan.grid, FIELD_OF_VIEW))
  const cohort: Cohort = { recipe: RECIPE, version: VERSION, ...plan, order: [], truth: {} }
  const total = plan.subjects.HGG + plan.subjects.LGG
  for (const { id, group, modalities, segmentation, truth } of bratsPhantom(options)) {
    writeBratsCase(root, { id, group }, { shape: plan.grid, affine, modalities, segmentation })
    cohort.order.push(id)
    cohort.truth[id] = truth
    options.onProgress?.(cohort.order.length, total)
  }
  writeCohort(root, cohort)
  return cohort
}
