/** A counterexample in the field's words: Φ, ε, the subset with its sums, the labels and predictions in it, expected and got. */
import { show } from '../tensor/shape.js'
import { type Problem, type Subset, placeOf, read, subsetsOf } from './problem.js'
import { type Violation, short } from './violation.js'

/** So many elements of a subset are printed. */
const MOST = 12

export function explain({ problem, place, quantity, expected, got }: Violation): string {
  const lines = [`Φ = ${nameOf(problem)}, |Φ| = ${problem.count}, ε = ${short(problem.epsilon)}, ${shapeOf(problem)}`]
  const subsets = subsetsOf(problem)
  const subset = place.subset ?? (place.element === undefined ? undefined : problem.subsetOf[place.element])
  const own = subset === undefined ? undefined : subsets[subset]
  if (own !== undefined) lines.push(...describeSubset(problem, own))
  else for (const each of subsets.slice(0, 3)) lines.push(...describeSubset(problem, each))
  if (own === undefined && subsets.length > 3) lines.push(`… and ${subsets.length - 3} more subsets`)
  const where = place.element === undefined ? '' : `, ${describeElement(problem, place.element)}`
  lines.push(`${quantity}${where}`, `  expected ${expected}`, `  got      ${got}`)
  return lines.join('\n')
}

function nameOf({ phi, subsetOf }: Problem): string {
  if (typeof phi === 'string') return phi
  return subsetOf.length <= 2 * MOST ? `labels ${Array.from(subsetOf).join(' ')}` : phi.toString()
}

function shapeOf({ shape }: Problem): string {
  const axes = [
    'B',
    ...shape.slice(1, -1).map((_, i, all) => (all.length <= 3 ? (['X', 'Y', 'Z'][i] ?? 'I') : 'I')),
    'C',
  ]
  return `(${axes.join(',')}) = ${show(shape)}`
}

function describeSubset(problem: Problem, subset: Subset): string[] {
  const { index, elements, intersection, target, prediction, denominator, score } = subset
  const sums = [
    `I = ${short(intersection)}`,
    `Y = ${short(target)}${target === 0 ? ' (empty)' : ''}`,
    `P = ${short(prediction)}`,
    `D = ${short(denominator)}`,
    `s = ${short(score)}`,
  ]
  const values = (of: Float64Array): string => {
    const shown = elements.slice(0, MOST).map((i) => short(read(of, i)))
    return shown.join(' ') + (elements.length > MOST ? ` … (${elements.length})` : '')
  }
  return [
    `subset ${index}: ${sums.join(', ')}`,
    `  y = ${values(problem.target)}`,
    `  p = ${values(problem.prediction)}`,
  ]
}

function describeElement(problem: Problem, element: number): string {
  const { image, class: label } = placeOf(problem.shape, element)
  const [y, p] = [read(problem.target, element), read(problem.prediction, element)]
  return `element ${element} (image ${image}, class ${label}, y = ${short(y)}, p = ${short(p)})`
}
