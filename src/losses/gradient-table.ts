/** A gradient report as text for a terminal: the subsets as a table, shares of the derivative, and a verdict on the empty maps. */
import type { EmptyMaps } from './gradient-empty.js'
import type { GradientReport, SubsetGradient } from './gradient-report.js'

export interface ReportNames {
  /** Names of the images of the batch, and of the channels; by default 'image 0' and 'class 0'. */
  readonly images?: readonly string[]
  readonly classes?: readonly string[]
  /** Rows of the table at most; by default 40. The rest is counted below it. */
  readonly rows?: number
}

const NONE = '–'

/** Four digits, and an exponent where the number is far from 1: 0.8123, 1234, 3.1e-9. */
function format(value: number | null): string {
  if (value === null) return NONE
  const size = Math.abs(value)
  if (value === 0) return '0'
  if (size >= 1e-3 && size < 1e5) return String(Number(value.toPrecision(4)))
  return value.toExponential(2).replace('e+', 'e')
}

/** As `format`, without zeros at the end: 1e-7. */
function formatShort(value: number): string {
  return format(value).replace(/\.?0+e/, 'e')
}

function percent(share: number): string {
  if (share > 0 && share < 5e-4) return '<0.1 %'
  return `${(100 * share).toFixed(1)} %`
}

const imageName = (names: ReportNames, i: number): string => names.images?.[i] ?? `image ${i}`
const className = (names: ReportNames, c: number): string => names.classes?.[c] ?? `class ${c}`

function subsetName(subset: SubsetGradient, report: GradientReport, names: ReportNames): string {
  const parts = [
    subset.image === null ? [] : imageName(names, subset.image),
    subset.class === null ? [] : className(names, subset.class),
  ].flat()
  const isNamed = /^[BCI]+$/.test(report.phi)
  if (isNamed) return parts.length === 0 ? 'all' : parts.join(', ')
  return [`subset ${subset.index}`, ...parts].join(', ')
}

/** Columns of text, the first two to the left and numbers to the right. */
function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, k) => Math.max(...rows.map((row) => (row[k] ?? '').length)))
  return rows.map((row) =>
    row
      .map((cell, k) => (k < 2 ? cell.padEnd(widths[k] ?? 0) : cell.padStart(widths[k] ?? 0)))
      .join('  ')
      .trimEnd(),
  )
}

function subsetTable(report: GradientReport, names: ReportNames): string[] {
  const { rows = 40 } = names
  const head = ['subset', 'state', 'ε', 'I', 'Y', 'P', 's', 'D', 'g0', 'g1', 'g1/g0', 'share of Σ|g|']
  const lines = report.subsets.slice(0, rows).map((one) => {
    const hasSums = one.state === 'labelled' || one.state === 'empty'
    // An empty subset has no voxel with y = 1 that could have the derivative g1.
    const hasForeground = one.state === 'labelled'
    return [
      subsetName(one, report, names),
      hasSums && !one.counted ? `${one.state}, dropped` : one.state,
      hasSums ? formatShort(one.epsilon) : NONE,
      ...[one.I, one.Y, one.P, one.s, one.D].map((value) => (hasSums ? format(value) : NONE)),
      format(one.g0),
      hasForeground ? format(one.g1) : NONE,
      hasForeground ? format(one.ratio) : NONE,
      percent(one.share),
    ]
  })
  const left = report.subsets.length - lines.length
  return [...columns([head, ...lines]), ...(left > 0 ? [`and ${left} more subsets`] : [])]
}

function shares(title: string, list: readonly number[], name: (i: number) => string, rows: number): string {
  const shown = list.slice(0, rows).map((share, i) => `${name(i)} ${percent(share)}`)
  return `${title.padEnd(10)} ${[...shown, ...(list.length > rows ? ['…'] : [])].join(', ')}`
}

const VERDICTS: Record<Exclude<EmptyMaps['verdict'], 'none'>, string> = {
  alone: 'there is no labelled map to compare it with',
  zero: 'nothing is learned from the empty maps',
  negligible: 'negligible: the network hardly notices the empty maps, as if their labels were missing',
  weak: 'weak: the network may learn from the empty maps, slowly',
  strong: 'strong: the network learns to predict nothing there',
}

function verdict({ empty, subsets }: GradientReport): string[] {
  if (empty.verdict === 'none') return ['Empty maps: none.']
  const { maps, annotated, inEmptySubsets, g0, labelledG0, ratio, share } = empty
  const where =
    inEmptySubsets === maps
      ? `${maps === 1 ? 'It is in a subset' : 'All are in subsets'} without any label.`
      : `${maps === 1 ? 'It shares its subset' : `${maps - inEmptySubsets} of them share subsets`} with labels.`
  const compared = ratio === null ? '' : `, ${format(labelledG0)} on labelled ones: ratio ${format(ratio)}`
  const bounds = subsets.flatMap(({ negligibleAbove }) => negligibleAbove ?? [])
  const bound = bounds.length === 0 ? null : Math.max(...bounds)
  return [
    `Empty maps: ${maps} of ${annotated} annotated. ${where}`,
    `  |g| where y = 0: ${format(g0)} on empty maps${compared}. Their share of Σ|g| is ${percent(share)}.`,
    `  ${VERDICTS[empty.verdict]}.`,
    ...(bound === null
      ? []
      : [`  An empty subset stays below 1 % while it predicts more than 20 √(ε v) = ${format(bound)} voxels.`]),
  ]
}

/**
 * The report as lines of text, for a terminal of any width. Numbers have four digits; the report itself has all of them.
 *
 * @example console.log(renderGradientReport(report, { classes: ['oedema', 'core'] }))
 */
export function renderGradientReport(report: GradientReport, names: ReportNames = {}): string {
  const { rows = 40 } = names
  const counted = report.subsets.length === report.size ? '' : ` of ${report.subsets.length} subsets`
  const missing = report.maps.filter(({ state }) => state === 'missing').length
  const what = report.values === 'closed' ? 'g0, g1: Eq. 4, per voxel' : `g0, g1: means over voxels, in the ${report.variable}` // prettier-ignore
  return [
    `loss ${format(report.loss)}   Φ = ${report.phi}, |Φ| = ${report.size}${counted}   ${report.norm}   ${what}`,
    '',
    ...subsetTable(report, names),
    '',
    `Σ|g| = ${format(report.mass)} in the ${report.variable}`,
    shares('by image', report.imageShares, (i) => imageName(names, i), rows),
    shares('by class', report.classShares, (c) => className(names, c), rows),
    '',
    ...verdict(report),
    ...(missing === 0 ? [] : [`Missing maps: ${missing}. Their voxels are in no sum and have no derivative.`]),
  ].join('\n')
}
