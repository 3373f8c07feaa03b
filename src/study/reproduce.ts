/**
 * A study from nothing to its report: cohort, configurations, runs side by side, table and page. Every step leaves whole
 * files and is skipped where they are there, so that the same call goes on wherever it was stopped.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { readCohort } from '../data/cohort.js'
import { readJson, writeFileWhole } from '../data/files.js'
import { writeBratsPhantom } from '../data/phantom/brats.js'
import { PhigradError } from '../tensor/errors.js'
import type { RunConfig } from './config.js'
import type { Listener } from './events.js'
import { loadExamples } from './examples.js'
import { acquireLock } from './lock.js'
import { type Report, buildReport } from './report/report.js'
import { claimFolder } from './run.js'
import { listCases } from './source.js'
import { type CaseSummary, type StudyPlan, inspectCases, resolveRuns } from './study.js'
import { type RunError, performJobs } from './workers.js'

const STUDY_FILE = 'study.json'

export interface ReproduceOptions {
  /** The folder of the results. */
  readonly out: string
  /** Runs side by side. */
  readonly jobs: number
  /** The program whose `train` command performs a run. */
  readonly program: string
  /** What one must call to get the same again; the report says so. */
  readonly command: string
  readonly onEvent: Listener
  /**
   * Called when the study begins to wait for its runs, whose signal then ends it in order. What comes before never gives
   * way to a signal handler, and a signal may end it at once: only whole files are left.
   */
  readonly stopSignal: () => AbortSignal
}

export interface Reproduction extends Report {
  /** Runs that ended without a result; the report lists them as missing. */
  readonly failed: readonly RunError[]
}

/**
 * Performs a study, or what is left of it. Null where it was stopped by the signal.
 *
 * Throws ConfigError where the folder belongs to another study or process, DataError naming the file that is wrong.
 */
export async function reproduce(plan: StudyPlan, options: ReproduceOptions): Promise<Reproduction | null> {
  const { out, jobs, program, onEvent } = options
  const lock = await acquireLock(out)
  try {
    const configs = prepare(plan, options)
    const signal = options.stopSignal()
    const folders = configs.map(({ name }) => ({ name, config: join(runFolder(out, name), 'config.json') }))
    const failed = await performJobs(folders, { program, jobs, onEvent, signal })
    if (signal.aborted) return null
    return { ...writeReport(out, onEvent), failed }
  } finally {
    lock.release()
  }
}

function runFolder(out: string, name: string): string {
  return join(out, 'runs', name)
}

/** The cohort, read and found whole, and a folder with a configuration for every run. */
function prepare(plan: StudyPlan, { out, command, onEvent }: ReproduceOptions): RunConfig[] {
  if (plan.phantom !== null) {
    const cohort = join(out, 'cohort')
    const fresh = readCohort(cohort) === undefined
    const onProgress = (done: number, total: number): void =>
      fresh ? onEvent({ event: 'cohort', action: 'write', done, total }) : undefined
    writeBratsPhantom(cohort, { ...plan.phantom, onProgress })
  }
  const [first] = plan.runs
  const cases = listCases(plan.data, runFolder(out, first?.name ?? 'run'))
  const total = cases.length
  const summaries = inspectCases(cases, plan, (done) => onEvent({ event: 'cohort', action: 'read', done, total }))
  const configs = resolveRuns(plan, summaries)
  for (const config of configs) claimFolder(runFolder(out, config.name), config)
  writeStudyFile(out, {
    study: plan.name,
    data: describeData(plan, summaries),
    command,
    runs: configs.map(({ name }) => name),
  })
  return configs
}

function describeData({ phantom, data }: StudyPlan, cases: readonly CaseSummary[]): string {
  const groups = [...new Set(cases.map(({ group }) => group))].sort()
  const counts = groups.map((name) => `${cases.filter(({ group }) => group === name).length} ${name}`).join(', ')
  const source = phantom === null ? data.folder : `phantom cohort, seed ${phantom.seed ?? 0}`
  return `${source}: ${counts}, ${cases[0]?.shape.join('×') ?? 'no'} voxels each`
}

/** study.json: what the report says of the study as a whole. */
const studyFileSchema = z.object({
  study: z.string(),
  data: z.string(),
  command: z.string(),
  runs: z.array(z.string()),
})

function writeStudyFile(out: string, content: z.infer<typeof studyFileSchema>): void {
  writeFileWhole(join(out, STUDY_FILE), `${JSON.stringify(content, null, 2)}\n`)
}

/**
 * Table and page of what is in a study's folder, finished or not. Where the data set is gone, the page goes without example
 * slices and an event says so.
 *
 * Throws DataError where there is no folder of runs, or a file cannot be written.
 *
 * @example console.log(writeReport('runs/brats-quick', () => {}).path)
 */
export function writeReport(out: string, onEvent: Listener): Report {
  const path = join(out, STUDY_FILE)
  const about = existsSync(path) ? readJson(path, studyFileSchema) : undefined
  const { data, command, runs } = about ?? {}
  const report = buildReport(out, examplesOrNotice(out, onEvent), { data, command, expectedRuns: runs })
  onEvent({ event: 'report', table: join(out, 'table.json'), report: report.path })
  return report
}

function examplesOrNotice(out: string, onEvent: Listener): ReturnType<typeof loadExamples> {
  try {
    return loadExamples(out)
  } catch (error) {
    if (!(error instanceof PhigradError)) throw error
    onEvent({ event: 'notice', message: `no example slices: ${error.message}` })
    return []
  }
}
