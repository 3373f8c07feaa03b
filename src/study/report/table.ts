/**
 * Table 1 of the paper for the runs of a study: mean DSC and mean ΔV for both groups, and the AUC of Fig. 2.
 * One row per run in table.json; in table.md and on the terminal the losses stand side by side, as in the paper.
 */
import { join } from 'node:path'
import { writeFileWhole } from '../../data/files.js'
import { formatFixed } from '../../figures/format.js'
import { areaUnderCurve } from '../../metrics/index.js'
import { LABELLING_NAMES, LOSS_NAMES } from './format.js'
import { GROUPS, type Group, type Labelling, type Loss, LOSSES, type MissingRun, readRuns, type Run } from './runs.js'
import type { StudyRuns } from './runs.js'

export type PerGroup = Record<Group, number | null>

export interface TableRow {
  readonly run: string
  readonly labelling: Labelling
  readonly loss: Loss
  readonly batch: number
  readonly fold: number
  readonly seed: number
  /** Number of validation cases. */
  readonly cases: Record<Group, number>
  /** Mean over the group's cases; cases without a DSC (null) are left out. Null where no case is left. */
  readonly dsc: PerGroup
  /** Mean of predicted − reference volume, in ml. */
  readonly deltaVolumeMl: PerGroup
  /** HGG against LGG by predicted volume (Fig. 2); null where a group has no case. */
  readonly auc: number | null
}

export interface Table {
  readonly rows: readonly TableRow[]
  readonly missing: readonly MissingRun[]
}

/**
 * Reads the runs under `outDir/runs`, writes `outDir/table.json` and `outDir/table.md` and returns the table.
 * Runs that are missing or broken are listed in `missing`. Throws DataError where there is no folder of runs or where
 * a file cannot be written. Source of the columns: Tilborghs, Bertels et al., MICCAI 2022, Table 1 and Fig. 2.
 *
 * @example console.log(renderTable(buildTable('runs/brats-quick')))
 */
export function buildTable(outDir: string, expectedRuns: readonly string[] = []): Table {
  const table = tableOfRuns(readRuns(outDir, expectedRuns))
  writeTable(outDir, table)
  return table
}

export function tableOfRuns({ runs, missing }: StudyRuns): Table {
  return { rows: runs.map(rowOfRun), missing }
}

export function writeTable(outDir: string, table: Table): void {
  writeFileWhole(join(outDir, 'table.json'), `${JSON.stringify(table, null, 2)}\n`)
  writeFileWhole(join(outDir, 'table.md'), tableMarkdown(table))
}

function rowOfRun({ name, config, cases }: Run): TableRow {
  const ofGroup = (group: Group) => cases.filter((one) => one.group === group)
  const perGroup = <T>(value: (members: Run['cases']) => T): Record<Group, T> => ({
    HGG: value(ofGroup('HGG')),
    LGG: value(ofGroup('LGG')),
  })
  const number = perGroup((members) => members.length)
  return {
    run: name,
    labelling: config.labelling,
    loss: config.loss,
    batch: config.batch,
    fold: config.fold,
    seed: config.seed,
    cases: number,
    dsc: perGroup((members) => mean(members.map((one) => one.dsc))),
    deltaVolumeMl: perGroup((members) => mean(members.map((one) => one.deltaVolumeMl))),
    auc:
      number.HGG === 0 || number.LGG === 0
        ? null
        : areaUnderCurve(
            cases.map((one) => one.predictedVolumeMl),
            cases.map((one) => one.group === 'HGG'),
          ),
  }
}

function mean(values: readonly (number | null)[]): number | null {
  const defined = values.filter((value) => value !== null)
  return defined.length === 0 ? null : defined.reduce((sum, value) => sum + value, 0) / defined.length
}

/** One line of the paper's table: the runs that differ in the loss only. */
export interface TableLine {
  readonly labelling: Labelling
  readonly batch: number
  readonly fold: number
  readonly seed: number
  readonly rows: Readonly<Partial<Record<Loss, TableRow>>>
}

/** A column group of the paper's table: its heading and the number of a run. */
export interface TableColumn {
  readonly measure: string
  readonly group: string
  readonly decimals: number
  readonly value: (row: TableRow) => number | null
}

export const TABLE_COLUMNS: readonly TableColumn[] = [
  ...GROUPS.map((group) => ({ measure: 'DSC', group, decimals: 2, value: (row: TableRow) => row.dsc[group] })),
  ...GROUPS.map((group) => ({
    measure: 'ΔV [ml]',
    group,
    decimals: 0,
    value: (row: TableRow) => row.deltaVolumeMl[group],
  })),
  { measure: 'AUC', group: 'HGG vs LGG', decimals: 2, value: (row: TableRow) => row.auc },
]

