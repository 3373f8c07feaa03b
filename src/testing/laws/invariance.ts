/** Laws of what a loss does not see: the order of things, and the fineness of the grid. */
import { Partition } from '../../losses/partition.js'
import { Generator } from '../../tensor/random.js'
import { at, denseStrides } from '../../tensor/shape.js'
import { type Law, law } from '../law.js'
import type { Subject } from '../loss-under-test.js'
import { type Problem, gathered, problemOf, read, repeatedSource, subsetsOf, withEpsilon } from '../problem.js'
import { withSums } from './derivative.js'

/** That the loss of the elements in another order is the same, and that the derivative went with them. */
function sameInOrder(subject: Subject, problem: Problem, changed: Problem, source: ArrayLike<number>): void {
  const [before, after] = [subject.evaluate(problem), subject.evaluate(changed)]
  subject.same(changed, 'the loss in this order', before.value, after.value)
  after.gradient.forEach((g, element) => {
    subject.same(changed, 'dL/dp, which goes with its element', read(before.gradient, read(source, element)), g, {
      element,
    })
  })
}

export const elementOrder = law({
  name: 'elementOrder',
  identity: 'exchanging pairs (y, p) within subsets leaves L alone and takes dL/dp along',
  check(subject, given) {
    const problem = withSums(given)
    const generator = new Generator(problem.seed, 1)
    const source = Int32Array.from(problem.target.keys())
    for (const { elements } of subsetsOf(problem)) {
      const order = generator.permutation(elements.length)
      elements.forEach((element, k) => (source[element] = read(elements, read(order, k))))
    }
    const moved = gathered(problem, problem.shape, source)
    // The pairs move, Φ stays where it was.
    sameInOrder(subject, problem, problemOf({ ...moved, phi: problem.phi }), source)
  },
})

export const imageAndClassOrder = law({
  name: 'imageAndClassOrder',
  identity: 'I, CI, BI and BCI: permuting images or classes leaves L alone and takes dL/dp along',
  domain: 'named',
  check(subject, given) {
    const problem = withSums(given)
    const { shape, seed } = problem
    const generator = new Generator(seed, 1)
    const last = shape.length - 1
    const orders = shape.map((n, axis) =>
      axis === 0 || axis === last ? generator.permutation(n) : Int32Array.from({ length: n }, (_, i) => i),
    )
    const strides = denseStrides(shape)
    const source = problem.target.map((_, i) =>
      shape.reduce((from, n, axis) => {
        const stride = at(strides, axis)
        return from + stride * read(orders[axis] ?? [], Math.floor(i / stride) % n)
      }, 0),
    )
    sameInOrder(subject, problem, gathered(problem, shape, source), source)
  },
})

export const subsetOrder = law({
  name: 'subsetOrder',
  identity: 'the names of the subsets do not matter: a label map with permuted labels is the same Φ',
  needs: ['label maps'],
  domain: 'labels',
  check(subject, given) {
    const problem = withSums(given)
    const order = new Generator(problem.seed, 1).permutation(problem.count)
    const labels = problem.subsetOf.map((subset) => (subset < 0 ? -1 : read(order, subset)))
    const renamed = problemOf({ ...problem, phi: Partition.labels(labels, { shape: problem.shape }) })
    sameInOrder(subject, problem, renamed, Int32Array.from(problem.target.keys()))
  },
})

export const namedIsLabelled = law({
  name: 'namedIsLabelled',
  identity: 'I, CI, BI and BCI are the label maps that they stand for',
  needs: ['label maps'],
  domain: 'named',
  check(subject, given) {
    const problem = withSums(given)
    const labelled = problemOf({ ...problem, phi: Partition.labels(problem.subsetOf, { shape: problem.shape }) })
    sameInOrder(subject, problem, labelled, Int32Array.from(problem.target.keys()))
  },
})

export const replication = law({
  name: 'replication',
  identity: 'every voxel k times, and k ε: the same DL, dDL/dp divided by k (ε is counted in voxels)',
  needs: ['any ε'],
  check(subject, given) {
    const problem = withSums(given)
    const factor = 2 + (problem.seed % 2)
    const { shape, source } = repeatedSource(problem.shape, factor)
    const finer = withEpsilon(gathered(problem, shape, source), factor * problem.epsilon)
    const [coarse, fine] = [subject.evaluate(problem), subject.evaluate(finer)]
    subject.same(finer, `the loss on a grid ${factor} times as fine`, coarse.value, fine.value)
    fine.gradient.forEach((g, element) => {
      const expected = read(coarse.gradient, read(source, element)) / factor
      subject.same(finer, `dL/dp, ${factor} times smaller`, expected, g, { element })
    })
  },
})

export const padding = law({
  name: 'padding',
  identity: 'voxels with y = p = 0 leave DL and the derivative elsewhere alone; they themselves receive g0',
  check(subject, given) {
    const problem = withSums(given)
    const { shape, source: owner } = repeatedSource(problem.shape, 2)
    // Of each pair of voxels the first is the old one and the second is empty.
    const inner = shape.slice(2).reduce((a, b) => a * b, 1)
    const isNew = (i: number): boolean => Math.floor(i / inner) % 2 === 1
    const source = owner.map((from, i) => (isNew(i) ? -1 : from))
    const padded = gathered(problem, shape, source, owner)
    const [before, after] = [subject.evaluate(problem), subject.evaluate(padded)]
    subject.same(padded, 'the loss with padding', before.value, after.value)
    const subsets = subsetsOf(problem)
    after.gradient.forEach((g, element) => {
      const from = read(owner, element)
      if (!isNew(element)) {
        subject.same(padded, 'dL/dp of a voxel that was there', read(before.gradient, from), g, { element })
        return
      }
      const twin = subsets[read(problem.subsetOf, from)]?.elements.find((i) => read(problem.target, i) === 0)
      if (twin === undefined) return
      subject.same(padded, 'dL/dp on padding, that of background', read(before.gradient, twin), g, { element })
    })
  },
})

export const invarianceLaws: readonly Law[] = [
  elementOrder,
  imageAndClassOrder,
  subsetOrder,
  namedIsLabelled,
  replication,
  padding,
]
