/**
 * table.json, table.md and report.html of a study, from what its runs left on the disk. Trains nothing, and reads no
 * volumes: the caller hands in the few that are shown.
 */
import { join } from 'node:path'
import { writeFileWhole } from '../../data/files.js'
import type { ExampleVolumes } from './examples.js'
import { page, type PageOptions } from './page.js'
import { readRuns } from './runs.js'
import { type Table, tableOfRuns, writeTable } from './table.js'

export interface ReportOptions extends PageOptions {
  /** Names of run folders that should be there; those that are not are listed as missing. */
  readonly expectedRuns?: readonly string[] | undefined
}

export interface Report {
  readonly path: string
  readonly table: Table
}

/**
 * Writes `outDir/table.json`, `outDir/table.md` and `outDir/report.html` from the runs under `outDir/runs`, and returns
 * the report's path and the table. The page is one file without scripts or external resources, and the same input gives
 * the same bytes.
 *
 * `examples` are the cases to picture, as volumes in C order (X, Y, Z); the predictions' keys are names of run folders.
 * A run that is missing or broken is listed as such in all three files.
 * Throws DataError where there is no folder of runs or a file cannot be written, ShapeError where a volume of an example
 * does not fit its shape.
 *
 * @example buildReport('runs/brats-quick', [], { command: 'phigrad reproduce --study brats --scale quick' }).path
 */
export function buildReport(
  outDir: string,
  examples: readonly ExampleVolumes[],
  { expectedRuns, ...options }: ReportOptions = {},
): Report {
  const study = readRuns(outDir, expectedRuns)
  const table = tableOfRuns(study)
  const text = page(study, table, examples, options)
  writeTable(outDir, table)
  const path = join(outDir, 'report.html')
  writeFileWhole(path, text)
  return { path, table }
}
