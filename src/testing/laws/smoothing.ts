/** Laws of ε: what it means, what it does to an empty label, and when it makes an empty map count as much as a labelled one. */
import { Generator } from '../../tensor/random.js'
import { type Law, law } from '../law.js'
import type { Subject } from '../loss-under-test.js'
import { type Problem, alone, interior, problemOf, read, row, subsetsOf, withEpsilon, withTarget } from '../problem.js'
import { Violation, short } from '../violation.js'
import { sameDifference } from './derivative.js'

/** s at ε = 0 of a subset, from the loss itself; 1 where it has neither label nor prediction. */
export function plainScore(subject: Subject, problem: Problem, subset: ReturnType<typeof subsetsOf>[number]): number {
  return subset.union === 0 ? 1 : 1 - subject.value(withEpsilon(alone(problem, subset), 0))
}

export const virtualObject = law({
  name: 'virtualObject',
  identity: 's(ε) = (U s(0) + ε · 1)/(U + ε): ε is the size of a virtual object that is always segmented perfectly',
  needs: ['any ε'],
  check(subject, problem) {
    if (problem.epsilon === 0) return
    const subsets = subsetsOf(problem)
    const scores = subsets.map(
      (subset) => (subset.union * plainScore(subject, problem, subset) + problem.epsilon) / subset.denominator,
    )
    const mean = scores.reduce((a, b) => a + b, 0) / scores.length
    subject.same(problem, 'the loss, from that at ε = 0', 1 - mean, subject.value(problem))
  },
})

export const fallsWithEpsilon = law({
  name: 'fallsWithEpsilon',
  identity: 'dDL/dε = −1/|Φ| Σ (1 − s)/D ≤ 0, and DL → 0 as ε → ∞',
  needs: ['any ε', 'float64'],
  check(subject, given) {
    const problem = withEpsilon(interior(given), Math.max(0.5, given.epsilon))
    const step = 1e-5
    const at = (epsilon: number): number => subject.value(withEpsilon(problem, epsilon))
    const got = (at(problem.epsilon + step) - at(problem.epsilon - step)) / (2 * step)
    const subsets = subsetsOf(problem)
    const expected =
      -subsets.reduce((sum, { score, denominator }) => sum + (1 - score) / denominator, 0) / subsets.length
    sameDifference(problem, 'dDL/dε', expected, got)
    const far = withEpsilon(problem, 1e12)
    subject.same(far, 'the loss', 0, subject.value(far))
  },
})

/** v with a share of each element's own: what is predicted on an empty map. */
function emptied(problem: Problem): Problem {
  return withTarget(interior(problem), new Float64Array(problem.target.length))
}

/** @throws Violation unless dL/dp is `expected(P)` on every element of a subset. */
function sameOnEmpty(subject: Subject, problem: Problem, quantity: string, expected: (v: number) => number): void {
  const { gradient } = subject.evaluate(problem)
  for (const { elements, prediction } of subsetsOf(problem)) {
    for (const element of elements)
      subject.same(problem, quantity, expected(prediction), read(gradient, element), { element })
  }
}

export const emptyLabel = law({
  name: 'emptyLabel',
  identity: 'Y = 0, P = v: g = ε/(|Φ| (v + ε)²)',
  check(subject, given) {
    const problem = emptied(given)
    const { epsilon, count } = problem
    sameOnEmpty(subject, problem, 'dL/dp on an empty label', (v) => epsilon / (count * (v + epsilon) ** 2))
  },
})

export const missingWithoutEpsilon = law({
  name: 'missingWithoutEpsilon',
  identity: 'Y = 0, ε = 0, v > 0: g is exactly 0, an empty label is a missing one',
  needs: ['any ε'],
  check(subject, given) {
    sameOnEmpty(subject, withEpsilon(emptied(given), 0), 'dL/dp on an empty label at ε = 0', () => 0)
  },
})

export const loudestEpsilon = law({
  name: 'loudestEpsilon',
  identity: 'Y = 0: g is largest in ε at ε = v, where it is 1/(4 |Φ| v)',
  needs: ['any ε'],
  ofOneSubset: true,
  check(subject, given) {
    const [first] = subsetsOf(emptied(given))
    if (first === undefined) return
    const problem = alone(emptied(given), first)
    const v = first.prediction
    const at = (epsilon: number): number => read(subject.evaluate(withEpsilon(problem, epsilon)).gradient, 0)
    const loudest = at(v)
    subject.same(withEpsilon(problem, v), 'dL/dp at ε = v', 1 / (4 * v), loudest, { element: 0 })
    for (const factor of [0.1, 0.5, 0.9, 1.1, 2, 10]) {
      const other = withEpsilon(problem, factor * v)
      const g = at(factor * v)
      if (g <= loudest + subject.tolerance) continue
      throw new Violation(other, `dL/dp at ε = ${factor} v`, `at most ${short(loudest)}, that at ε = v`, short(g), {
        element: 0,
      })
    }
  },
})

/** A labelled map of n voxels and an empty one on which v is predicted, drawn from the problem's seed. */
function pairOfMaps(given: Problem): { labelled: Problem; empty: Problem; generator: Generator } {
  const generator = new Generator(given.seed, 3)
  const n = 2 + generator.integer(6)
  const draw = (f: (i: number) => number): Float64Array => Float64Array.from({ length: n }, (_, i) => f(i))
  // The first voxel is labelled, so that Y > 0; poor predictions as good ones, so that both roots and none are met.
  const quality = generator.uniform()
  const y = draw((i) => (i === 0 || generator.uniform() < 0.5 ? 1 : 0))
  const p = y.map((label) => 0.05 + 0.9 * (quality * label + (1 - quality) * generator.uniform()))
  const labelled = withEpsilon(row(given, p, y), 0)
  const empty = row(
    given,
    draw(() => 0.05 + 0.9 * generator.uniform()),
    new Float64Array(n),
  )
  return { labelled, empty, generator }
}

