/**
 * Reads what a study left in its output folder: a configuration, a log and metrics per run. A run that is missing or
 * broken is named with the reason and never stops the others. Writes nothing, computes nothing.
 */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { describeCause, readBytes, readJson } from '../../data/files.js'
import { DataError } from '../../tensor/errors.js'

export const LABELLINGS = ['full', 'partial'] as const
export const LOSSES = ['I', 'BI', 'I_eps'] as const
export const GROUPS = ['HGG', 'LGG'] as const

export type Labelling = (typeof LABELLINGS)[number]
export type Loss = (typeof LOSSES)[number]
export type Group = (typeof GROUPS)[number]

const count = z.number().int().nonnegative()

/** Fields that the report does not know are kept: it lists the whole configuration. */
const runConfigSchema = z.looseObject({
  name: z.string(),
  study: z.string(),
  labelling: z.enum(LABELLINGS),
  loss: z.enum(LOSSES),
  phi: z.string(),
  epsilon: z.number().nonnegative(),
  batch: z.number().int().positive(),
  fold: count,
  seed: z.number().int(),
  steps: count,
})

const metricsSchema = z.looseObject({
  cases: z.array(
    z.looseObject({
      id: z.string(),
      group: z.enum(GROUPS),
      dsc: z.number().nullable(),
      deltaVolumeMl: z.number(),
      predictedVolumeMl: z.number(),
      referenceVolumeMl: z.number(),
    }),
  ),
})

const logEntrySchema = z.looseObject({ step: count, loss: z.number(), stepsPerSecond: z.number().optional() })

export type RunConfig = z.infer<typeof runConfigSchema>
export type CaseMetrics = z.infer<typeof metricsSchema>['cases'][number]
export type LogEntry = z.infer<typeof logEntrySchema>

export interface Run {
  /** The name of the run's folder, which is also its key among the predictions of an example. */
  readonly name: string
  readonly config: RunConfig
  readonly cases: readonly CaseMetrics[]
  /** Ascending in steps, one entry a step; empty where there is no log. */
  readonly log: readonly LogEntry[]
  readonly unreadableLogLines: number
}

export interface MissingRun {
  readonly name: string
  readonly reason: string
}

export interface StudyRuns {
  readonly runs: readonly Run[]
  readonly missing: readonly MissingRun[]
}

/**
 * The finished runs under `outDir/runs`, fully labelled ones first, then by fold, seed, batch size and loss; and the
 * runs that cannot be shown: folders that lack a file or hold a broken one, and names in `expectedRuns` that have no folder.
 *
 * Throws DataError where `outDir/runs` is not a folder that can be read.
 *
 * @example const { runs, missing } = readRuns('runs/brats-quick')
 */
export function readRuns(outDir: string, expectedRuns: readonly string[] = []): StudyRuns {
  const folder = join(outDir, 'runs')
  const names = new Set([...listFolders(folder), ...expectedRuns])
  const runs: Run[] = []
  const missing: MissingRun[] = []
  for (const name of [...names].sort()) {
    try {
      runs.push(readRun(join(folder, name), name))
    } catch (error) {
      if (!(error instanceof DataError)) throw error
      missing.push({ name, reason: error.message.replaceAll(`${outDir}/`, '') })
    }
  }
  return { runs: runs.sort(compareRuns), missing }
}

function listFolders(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
      .map((entry) => entry.name)
  } catch (error) {
    throw new DataError(folder, 'a folder of runs', describeCause(error), { cause: error })
  }
}

function readRun(folder: string, name: string): Run {
  const config = readJson(join(folder, 'config.json'), runConfigSchema)
  const { cases } = readJson(join(folder, 'metrics.json'), metricsSchema)
  return { name, config, cases, ...readLog(join(folder, 'log.jsonl')) }
}

/**
 * A run that was killed while it wrote leaves half a line, and one that went on from a checkpoint logs some steps twice:
 * half lines are counted and left out, and of a step the entry that was written last holds.
 */
function readLog(path: string): Pick<Run, 'log' | 'unreadableLogLines'> {
  if (!existsSync(path)) return { log: [], unreadableLogLines: 0 }
  const entries = new Map<number, LogEntry>()
  let unreadableLogLines = 0
  for (const line of readBytes(path).toString('utf8').split('\n')) {
    if (line.trim() === '') continue
    const entry = parseLogLine(line)
    if (entry === undefined) unreadableLogLines += 1
    else entries.set(entry.step, entry)
  }
  return { log: [...entries.values()].sort((a, b) => a.step - b.step), unreadableLogLines }
}

function parseLogLine(line: string): LogEntry | undefined {
  try {
    return logEntrySchema.safeParse(JSON.parse(line)).data
  } catch {
    return undefined
  }
}

function compareRuns(a: Run, b: Run): number {
  return (
    LABELLINGS.indexOf(a.config.labelling) - LABELLINGS.indexOf(b.config.labelling) ||
    a.config.fold - b.config.fold ||
    a.config.seed - b.config.seed ||
    a.config.batch - b.config.batch ||
    LOSSES.indexOf(a.config.loss) - LOSSES.indexOf(b.config.loss) ||
    (a.name < b.name ? -1 : 1)
  )
}
