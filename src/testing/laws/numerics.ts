/** Laws of how a loss is computed: in float32, from logits, in shards; and what a softmax over all channels makes of it. */
import { Generator } from '../../tensor/random.js'
import { at, sizeOf } from '../../tensor/shape.js'
import { type Law, law } from '../law.js'
import type { Subject } from '../loss-under-test.js'
import { type Problem, interior, problemOf, read, row, subsetsOf, withTarget } from '../problem.js'
import { type Place, Violation, digits, short } from '../violation.js'

/** Relative accuracy that float32 sums do not reach and a float32 result does. */
const SINGLE = 1e-6

/** |got − expected| ≤ 1e-6 |expected|. */
function sameInSingle(problem: Problem, quantity: string, expected: number, got: number, place: Place = {}): void {
  if (Math.abs(got - expected) <= SINGLE * Math.abs(expected)) return
  const [wanted, came] = digits(expected, got)
  throw new Violation(problem, quantity, wanted, came, place)
}

export const single = law({
  name: 'single',
  identity:
    'float32 in, the loss and its derivative within 1e-6 relative of float64 on the same values, also where p is nearly y',
  ofOneSubset: true,
  check(subject, given) {
    const generator = new Generator(given.seed, 8)
    const n = 3000 + generator.integer(1000)
    // Good predictions, as late in training: 1 − s is about 1e-3, and what subtracts s from 1 in float32 loses 4 of 7 digits.
    const target = Float64Array.from({ length: n }, () => (generator.uniform() < 0.5 ? 1 : 0))
    const prediction = target.map((y) => Math.fround(Math.abs(y - 2e-3 * generator.uniform())))
    const problem = row(given, prediction, target)
    const [{ distance, denominator, score } = { distance: 0, denominator: 1, score: 1 }] = subsetsOf(problem)
    const { value, gradient } = subject.evaluate(problem, { dtype: 'float32' })
    sameInSingle(problem, 'the loss in float32', distance / denominator, value)
    gradient.forEach((g, element) => {
      const expected = (score - 2 * read(target, element)) / denominator
      sameInSingle(problem, 'dL/dp in float32', expected, g, { element })
    })
  },
})

/** d loss / d logits of a loss that takes probabilities, by the chain rule. */
function throughSigmoid(gradient: Float64Array, p: Float64Array): Float64Array {
  return gradient.map((g, i) => g * read(p, i) * (1 - read(p, i)))
}

/** p_i (g_i − Σ g p) over the classes of each voxel. */
function throughSoftmax(gradient: Float64Array, p: Float64Array, classes: number): Float64Array {
  return gradient.map((g, i) => {
    const first = i - (i % classes)
    let mean = 0
    for (let c = first; c < first + classes; c++) mean += read(gradient, c) * read(p, c)
    return read(p, i) * (g - mean)
  })
}

function activated(z: Float64Array, activation: 'sigmoid' | 'softmax', classes: number): Float64Array {
  if (activation === 'sigmoid') return z.map((x) => 1 / (1 + Math.exp(-x)))
  return z.map((x, i) => {
    const voxel = z.subarray(i - (i % classes), i - (i % classes) + classes)
    const largest = Math.max(...voxel)
    return Math.exp(x - largest) / voxel.reduce((sum, other) => sum + Math.exp(other - largest), 0)
  })
}

/** The derivative in the logits, from the loss itself where it takes logits, else from that in the probabilities. */
function inLogits(
  subject: Subject,
  problem: Problem,
  z: Float64Array,
  activation: 'sigmoid' | 'softmax',
): Float64Array {
  if (subject.takesLogits) return subject.evaluate({ ...problem, prediction: z }, { fromLogits: activation }).gradient
  const { gradient } = subject.evaluate(problem)
  const classes = at(problem.shape, problem.shape.length - 1)
  return activation === 'sigmoid'
    ? throughSigmoid(gradient, problem.prediction)
    : throughSoftmax(gradient, problem.prediction, classes)
}

