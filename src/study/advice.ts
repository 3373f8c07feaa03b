/** The advice on a data set in words, for a terminal: what is there, and which Φ and ε follow, with the numbers and the reason. */
import type { Advice, ClassAdvice } from './advise.js'

const NONE = '–'

function number(value: number | null, digits = 4): string {
  if (value === null) return NONE
  if (value !== 0 && Math.abs(value) < 1e-3) return value.toExponential(1).replace(/\.?0+e/, 'e')
  return String(Number(value.toPrecision(digits)))
}

/** Whole percents, and near 100 % one digit more: it is not 100 %. */
function percent(share: number | null): string {
  if (share === null) return NONE
  return `${(100 * share).toFixed(share > 0.995 && share < 1 ? 1 : 0)} %`
}

const plural = (n: number, word: string): string => `${n} ${word}${n === 1 ? '' : 's'}`

function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, k) => Math.max(...rows.map((row) => (row[k] ?? '').length)))
  return rows.map((row) =>
    row.map((cell, k) => (k === 0 ? cell.padEnd(widths[k] ?? 0) : cell.padStart(widths[k] ?? 0))).join('  '),
  )
}

function classTable({ classes }: Advice): string[] {
  const head = ['class', 'labelled', 'empty', 'missing', 'v [voxels]', 'v [ml]', 'q', 'heuristic ε [voxels]']
  const rows = classes.map((one) => [
    one.class,
    ...[one.labelled, one.empty, one.missing].map(String),
    number(one.voxels),
    number(one.ml),
    one.nonEmptyFraction === null ? NONE : one.nonEmptyFraction.toFixed(2),
    number(one.heuristicEpsilon),
  ])
  return [
    ...columns([head, ...rows]),
    'v: mean volume of the labelled maps. q: labelled maps among the annotated ones. Heuristic ε: mean over these, empty ones included.',
  ]
}

/** Where whole groups of subjects are without a class, which is how missing labels often come. */
function groupLines({ groups }: Advice): string[] {
  return groups
    .filter(({ empty, missing }) => empty + missing > 0)
    .map(({ group, class: name, labelled, empty, missing }) => {
      const parts = [empty > 0 ? `${empty} empty` : '', missing > 0 ? `${missing} missing` : ''].filter(Boolean)
      return `  ${group}, ${name}: ${parts.join(', ')} of ${labelled + empty + missing}`
    })
}

function findings({ classes, survey }: Advice): string[] {
  const total = (key: 'labelled' | 'empty' | 'missing'): number => classes.reduce((sum, one) => sum + one[key], 0)
  const [empty, missing] = [total('empty'), total('missing')]
  if (empty + missing === 0) {
    return ['Every map has a label: nothing is missing or empty, and the choice below matters only for other data.']
  }
  const lines = [
    missing > 0 ? `${plural(missing, 'map')} missing: nobody annotated them.` : '',
    empty > 0 && survey.tellsMissing ? `${plural(empty, 'map')} empty: annotated, and nothing is there.` : '',
    empty > 0 && !survey.tellsMissing
      ? `${plural(empty, 'map')} of zeros. The files cannot say whether these are empty (annotated, nothing there) or\nmissing (not annotated): they are counted as empty.\nA list for --annotated tells them apart.`
      : '',
  ]
  const never = classes.filter((one) => one.labelled === 0).map((one) => one.class)
  return [
    ...lines.filter((line) => line !== ''),
    ...(never.length > 0 ? [`No label at all for ${never.join(', ')}: nothing can be learned of it.`] : []),
  ]
}

function range(classes: readonly ClassAdvice[], pick: (one: ClassAdvice) => number | null): string {
  const values = classes.flatMap((one) => pick(one) ?? [])
  const [low, high] = [Math.min(...values), Math.max(...values)].map((value) => number(value, 2))
  return low === high ? (low ?? NONE) : `${low} to ${high}`
}

function ignoreLines({ ignoreMissing: { epsilon }, classes }: Advice): string[] {
  return [
    `To ignore maps without label (missing): Φ = I, ε = ${number(epsilon)}`,
    `  diceLoss(p, y, { phi: 'I', epsilon: ${epsilon} })`,
    '  Image-wise, such a map is a subset of its own, with the derivative ε/(N (v + ε)²) for v predicted voxels. That is below 1 % of',
    `  a typical labelled map's while more than 20 √(ε v) = ${range(classes, (one) => one.negligibleAbove)} voxels are predicted.`,
    '  Where it is known which maps are missing, the option present leaves them out exactly, under any Φ.',
    classes.length > 1
      ? '  Not BI or BCI with several images in a batch, and not CI or BCI: there such a map shares its subset with labels.'
      : '  Not BI or BCI with several images in a batch: there such a map shares its subset with labels.',
  ]
}

function learnLines({ learnEmpty: { imageWise, batchWise }, classes }: Advice): string[] {
  const list = imageWise.epsilon.map(String).join(', ')
  const epsilon = imageWise.epsilon.length === 1 ? list : `[${list}]`
  const chances = batchWise.chances.map(({ batch, chance }) => `B = ${batch}: ${percent(chance)}`).join(', ')
  const roots = classes.flatMap(({ class: name, exactEpsilon: exact }) =>
    exact?.solvable === true
      ? [`${name} ${exact.epsilons.map((value) => number(value)).filter((one, i, all) => all.indexOf(one) === i).join(' or ')}`] // prettier-ignore
      : [],
  )
  const shares = (pick: (one: ClassAdvice) => number | null): string => {
    const values = classes.flatMap((one) => pick(one) ?? [])
    const [low, high] = [percent(Math.min(...values)), percent(Math.max(...values))]
    return low === high ? low : `${low.replace(' %', '')} to ${high}`
  }
  return [
    `To learn empty maps, at any batch size: Φ = I, ε = ${epsilon}`,
    `  diceLoss(p, y, { phi: 'I', epsilon: ${epsilon} })`,
    '  The mean label volume over all maps, empty ones included, solves Eq. 5 at half overlap: an empty map has the derivative that it',
    `  would have batch-wise. Exact: ${roots.join('; ')}. With v voxels predicted it has ${shares((one) => one.emptyStrength)} of a`,
    `  typical labelled map's; the derivative where y = 1 keeps ${shares((one) => one.foregroundLeft)}.`,
    `To learn empty maps, with several images in a batch: Φ = BI, ε = ${number(batchWise.epsilon)}`,
    `  diceLoss(p, y, { phi: 'BI', epsilon: ${batchWise.epsilon} })`,
    '  Batch-wise, an empty map shares its subset with the labelled ones of its class. A batch holds one, where that is least likely,',
    `  with the chance ${chances}. In other batches the class has nothing but empty maps, and they are ignored.`,
  ]
}

/**
 * The advice as lines of text.
 *
 * @example console.log(renderAdvice(adviseOn(surveyLabels('data/BraTS2018'))))
 */
export function renderAdvice(advice: Advice): string {
  const { survey, classes } = advice
  const layout = survey.layout === 'brats' ? 'layout of BraTS' : 'label maps'
  const groups = groupLines(advice)
  return [
    `${plural(survey.cases, 'case')} in ${survey.folder} (${layout}), ${classes.length === 1 ? '1 class' : `${classes.length} classes`}`,
    '',
    ...classTable(advice),
    ...(groups.length > 0 ? ['', 'By group:', ...groups] : []),
    '',
    ...findings(advice),
    '',
    ...ignoreLines(advice),
    '',
    ...learnLines(advice),
  ].join('\n')
}
