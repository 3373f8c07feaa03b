/** The volumes that the report shows: of each group, the validation case of median size, with every run's prediction. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { bratsModalities, type BratsModality } from '../data/brats.js'
import type { Case } from '../data/case.js'
import { readNifti } from '../data/nifti.js'
import { DataError } from '../tensor/errors.js'
import { type RunConfig, readRunConfig } from './config.js'
import type { ExampleVolumes } from './report/examples.js'
import { GROUPS, readRuns } from './report/runs.js'
import { PREDICTIONS_FOLDER } from './run.js'
import { listCases } from './source.js'

/** One channel (X, Y, Z) of an image (X, Y, Z, C). */
function channelOf(item: Case, modality: BratsModality): Float32Array {
  const channel = bratsModalities.indexOf(modality)
  return Float32Array.from(
    { length: item.image.length / item.channels },
    (_, voxel) => item.image[voxel * item.channels + channel] ?? 0,
  )
}

interface FinishedRun {
  readonly name: string
  readonly folder: string
  readonly config: RunConfig
}

function exampleOf(id: string, runs: readonly FinishedRun[], read: () => Case): ExampleVolumes | undefined {
  const item = read()
  const group = GROUPS.find((name) => name === item.group)
  if (group === undefined) return undefined
  const predictions = runs.flatMap(({ name, folder }) => {
    const path = join(folder, PREDICTIONS_FOLDER, `${id}.nii.gz`)
    return existsSync(path) ? [[name, readNifti(path).data] as const] : []
  })
  return {
    ...{ id, group, shape: item.shape, affine: item.affine, reference: item.label },
    flair: channelOf(item, 'flair'),
    t1ce: channelOf(item, 't1ce'),
    predictions: Object.fromEntries(predictions.map(([name, data]) => [name, Uint8Array.from(data)])),
  }
}

/**
 * The example cases of the finished runs under `out/runs`, one for each group; none where no run has finished.
 *
 * Throws DataError naming the folder or file where the data set of the runs can no longer be read.
 *
 * @example buildReport(out, loadExamples(out))
 */
export function loadExamples(out: string): ExampleVolumes[] {
  const finished = readRuns(out).runs
  const [first] = finished
  if (first === undefined) return []
  const runs = finished.map(({ name }): FinishedRun => {
    const folder = join(out, 'runs', name)
    return { name, folder, config: readRunConfig(join(folder, 'config.json')) }
  })
  const [reference] = runs
  if (reference === undefined) return []
  const references = new Map(
    listCases(reference.config.data, reference.folder).map((entry) => [entry.id, entry] as const),
  )
  return GROUPS.flatMap((group) => {
    const members = first.cases
      .filter((one) => one.group === group)
      .sort((a, b) => a.referenceVolumeMl - b.referenceVolumeMl || (a.id < b.id ? -1 : 1))
    const median = members[Math.floor(members.length / 2)]
    if (median === undefined) return []
    const entry = references.get(median.id)
    if (entry === undefined) throw new DataError(out, `case ${median.id} in the data set of the runs`, 'none')
    return exampleOf(median.id, runs, entry.read) ?? []
  })
}