function sumOf(values: Float64Array): number {
  return values.reduce((a, b) => a + b, 0)
}

/** ε = v [(k − 2) ± √(k (k − 4))]/2: the solutions of (v + ε)²/(v ε) = k; none for k < 4. */
function rootsOf(v: number, k: number): readonly number[] {
  const distance = k * (k - 4)
  return distance < 0 ? [] : [1, -1].map((sign) => (v * (k - 2 + sign * Math.sqrt(distance))) / 2)
}

/** That the empty map alone has the derivative `wanted` at the ε that k gives, and at none where k gives none. */
function solvesExactly(subject: Subject, empty: Problem, k: number, wanted: number): void {
  const v = sumOf(empty.prediction)
  for (const epsilon of rootsOf(v, k)) {
    const problem = withEpsilon(empty, epsilon)
    const got = read(subject.evaluate(problem).gradient, 0)
    subject.same(problem, 'dL/dp on the empty map at the ε of Eq. 5', wanted, got, { element: 0 })
  }
  if (k >= 4) return
  const loudest = withEpsilon(empty, v)
  const got = read(subject.evaluate(loudest).gradient, 0)
  if (got < wanted + subject.tolerance) return
  throw new Violation(loudest, 'dL/dp on the empty map', `below ${short(wanted)} for every ε: b² < 8 a`, short(got), {
    element: 0,
  })
}

export const equationFive = law({
  name: 'equationFive',
  identity:
    'I = a v, U = b v on a labelled map: g on an empty map equals g0 there at ε = v [(k − 2) ± √(k (k − 4))]/2, k = b²/(2 a), real iff b² ≥ 8 a (Eq. 5)',
  needs: ['any ε'],
  ofOneSubset: true,
  check(subject, given) {
    const { labelled, empty } = pairOfMaps(given)
    const background = labelled.target.indexOf(0)
    if (background < 0) return
    const [{ intersection, union } = { intersection: 0, union: 0 }] = subsetsOf(labelled)
    // k = b²/(2 a) with a = I/v and b = U/v.
    const k = union ** 2 / (2 * intersection * sumOf(empty.prediction))
    solvesExactly(subject, empty, k, read(subject.evaluate(labelled).gradient, background))
  },
})

export const batchEquivalence = law({
  name: 'batchEquivalence',
  identity:
    'a batch with a fraction q of labelled maps, v on the others: g0 under BI at ε = 0 is matched under I at k = (q b + 1 − q)²/(2 q a); a = ½, b = 2: ε = q v, the mean label volume over all maps, or v/q',
  needs: ['any ε', 'I', 'BI'],
  domain: 'named',
  ofOneSubset: true,
  check(subject, given) {
    const { labelled, empty, generator } = pairOfMaps(given)
    const [withLabel, without] = [1 + generator.integer(2), 1 + generator.integer(3)]
    const join = (part: (problem: Problem) => Float64Array): Float64Array =>
      Float64Array.from([
        ...Array.from({ length: withLabel }, () => [...part(labelled)]).flat(),
        ...Array.from({ length: without }, () => [...part(empty)]).flat(),
      ])
    const shape = labelled.shape.map((n, axis) => (axis === 0 ? withLabel + without : n))
    const [prediction, target] = [join((one) => one.prediction), join((one) => one.target)]
    const batch = problemOf({ ...labelled, shape, prediction, target, phi: 'BI' })
    const g0 = read(subject.evaluate(batch).gradient, batch.target.length - 1)
    const [{ intersection, union } = { intersection: 0, union: 0 }] = subsetsOf(batch)
    // Under I the batch has one subset per map, N = B, where the map alone has N = 1.
    const images = withLabel + without
    const k = union ** 2 / (2 * intersection * sumOf(empty.prediction) * images)
    solvesExactly(subject, { ...empty, phi: 'I' }, k, g0 * images)
  },
})

export const priceOfEpsilon = law({
  name: 'priceOfEpsilon',
  identity: 'at I = v/2, U = 2 v: ε = v scales g1 by 16/27 and g0 by 8/9 of what they are at ε = 0',
  needs: ['any ε'],
  ofOneSubset: true,
  check(subject, given) {
    const voxels = 1 + new Generator(given.seed, 5).integer(4)
    const repeated = (values: readonly number[]): Float64Array =>
      Float64Array.from({ length: values.length * voxels }, (_, i) => read(values, Math.floor(i / voxels)))
    // Y = P = 2 voxels, I = voxels: v = 2 voxels.
    const problem = row(given, repeated([0.75, 0.25, 0.5, 0.5]), repeated([1, 1, 0, 0]))
    const at = (epsilon: number): Float64Array => subject.evaluate(withEpsilon(problem, epsilon)).gradient
    const [plain, smooth] = [at(0), at(2 * voxels)]
    const shown = withEpsilon(problem, 2 * voxels)
    const last = problem.target.length - 1
    subject.same(shown, 'g1', (16 / 27) * read(plain, 0), read(smooth, 0), { element: 0 })
    subject.same(shown, 'g0', (8 / 9) * read(plain, last), read(smooth, last), { element: last })
  },
})

export const smoothingLaws: readonly Law[] = [
  virtualObject,
  fallsWithEpsilon,
  emptyLabel,
  missingWithoutEpsilon,
  loudestEpsilon,
  equationFive,
  batchEquivalence,
  priceOfEpsilon,
]
