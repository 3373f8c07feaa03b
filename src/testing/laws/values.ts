/** Laws of the value: its bounds, its zeros, its symmetry, and what it counts. */
import { Generator } from '../../tensor/random.js'
import { type Law, law } from '../law.js'
import type { Subject } from '../loss-under-test.js'
import { type Problem, binary, read, row, subsetsOf, withPrediction } from '../problem.js'
import { Violation, short } from '../violation.js'
import { withSums } from './derivative.js'

export const bounds = law({
  name: 'bounds',
  identity: '0 ≤ DL ≤ 1/|Φ| Σ U/(U + ε) ≤ 1 for y and p in [0,1]',
  check(subject, given) {
    const problem = withSums(given)
    const subsets = subsetsOf(problem)
    const most = subsets.reduce((sum, { union, denominator }) => sum + union / denominator, 0) / subsets.length
    const value = subject.value(problem)
    if (value < -subject.tolerance) throw new Violation(problem, 'the loss', 'at least 0', short(value))
    if (value > most + subject.tolerance) {
      throw new Violation(problem, 'the loss', `at most 1/|Φ| Σ U/(U + ε) = ${short(most)}`, short(value))
    }
  },
})

/** The prediction that is the target, and one that is not. */
function perfect(problem: Problem): Problem {
  return withPrediction(problem, Float64Array.from(problem.target))
}

/** @throws Violation unless the loss is above 0 where some element of a subset is off by 0.01 or more. */
export function positiveUnlessEqual(subject: Subject, problem: Problem): void {
  const isOff = (i: number): boolean => Math.abs(read(problem.prediction, i) - read(problem.target, i)) >= 0.01
  if (!subsetsOf(problem).some(({ elements }) => elements.some(isOff))) return
  const value = subject.value(problem)
  if (value > 0) return
  throw new Violation(problem, 'the loss of a prediction that is not the target', 'above 0', short(value))
}

export const zeroWherePerfect = law({
  name: 'zeroWherePerfect',
  identity: 'L = 0 where p = y is binary (empty maps included, for ε > 0), and L > 0 where a binary y is not met',
  check(subject, given) {
    const problem = binary(given)
    const met = perfect(problem)
    if (subsetsOf(met).every(({ denominator }) => denominator > 0)) {
      subject.same(met, 'the loss of a perfect prediction', 0, subject.value(met))
    }
    if (subsetsOf(problem).every(({ denominator }) => denominator > 0)) positiveUnlessEqual(subject, problem)
  },
})

export const zeroWhereEqual = law({
  name: 'zeroWhereEqual',
  identity: 'L = 0 where p = y, also for soft y, and L > 0 elsewhere (V-Net’s L2 and the semimetric loss)',
  needs: ['soft targets'],
  check(subject, given) {
    const problem = withSums(given)
    const met = perfect(problem)
    if (subsetsOf(met).every(({ denominator }) => denominator > 0)) {
      subject.same(met, 'the loss of p = y', 0, subject.value(met))
    }
    positiveUnlessEqual(subject, problem)
  },
})

export const symmetry = law({
  name: 'symmetry',
  identity: 'DL(p, y) = DL(y, p)',
  needs: ['soft targets'],
  check(subject, given) {
    const problem = withSums(given)
    const exchanged = { ...problem, prediction: problem.target, target: problem.prediction }
    subject.same(exchanged, 'the loss with p and y exchanged', subject.value(problem), subject.value(exchanged))
  },
})

export const countsErrors = law({
  name: 'countsErrors',
  identity: 'binary y: DL = 1/|Φ| Σ (Σ |y − p|)/(U + ε): false positives and negatives, nothing that cancels',
  check(subject, given) {
    const problem = withSums(binary(given))
    const subsets = subsetsOf(problem)
    const expected =
      subsets.reduce((sum, { distance, denominator }) => sum + distance / denominator, 0) / subsets.length
    subject.same(problem, 'the loss', expected, subject.value(problem))
  },
})