export const logitsBound = law({
  name: 'logitsBound',
  identity:
    'empty subset from logits z: Σ |dDL/dz| ≤ ε v/(|Φ| (v + ε)²) ≤ 1/(4 |Φ|) by sigmoid; all empty and softmax: twice the sum over subsets',
  check(subject, given) {
    const generator = new Generator(given.seed, 9)
    const size = [1, 10, 1e3][generator.integer(3)] ?? 1
    const z = given.prediction.map((p) => size * (2 * p - 1) - 1)
    const classes = at(given.shape, given.shape.length - 1)
    for (const activation of ['sigmoid', 'softmax'] as const) {
      const p = activated(z, activation, classes)
      const problem = { ...withTarget(given, new Float64Array(z.length)), prediction: p }
      const subsets = subsetsOf(problem)
      // What cannot be represented cannot be asked: v = 0 and ε = 0.
      if (subsets.some(({ denominator }) => denominator === 0)) continue
      const gradient = inLogits(subject, problem, z, activation)
      const most = subsets.map(
        ({ prediction: v, denominator }) => (problem.epsilon * v) / (problem.count * denominator ** 2),
      )
      const bound = activation === 'sigmoid' ? most : [2 * most.reduce((a, b) => a + b, 0)]
      const total = new Float64Array(bound.length)
      gradient.forEach((g, i) => {
        const subset = activation === 'sigmoid' ? read(problem.subsetOf, i) : 0
        if (subset >= 0) total[subset] = read(total, subset) + Math.abs(g)
      })
      total.forEach((sum, subset) => {
        const limit = read(bound, subset)
        if (sum <= limit * (1 + 1e-6) + subject.tolerance) return
        throw new Violation(problem, `Σ |dL/dz| by ${activation}`, `at most ${short(limit)}`, short(sum), { subset })
      })
    }
  },
})

/** A softmax over random logits, and one-hot labels: both add up to 1 over the classes of each voxel. */
function oneOfAll(given: Problem): Problem {
  const generator = new Generator(given.seed, 10)
  const classes = at(given.shape, given.shape.length - 1)
  const z = given.prediction.map(() => 4 * generator.uniform())
  const labels = Array.from({ length: z.length / classes }, () => generator.integer(classes))
  const target = z.map((_, i) => (labels[Math.floor(i / classes)] === i % classes ? 1 : 0))
  return withTarget({ ...given, prediction: activated(z, 'softmax', classes) }, target)
}

export const softmaxIsLinear = law({
  name: 'softmaxIsLinear',
  identity:
    'softmax and one-hot labels, all channels, CI or BCI: FP = FN and DL = mean of 2 (n − Σ p_true)/(2 n + ε) over n voxels, linear in p_true: no balance between classes',
  needs: ['CI', 'BCI'],
  domain: 'named',
  check(subject, given) {
    for (const phi of ['CI', 'BCI'] as const) {
      const problem = problemOf({ ...oneOfAll(given), phi })
      const subsets = subsetsOf(problem)
      const expected = subsets.map(({ elements, intersection }) => {
        const n = elements.length / at(problem.shape, problem.shape.length - 1)
        return (2 * (n - intersection)) / (2 * n + problem.epsilon)
      })
      const mean = expected.reduce((a, b) => a + b, 0) / expected.length
      subject.same(problem, 'the loss, linear in p of the true class', mean, subject.value(problem))
    }
  },
})

/** Image b of a problem under a named Φ, as a batch of its own. */
function imageOf(problem: Problem, b: number): Problem {
  const shape = problem.shape.map((n, axis) => (axis === 0 ? 1 : n))
  const length = sizeOf(shape)
  const part = (values: Float64Array): Float64Array => values.slice(b * length, (b + 1) * length)
  return problemOf({ ...problem, shape, prediction: part(problem.prediction), target: part(problem.target) })
}

export const sharding = law({
  name: 'sharding',
  identity:
    'one image a shard, (I, Y, P) added up over shards: the loss and derivative of the whole batch, for every named Φ',
  needs: ['shards'],
  domain: 'named',
  check(subject, given) {
    const problem = interior(given)
    const images = Array.from({ length: at(problem.shape, 0) }, (_, b) => imageOf(problem, b))
    const whole = subject.evaluate(problem)
    const { value, gradients } = subject.evaluateShards(images, problem)
    subject.same(problem, 'the loss over shards', whole.value, value)
    gradients.forEach((gradient, b) =>
      gradient.forEach((g, i) => {
        const element = b * gradient.length + i
        subject.same(problem, 'dL/dp over shards', read(whole.gradient, element), g, { element })
      }),
    )
  },
})

export const localAverage = law({
  name: 'localAverage',
  identity:
    'I and CI: the loss of a batch is the mean of those of its images; no subset crosses images (not so for BI and BCI)',
  needs: ['I', 'CI'],
  domain: 'named',
  check(subject, given) {
    for (const phi of ['I', 'CI'] as const) {
      const problem = problemOf({ ...interior(given), phi })
      const images = Array.from({ length: at(problem.shape, 0) }, (_, b) => subject.value(imageOf(problem, b)))
      const mean = images.reduce((a, b) => a + b, 0) / images.length
      subject.same(problem, 'the loss, the mean over images', mean, subject.value(problem))
    }
  },
})

export const numericalLaws: readonly Law[] = [single, logitsBound, softmaxIsLinear, sharding, localAverage]
