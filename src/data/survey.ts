/**
 * What a data set says about its labels, case by case and class by class: labelled, empty (annotated, none there) or missing (not
 * annotated). Only label files are read. What follows for a loss is said in study/advise.ts.
 */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { DataError } from '../tensor/errors.js'
import { type BratsRegion, bratsGroups, bratsRegions, listBrats, readBratsLabels } from './brats.js'
import { voxelVolumeMl } from './case.js'
import { describeCause, readJson } from './files.js'
import { volumeName } from './label-maps.js'
import { readNifti } from './nifti.js'

export type LabelState = 'labelled' | 'empty' | 'missing'

/** One class of one case. */
export interface SurveyedMap {
  readonly case: string
  /** The subject's group in the data set, such as 'HGG'; '' where it has none. */
  readonly group: string
  readonly class: string
  readonly state: LabelState
  readonly voxels: number
  readonly ml: number
}

export interface Survey {
  readonly folder: string
  readonly layout: 'brats' | 'labels'
  readonly cases: number
  readonly classes: readonly string[]
  /** Case after case, classes in order. */
  readonly maps: readonly SurveyedMap[]
  /**
   * Whether files tell missing from empty: a BraTS case without segmentation, or a list of what was annotated. Without it every map of
   * zeros counts as empty.
   */
  readonly tellsMissing: boolean
}

export interface SurveyOptions {
  /**
   * A JSON file { "case": [classes that were annotated in it] } for cases where that is not all; class names, or label values.
   */
  readonly annotated?: string
  readonly onProgress?: (done: number, total: number) => void
}

const annotatedSchema = z.record(z.string(), z.array(z.union([z.string(), z.int()])))

type Annotated = (id: string, name: string) => boolean

/** The volume of each class of one case in voxels; null where nobody annotated it. */
interface CaseVolumes {
  readonly id: string
  readonly group: string
  readonly voxelMl: number
  readonly volumes: ReadonlyMap<string, number> | null
}

/** Labels beyond this many are those of an image, not of a label map. */
const MOST_LABELS = 256

/**
 * Reads the labels of a data set: the layout of BraTS 2018 (HGG/ and LGG/, regions whole, core and enhancing), or a folder of
 * NIfTI label maps, one file per case: integers, 0 is background and every other value that occurs anywhere is a class; or
 * binary channels, one per class.
 *
 * Throws DataError naming the folder or file: nothing there, broken (see readNifti), values that are no labels, other numbers of
 * channels than before, a list of annotations that names a case or class that is not there.
 *
 * @example surveyLabels('data/BraTS2018').maps.filter(({ state }) => state === 'empty').length
 */
export function surveyLabels(folder: string, options: SurveyOptions = {}): Survey {
  const isBrats = bratsGroups.some((group) => existsSync(join(folder, group)))
  const { cases, classes } = isBrats ? bratsVolumes(folder, options) : labelVolumes(folder, options)
  const isAnnotated = annotationsOf(options.annotated, cases, classes)
  const maps = cases.flatMap(({ id, group, voxelMl, volumes }) =>
    classes.map((name): SurveyedMap => {
      const known = volumes !== null && isAnnotated(id, name)
      const voxels = known ? (volumes.get(name) ?? 0) : 0
      const state = known ? (voxels > 0 ? 'labelled' : 'empty') : 'missing'
      return { case: id, group, class: name, state, voxels, ml: voxels * voxelMl }
    }),
  )
  const tellsMissing = options.annotated !== undefined || cases.some(({ volumes }) => volumes === null)
  return { folder, layout: isBrats ? 'brats' : 'labels', cases: cases.length, classes, maps, tellsMissing }
}

interface Volumes {
  readonly cases: readonly CaseVolumes[]
  readonly classes: readonly string[]
}

function bratsVolumes(folder: string, { onProgress }: SurveyOptions): Volumes {
  const regions = Object.keys(bratsRegions) as BratsRegion[]
  const entries = listBrats(folder)
  const cases = entries.map((entry, done): CaseVolumes => {
    onProgress?.(done, entries.length)
    const { id, group } = entry
    const found = readBratsLabels(entry, regions)
    if (found === undefined) return { id, group, voxelMl: 0, volumes: null }
    const counts = regions.map(() => 0)
    found.label.forEach((value, i) => (counts[i % regions.length] = (counts[i % regions.length] ?? 0) + value))
    return {
      ...{ id, group, voxelMl: voxelVolumeMl(found.affine) },
      volumes: new Map(regions.map((name, k) => [name, counts[k] ?? 0])),
    }
  })
  onProgress?.(entries.length, entries.length)
  return { cases, classes: regions }
}