/** Sets of three elements: with these Dice attains 3/2. */
const SUBSETS_OF_THREE = Array.from({ length: 8 }, (_, set) =>
  Float64Array.from([set & 1, (set >> 1) & 1, (set >> 2) & 1]),
)

/**
 * d(A, C) ≤ factor · (d(A, B) + d(B, C)) over all triples of binary maps of three voxels, one subset. Smoothing is a common part
 * of ε/2 elements and keeps the constants.
 */
function triangle<const Name extends string>(name: Name, factor: number, identity: string): Law<Name> {
  return law({
    name,
    identity,
    ofOneSubset: true,
    check(subject, given) {
      const of = (a: Float64Array, b: Float64Array): Problem => row(given, a, b)
      const distances = SUBSETS_OF_THREE.map((a) =>
        SUBSETS_OF_THREE.map((b) => {
          // Two empty maps have no loss at ε = 0; as sets they are equal.
          return given.epsilon === 0 && a.every((x) => x === 0) && b.every((x) => x === 0) ? 0 : subject.value(of(a, b))
        }),
      )
      const d = (a: number, b: number): number => distances[a]?.[b] ?? Number.NaN
      for (let i = 0; i < 512; i++) {
        const [a, b, c] = [i & 7, (i >> 3) & 7, (i >> 6) & 7]
        const most = factor * (d(a, b) + d(b, c))
        if (d(a, c) <= most + subject.tolerance) continue
        const problem = of(SUBSETS_OF_THREE[a] ?? new Float64Array(3), SUBSETS_OF_THREE[c] ?? new Float64Array(3))
        const middle = Array.from(SUBSETS_OF_THREE[b] ?? []).join(' ')
        throw new Violation(
          problem,
          `the loss, against the way over B = ${middle}`,
          `at most ${short(most)}`,
          short(d(a, c)),
        )
      }
    },
  })
}

export const relaxedTriangle = triangle(
  'relaxedTriangle',
  1.5,
  'binary maps: DL(A, C) ≤ 3/2 (DL(A, B) + DL(B, C)), attained by A = {1}, B = {1,2}, C = {2} at ε = 0; so DL is no metric',
)

export const triangleInequality = triangle(
  'triangleInequality',
  1,
  'binary maps: JL(A, C) ≤ JL(A, B) + JL(B, C): the Jaccard distance is a metric',
)

export const hardOptimum = law({
  name: 'hardOptimum',
  identity:
    'soft y: over [0,1]ⁿ the loss is least at the hard p = 1[y > s*/2], s* the best score, and not at p = y (volume bias)',
  needs: ['soft targets'],
  ofOneSubset: true,
  check(subject, given) {
    // One subset of at most 6 elements with soft labels: 64 corners.
    const generator = new Generator(given.seed, 4)
    const n = 1 + generator.integer(6)
    const target = Float64Array.from({ length: n }, () => 0.05 + 0.9 * generator.uniform())
    const of = (prediction: Float64Array): Problem => row(given, prediction, target)
    const corners = Array.from({ length: 2 ** n }, (_, set) => of(Float64Array.from(target, (_, i) => (set >> i) & 1)))
    const best = Math.max(...corners.map((corner) => subsetsOf(corner)[0]?.score ?? 0))
    const optimum = of(target.map((y) => (y > best / 2 ? 1 : 0)))
    const least = subject.value(optimum)
    const inside = Array.from({ length: 8 }, () => of(target.map(() => generator.uniform())))
    for (const other of [...corners, ...inside, of(target)]) {
      const value = subject.value(other)
      if (value >= least - subject.tolerance) continue
      const at = Array.from(optimum.prediction).join(' ')
      throw new Violation(other, 'the loss', `at least ${short(least)}, that of p = 1[y > s*/2] = ${at}`, short(value))
    }
  },
})

export const valueLaws: readonly Law[] = [
  bounds,
  zeroWherePerfect,
  zeroWhereEqual,
  symmetry,
  countsErrors,
  relaxedTriangle,
  triangleInequality,
  hardOptimum,
]
