/** Laws of Φ: that a loss is the mean over subsets, that subsets do not see each other, and how a coarser Φ relates to a finer. */
import { Partition, type PartitionName } from '../../losses/partition.js'
import { Generator } from '../../tensor/random.js'
import { type Law, law } from '../law.js'
import type { Subject } from '../loss-under-test.js'
import { type Problem, type Subset, alone, interior, problemOf, read, subsetsOf, withEpsilon } from '../problem.js'
import { withSums } from './derivative.js'
import { plainScore } from './smoothing.js'

export const decomposition = law({
  name: 'decomposition',
  identity: 'L under Φ is the mean of the losses of its subsets, each alone; dL/dp is 1/|Φ| of theirs',
  check(subject, given) {
    const problem = withSums(given)
    const subsets = subsetsOf(problem)
    const parts = subsets.map((subset) => subject.evaluate(alone(problem, subset)))
    const { value, gradient } = subject.evaluate(problem)
    const mean = parts.reduce((sum, part) => sum + part.value, 0) / parts.length
    subject.same(problem, 'the loss, the mean of those of the subsets alone', mean, value)
    subsets.forEach(({ elements, index }) => {
      elements.forEach((element, k) => {
        const expected = read(parts[index]?.gradient ?? [], k) / parts.length
        subject.same(problem, 'dL/dp, 1/|Φ| of that of the subset alone', expected, read(gradient, element), {
          element,
        })
      })
    })
  },
})

/** Joins subsets of a label map at random, or under a named Φ all of them: fine subset → coarse subset, and the coarse problem. */
function coarsened(problem: Problem): { coarse: Problem; groupOf: (fine: number) => number } {
  if (typeof problem.phi === 'string') return { coarse: problemOf({ ...problem, phi: 'BCI' }), groupOf: () => 0 }
  const generator = new Generator(problem.seed, 2)
  const groups = 1 + generator.integer(problem.count)
  const raw = Array.from({ length: problem.count }, () => generator.integer(groups))
  const names = [...new Set(raw)]
  const groupOf = (fine: number): number => names.indexOf(read(raw, fine))
  const labels = problem.subsetOf.map((fine) => (fine < 0 ? -1 : groupOf(fine)))
  const { shape } = problem
  return { coarse: problemOf({ ...problem, phi: Partition.labels(labels, { shape }) }), groupOf }
}

export const coarsening = law({
  name: 'coarsening',
  identity:
    'a union of subsets has s = (Σ U s(0) + ε)/(Σ U + ε): at ε = 0 the mean of their s weighted by U, between least and largest',
  needs: ['any ε', 'BCI'],
  check(subject, given) {
    for (const problem of [interior(given), interior(withEpsilon(given, 0))]) {
      const { coarse, groupOf } = coarsened(problem)
      const fine = subsetsOf(problem)
      const scores = fine.map((subset) => plainScore(subject, problem, subset))
      const total = (group: number, f: (subset: Subset) => number): number =>
        fine.reduce((sum, subset) => sum + (groupOf(subset.index) === group ? f(subset) : 0), 0)
      let mean = 0
      for (let group = 0; group < coarse.count; group++) {
        const weighted = total(group, ({ union, index }) => union * read(scores, index))
        mean += (weighted + problem.epsilon) / (total(group, ({ union }) => union) + problem.epsilon) / coarse.count
      }
      subject.same(coarse, 'the loss, from the scores of the parts of each subset', 1 - mean, subject.value(coarse))
    }
  },
})

/** That two names are one Φ on this shape, in value and derivative. */
function sameUnder(subject: Subject, problem: Problem, a: PartitionName, b: PartitionName): void {
  const [one, other] = [a, b].map((phi) => problemOf({ ...problem, phi }))
  if (one === undefined || other === undefined) return
  const [expected, got] = [subject.evaluate(one), subject.evaluate(other)]
  subject.same(other, `the loss, equal under ${a} and ${b}`, expected.value, got.value)
  got.gradient.forEach((g, element) => {
    subject.same(other, `dL/dp, equal under ${a} and ${b}`, read(expected.gradient, element), g, { element })
  })
}

/** The first image, or the first class, of a problem. */
function cut(problem: Problem, axis: 'batch' | 'classes'): Problem {
  const { shape } = problem
  const last = shape.length - 1
  const single = shape.map((n, i) => (i === (axis === 'batch' ? 0 : last) ? 1 : n))
  const classes = read(shape, last)
  const length = single.reduce((a, b) => a * b, 1)
  const take = (values: Float64Array): Float64Array =>
    Float64Array.from({ length }, (_, i) => read(values, axis === 'batch' ? i : i * classes))
  return problemOf({ ...problem, shape: single, prediction: take(problem.prediction), target: take(problem.target) })
}

export const degenerateShapes = law({
  name: 'degenerateShapes',
  identity: 'B = 1: I = BI and CI = BCI; C = 1: I = CI and BI = BCI',
  needs: ['I', 'CI', 'BI', 'BCI'],
  domain: 'named',
  check(subject, given) {
    const [image, label] = [cut(interior(given), 'batch'), cut(interior(given), 'classes')]
    sameUnder(subject, image, 'I', 'BI')
    sameUnder(subject, image, 'CI', 'BCI')
    sameUnder(subject, label, 'I', 'CI')
    sameUnder(subject, label, 'BI', 'BCI')
  },
})

export const partitionLaws: readonly Law[] = [decomposition, coarsening, degenerateShapes]