function labelVolumes(folder: string, { onProgress }: SurveyOptions): Volumes {
  const names = filesOf(folder)
  const first = { path: '', channels: 0 }
  const cases = names.map((name, done): CaseVolumes => {
    onProgress?.(done, names.length)
    const path = join(folder, name)
    const { data, channels, affine } = readNifti(path)
    if (done === 0) Object.assign(first, { path, channels })
    if (channels !== first.channels) {
      throw new DataError(path, `${first.channels} channels as in ${first.path}`, String(channels))
    }
    const volumes = channels === 1 ? volumesOfLabels(path, data) : volumesOfChannels(path, data, channels)
    return { id: volumeName(path), group: '', voxelMl: voxelVolumeMl(affine), volumes }
  })
  onProgress?.(names.length, names.length)
  const found = new Set(cases.flatMap(({ volumes }) => [...(volumes?.keys() ?? [])]))
  if (found.size === 0) throw new DataError(folder, 'label maps with a label', 'zeros only')
  if (found.size > MOST_LABELS)
    throw new DataError(folder, `label maps of at most ${MOST_LABELS} labels`, String(found.size))
  const number = (name: string): number => Number(name.replace(/\D+/, ''))
  return { cases, classes: [...found].sort((a, b) => number(a) - number(b)) }
}

function filesOf(folder: string): string[] {
  let entries: string[]
  try {
    entries = readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [] : entry.name))
  } catch (error) {
    throw new DataError(folder, 'a folder of label maps', describeCause(error), { cause: error })
  }
  const names = entries.filter((name) => /^[^.].*\.nii(\.gz)?$/.test(name)).sort((a, b) => (a < b ? -1 : 1))
  if (names.length === 0) throw new DataError(folder, 'HGG/ and LGG/ as in BraTS 2018, or NIfTI label maps', 'neither')
  return names
}

function volumesOfLabels(path: string, data: ArrayLike<number>): Map<string, number> {
  const counts = new Map<number, number>()
  for (let i = 0; i < data.length; i++) {
    const value = data[i] ?? 0
    if (value === 0) continue
    if (!Number.isInteger(value) || value < 0)
      throw new DataError(path, 'labels that are integers from 0 on', String(value))
    counts.set(value, (counts.get(value) ?? 0) + 1)
    if (counts.size > MOST_LABELS)
      throw new DataError(path, `a label map of at most ${MOST_LABELS} labels`, 'more, as an image has')
  }
  return new Map([...counts].map(([value, count]) => [`label ${value}`, count]))
}

function volumesOfChannels(path: string, data: ArrayLike<number>, channels: number): Map<string, number> {
  const counts = new Array<number>(channels).fill(0)
  for (let i = 0; i < data.length; i++) {
    const value = data[i] ?? 0
    if (value !== 0 && value !== 1) throw new DataError(path, 'binary channels (0 and 1)', String(value))
    counts[i % channels] = (counts[i % channels] ?? 0) + value
  }
  return new Map(counts.map((count, c) => [`class ${c}`, count]))
}

function annotationsOf(path: string | undefined, cases: readonly CaseVolumes[], classes: readonly string[]): Annotated {
  if (path === undefined) return () => true
  const lists = readJson(path, annotatedSchema)
  const byCase = new Map<string, Set<string>>()
  for (const [id, list] of Object.entries(lists)) {
    if (!cases.some((one) => one.id === id)) throw new DataError(path, `a case of the data set`, id)
    const names = list.map((item) => {
      const name = classes.find((one) => one === String(item) || one === `label ${item}` || one === `class ${item}`)
      if (name === undefined) throw new DataError(path, `classes of ${classes.join(', ')} in field ${id}`, String(item))
      return name
    })
    byCase.set(id, new Set(names))
  }
  return (id, name) => byCase.get(id)?.has(name) ?? true
}
