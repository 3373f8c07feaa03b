/** Laws of the derivative: that it is one, that it is Eq. 4, and what follows from Eq. 4 for every target. */
import { type Law, law } from '../law.js'
import type { Subject } from '../loss-under-test.js'
import { type Problem, type Subset, binary, interior, read, subsetsOf, withPrediction } from '../problem.js'
import { type Place, Violation, digits } from '../violation.js'

/** Half the width of central differences; predictions are in [0.1, 0.9] there. */
const STEP = 2e-6

/** Finite differences reach this relative accuracy where ε and the sums are no smaller than 0.1. */
export const DIFFERENCE_TOLERANCE = 1e-6

/** `problem` with prediction element i moved by ±STEP: those two. */
export function moved(problem: Problem, i: number): readonly [Problem, Problem] {
  const at = (step: number): Problem =>
    withPrediction(
      problem,
      problem.prediction.map((p, j) => (i === j ? p + step : p)),
    )
  return [at(STEP), at(-STEP)]
}

/** @throws Violation unless `got` is within the accuracy of a central difference of `expected`. */
export function sameDifference(
  problem: Problem,
  quantity: string,
  expected: number,
  got: number,
  place: Place = {},
): void {
  if (Math.abs(got - expected) <= DIFFERENCE_TOLERANCE * Math.max(1, Math.abs(expected))) return
  const [wanted, came] = digits(expected, got)
  throw new Violation(problem, quantity, wanted, came, place)
}

export function halfStep(difference: number): number {
  return difference / (2 * STEP)
}

/** Holds for any loss, whatever its formula. */
export const derivative = law({
  name: 'derivative',
  identity: 'dL/dp is what central differences of L give',
  needs: ['float64'],
  check(subject, given) {
    const problem = interior(given)
    const { gradient } = subject.evaluate(problem)
    gradient.forEach((got, element) => {
      const [up, down] = moved(problem, element)
      const expected = halfStep(subject.value(up) - subject.value(down))
      sameDifference(problem, 'dL/dp by central differences', expected, got, { element })
    })
  },
})

/** Calls `visit` with every element that is in a subset. */
export function eachElement(problem: Problem, visit: (element: number, subset: Subset) => void): void {
  for (const subset of subsetsOf(problem)) for (const element of subset.elements) visit(element, subset)
}

export const diceValue = law({
  name: 'diceValue',
  identity: 'DL = 1 − 1/|Φ| Σ s with s = (2 I + ε)/(Y + P + ε) (Eq. 3)',
  check(subject, given) {
    const problem = withSums(given)
    const subsets = subsetsOf(problem)
    const mean = subsets.reduce((sum, { score }) => sum + score, 0) / subsets.length
    subject.same(problem, 'the loss', 1 - mean, subject.value(problem))
  },
})

export const gradient = law({
  name: 'gradient',
  identity: 'dDL/dp = (s − 2 y)/(|Φ| D) in a subset, 0 in none (Eq. 4)',
  check(subject, given) {
    const problem = withSums(given)
    const { gradient: got } = subject.evaluate(problem)
    const expected = new Float64Array(got.length)
    eachElement(problem, (i, { score, denominator }) => {
      expected[i] = (score - 2 * read(problem.target, i)) / (problem.count * denominator)
    })
    got.forEach((g, element) => subject.same(problem, 'dL/dp of Eq. 4', read(expected, element), g, { element }))
  },
})

export const scalarInvariants = law({
  name: 'scalarInvariants',
  identity: 'over a subset of n elements Σ g = (n s − 2 Y)/(|Φ| D) and Σ p g = (ε − s (Y + ε))/(|Φ| D)',
  check(subject, given) {
    const problem = withSums(given)
    const { gradient: g } = subject.evaluate(problem)
    for (const { index, elements, score, target, denominator } of subsetsOf(problem)) {
      const total = (f: (i: number) => number): number => elements.reduce((sum, i) => sum + f(i), 0)
      const scale = problem.count * denominator
      const invariants: readonly (readonly [string, number, number])[] = [
        ['Σ g', (elements.length * score - 2 * target) / scale, total((i) => read(g, i))],
        [
          'Σ p g',
          (problem.epsilon - score * (target + problem.epsilon)) / scale,
          total((i) => read(problem.prediction, i) * read(g, i)),
        ],
      ]
      for (const [name, expected, got] of invariants) subject.same(problem, name, expected, got, { subset: index })
    }
  },
})

export const affineInTarget = law({
  name: 'affineInTarget',
  identity:
    'in a subset g depends on y alone, with slope −2/(|Φ| D): binary y, two values g0 = (2 I + ε)/(|Φ| D²), g1 = −(2 (U − I) + ε)/(|Φ| D²)',
  check(subject, given) {
    for (const problem of [withSums(given), binary(withSums(given))]) {
      const { gradient: g } = subject.evaluate(problem)
      for (const subset of subsetsOf(problem)) {
        const scale = problem.count * subset.denominator
        const [first = 0] = subset.elements
        for (const element of subset.elements) {
          const slope = -2 * (read(problem.target, element) - read(problem.target, first))
          const expected = read(g, first) + slope / scale
          subject.same(problem, 'dL/dp from that of an element with another y', expected, read(g, element), { element })
        }
      }
      if (problem.target.every((y) => y === 0 || y === 1)) twoValues(subject, problem, g)
    }
  },
})

function twoValues(subject: Subject, problem: Problem, g: Float64Array): void {
  eachElement(problem, (element, { union, intersection, denominator }) => {
    const scale = problem.count * denominator ** 2
    const isForeground = read(problem.target, element) === 1
    const expected = isForeground
      ? -(2 * (union - intersection) + problem.epsilon) / scale
      : (2 * intersection + problem.epsilon) / scale
    subject.same(problem, isForeground ? 'g1' : 'g0', expected, read(g, element), { element })
  })
}

export const signAndRatio = law({
  name: 'signAndRatio',
  identity: 'g < 0 exactly where y > s/2; binary y: g1 < 0 ≤ g0 and g1/g0 = −(2 − s)/s',
  check(subject, given) {
    for (const problem of [interior(given), interior(binary(given))]) {
      const { gradient: g } = subject.evaluate(problem)
      for (const { elements, score } of subsetsOf(problem)) {
        for (const element of elements) signOf(problem, element, score, read(g, element))
        const of = (label: number): number | undefined => elements.find((i) => read(problem.target, i) === label)
        const [background, foreground] = [of(0), of(1)]
        if (background === undefined || foreground === undefined) continue
        const expected = -(2 - score) * read(g, background)
        subject.same(problem, 'g1 · s = −(2 − s) g0', expected, read(g, foreground) * score, { element: foreground })
      }
    }
  },
})

function signOf(problem: Problem, element: number, score: number, g: number): void {
  const margin = read(problem.target, element) - score / 2
  if (Math.abs(margin) < 1e-6 || Math.sign(g) === -Math.sign(margin)) return
  throw new Violation(problem, 'the sign of dL/dp, that of s/2 − y', String(-Math.sign(margin)), String(g), { element })
}

/** Predictions that keep D away from 0 where ε cannot. */
export function withSums(problem: Problem): Problem {
  const smallest = Math.min(...subsetsOf(problem).map(({ denominator }) => denominator))
  return smallest > 0 ? problem : interior(problem)
}

export const derivativeLaws: readonly Law[] = [
  derivative,
  diceValue,
  gradient,
  scalarInvariants,
  affineInTarget,
  signAndRatio,
]