/** Groups the rows into the lines of the paper's table, in the order of the rows. */
export function tableLines(rows: readonly TableRow[]): TableLine[] {
  const lines = new Map<string, TableLine & { rows: Partial<Record<Loss, TableRow>> }>()
  for (const row of rows) {
    const { labelling, batch, fold, seed } = row
    const key = [labelling, batch, fold, seed].join(' ')
    const line = lines.get(key) ?? { labelling, batch, fold, seed, rows: {} }
    line.rows[row.loss] = row
    lines.set(key, line)
  }
  return [...lines.values()]
}

/**
 * Whether the run is expected to predict empty maps for LGG: BI with more than one image a batch, and I_ε, under partial
 * labelling (the highlighted cells of the paper's Table 1).
 */
export function learnsEmptyMaps(row: Pick<TableRow, 'labelling' | 'loss' | 'batch'>): boolean {
  return row.labelling === 'partial' && (row.loss === 'I_eps' || (row.loss === 'BI' && row.batch > 1))
}

export const EMPTY_MAPS_NOTE =
  'these configurations are expected to predict empty maps for LGG, and so a low DSC and a ΔV near minus the LGG volume, ' +
  'since validation labels are complete'

function lineCells(line: TableLine): string[] {
  return TABLE_COLUMNS.flatMap((column) =>
    LOSSES.map((loss) => {
      const row = line.rows[loss]
      return formatFixed(row === undefined ? null : column.value(row), column.decimals)
    }),
  )
}

/** The table in Markdown, one line per labelling, batch size, fold and seed; cells expected to be empty maps in italics. */
export function tableMarkdown(table: Table): string {
  const headings = TABLE_COLUMNS.flatMap(({ measure, group }) =>
    LOSSES.map((loss) => `${measure} ${group} ${LOSS_NAMES[loss]}`),
  )
  const header = ['Labelling', 'B', 'Fold', 'Seed', ...headings]
  const lines = tableLines(table.rows).map((line) => {
    const emphasis = TABLE_COLUMNS.flatMap((column) =>
      LOSSES.map((loss) => column.group !== 'HGG' && learnsEmptyMaps({ ...line, loss })),
    )
    const cells = lineCells(line).map((cell, index) => (emphasis[index] === true ? `*${cell}*` : cell))
    return [LABELLING_NAMES[line.labelling], line.batch, line.fold, line.seed, ...cells]
  })
  const rows = [header, header.map((_, index) => (index === 0 ? ':--' : '--:')), ...lines]
  const notes = [
    'Mean DSC and mean ΔV (predicted − reference) over the validation cases; AUC: HGG against LGG by predicted volume.',
    `In italics: ${EMPTY_MAPS_NOTE}.`,
    ...table.missing.map(({ name, reason }) => `Missing run \`${name}\`: ${reason}`),
  ]
  return `${rows.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}\n\n${notes.join('\n\n')}\n`
}

/** The table for a terminal: aligned columns, losses side by side under each measure, missing runs below. */
export function renderTable(table: Table): string {
  const width = 6
  const block = LOSSES.length * width
  const keys = (labelling: string, batch: string, fold: string, seed: string) =>
    `${labelling.padEnd(9)}${batch.padStart(3)}${fold.padStart(6)}${seed.padStart(6)}`
  const measures = TABLE_COLUMNS.map(({ measure, group }) =>
    `${measure} ${group}`.replace('AUC HGG vs LGG', 'AUC').padStart(block),
  )
  const losses = TABLE_COLUMNS.map(() => LOSSES.map((loss) => LOSS_NAMES[loss].padStart(width)).join(''))
  const header = [keys('', '', '', '') + measures.join(' '), keys('Labelling', 'B', 'fold', 'seed') + losses.join(' ')]
  const lines = tableLines(table.rows).map((line) => {
    const cells = lineCells(line).map((cell) => cell.padStart(width))
    const blocks = TABLE_COLUMNS.map((_, index) =>
      cells.slice(index * LOSSES.length, (index + 1) * LOSSES.length).join(''),
    )
    return keys(line.labelling, String(line.batch), String(line.fold), String(line.seed)) + blocks.join(' ')
  })
  const missing = table.missing.map(({ name, reason }) => `missing: ${name}: ${reason}`)
  return [...header, ...lines, ...missing].map((line) => line.trimEnd()).join('\n')
}
