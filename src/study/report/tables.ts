/** The report's tables: the paper's Table 1, and the configuration of the runs. */
import { formatFixed, formatNumber } from '../../figures/format.js'
import { html, type Html, NOTHING } from '../../figures/html.js'
import type { ReportedRun } from './figures.js'
import { LABELLING_NAMES } from './format.js'
import { LOSSES, type Loss, type Run, type RunConfig } from './runs.js'
import { EMPTY_MAPS_NOTE, learnsEmptyMaps, type Table, TABLE_COLUMNS, tableLines } from './table.js'

export function lossName(loss: Loss): Html {
  return loss === 'I_eps' ? html`I<sub>ε</sub>` : html`${loss}`
}

/** Table 1: a line per labelling, batch size, fold and seed; the losses side by side under each measure. */
export function resultsTable(table: Table): Html {
  const keys = ['Labels', 'B', 'Fold', 'Seed']
  const first = (loss: Loss) => (loss === 'I' ? 'first' : '')
  const lines = tableLines(table.rows)
  return html`<div class="scroll" tabindex="0" role="group" aria-label="Results">
    <table class="results">
      <caption>
        <span> Table 1. Mean over the validation cases of a fold. Shaded: ${EMPTY_MAPS_NOTE}. </span>
      </caption>
      <thead>
        <tr>
          ${keys.map((key) => html`<th class="key" rowspan="2" scope="col">${key}</th>`)}${TABLE_COLUMNS.map(({ measure, group }) => html`<th scope="colgroup" colspan="3">${measure} ${group}</th>`)}
        </tr>
        <tr>
          ${TABLE_COLUMNS.flatMap(() => LOSSES.map((loss) => html`<th class="${first(loss)}" scope="col">${lossName(loss)}</th>`))}
        </tr>
      </thead>
      <tbody>
        ${lines.map(
          (line, index) =>
            html`<tr class="${index > 0 && lines[index - 1]?.labelling !== line.labelling ? 'block' : ''}">
              <th scope="row">${LABELLING_NAMES[line.labelling]}</th>
              <td class="key">${line.batch}</td>
              <td class="key">${line.fold}</td>
              <td class="key">${line.seed}</td>
              ${TABLE_COLUMNS.flatMap((column) =>
                LOSSES.map((loss) => {
                  const row = line.rows[loss]
                  const shaded = column.group !== 'HGG' && learnsEmptyMaps({ ...line, loss })
                  return html`<td class="${first(loss)} ${shaded ? 'empty-maps' : ''}">
                    ${formatFixed(row === undefined ? null : column.value(row), column.decimals)}
                  </td>`
                }),
              )}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`
}

const COLUMN_FIELDS = ['name', 'labelling', 'loss', 'phi', 'epsilon', 'batch', 'fold', 'seed', 'steps'] as const

/** The settings of the study as a table of runs, and everything else in their configurations as a list. */
export function configurationTables(runs: readonly Run[]): Html {
  const further = furtherSettings(runs.map(({ config }) => config))
  const headings = [
    'Run',
    'Labels',
    'Loss',
    'Φ',
    'ε [voxels]',
    'B',
    'Fold',
    'Seed',
    'Steps',
    'Cases',
    'Final loss',
    'Steps/s',
  ]
  return html`<div class="scroll" tabindex="0" role="group" aria-label="Runs">
      <table class="runs">
        <caption>
          <span> Runs. Final loss: mean over the last twentieth of the log. Steps/s: median of the log. </span>
        </caption>
        <thead>
          <tr>
            ${headings.map((heading, index) => html`<th scope="col" class="${index > 3 ? 'number' : ''}">${heading}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${runs.map(({ name, config, cases, log }) => {
            const last = log.slice(-Math.max(1, Math.round(log.length / 20))).map(({ loss }) => loss)
            const numbers = [
              formatNumber(config.epsilon),
              String(config.batch),
              String(config.fold),
              String(config.seed),
              String(config.steps),
              String(cases.length),
              formatFixed(last.reduce((sum, value) => sum + value, 0) / last.length, 3),
              formatFixed(median(log.flatMap(({ stepsPerSecond }) => stepsPerSecond ?? [])), 1),
            ]
            return html`<tr>
              <th scope="row"><code>${name}</code></th>
              <td>${LABELLING_NAMES[config.labelling]}</td>
              <td>${lossName(config.loss)}</td>
              <td>${config.phi}</td>
              ${numbers.map((number) => html`<td class="number">${number}</td>`)}
            </tr>`
          })}
        </tbody>
      </table>
    </div>
    ${
      further.length === 0
        ? NOTHING
        : html`<h3>Further settings</h3>
            <dl>
              ${further.map(
                ([field, value]) =>
                  html`<dt>${field}</dt>
                    <dd>${value}</dd>`,
              )}
            </dl>`
    }`
}

/** Settings beyond the table's columns by their dotted paths; where runs differ, every value that occurs. */
function furtherSettings(configs: readonly RunConfig[]): [string, string][] {
  const columns: readonly string[] = COLUMN_FIELDS
  const settings = new Map<string, Set<string>>()
  for (const config of configs) {
    for (const [field, value] of Object.entries(config)) {
      if (!columns.includes(field)) collectSettings(field, value, settings)
    }
  }
  return [...settings].map(([field, values]) => [field, [...values].join(' or ')])
}

function collectSettings(path: string, value: unknown, settings: Map<string, Set<string>>): void {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    for (const [key, part] of Object.entries(value)) collectSettings(`${path}.${key}`, part, settings)
    return
  }
  const text =
    typeof value === 'number' ? formatNumber(value) : typeof value === 'string' ? value : JSON.stringify(value)
  settings.set(path, (settings.get(path) ?? new Set<string>()).add(text))
}

function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? null
}

/** Runs by what their figures have in common: batch size, fold and seed. */
export function settingsOf(runs: readonly ReportedRun[]): { title: string; runs: ReportedRun[] }[] {
  const settings = new Map<string, ReportedRun[]>()
  for (const one of runs) {
    const title = `B = ${one.row.batch}, fold ${one.row.fold}, seed ${one.row.seed}`
    settings.set(title, [...(settings.get(title) ?? []), one])
  }
  return [...settings].map(([title, members]) => ({ title, runs: members }))
}
