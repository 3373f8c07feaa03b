/** Laws of the losses that are related to Dice: each in its own terms, and what ties it to Dice. */
import { Generator } from '../../tensor/random.js'
import { at, sizeOf } from '../../tensor/shape.js'
import { type Law, law } from '../law.js'
import type { Subject } from '../loss-under-test.js'
import {
  type Problem,
  type Subset,
  alone,
  binary,
  gathered,
  interior,
  problemOf,
  read,
  subsetsOf,
  withTarget,
} from '../problem.js'
import { Violation, short } from '../violation.js'
import { eachElement, withSums } from './derivative.js'

export const jaccardOfDice = law({
  name: 'jaccardOfDice',
  identity: 'per subset, with smoothing ε/2: J = s/(2 − s), s = 2 J/(1 + J), and DL ≤ JL ≤ 2 DL',
  check(subject, given) {
    const problem = withSums(given)
    for (const subset of subsetsOf(problem)) {
      const single = alone(problem, subset)
      const value = subject.value(single)
      const { score } = subset
      subject.same(single, 'the Jaccard loss, 1 − s/(2 − s)', 1 - score / (2 - score), value)
      const dice = 1 - (2 * (1 - value)) / (2 - value)
      if (dice <= value + subject.tolerance && value <= 2 * dice + subject.tolerance) continue
      throw new Violation(single, 'the Jaccard loss', `from DL to 2 DL, DL = ${short(dice)}`, short(value))
    }
  },
})

/** The Tversky loss of a subset at smoothing ε/2. */
function tverskyOf({ intersection, target, prediction }: Subset, epsilon: number, alpha: number, beta: number): number {
  const [falsePositives, falseNegatives] = [prediction - intersection, target - intersection]
  const errors = alpha * falsePositives + beta * falseNegatives
  return errors / (intersection + errors + epsilon / 2)
}

export const tversky = law({
  name: 'tversky',
  identity:
    'T(α, β) = (I + ε/2)/(I + α FP + β FN + ε/2), FP = P − I, FN = Y − I: α = β = ½ is Dice, α = β = 1 is Jaccard; FP + FN = U − 2 I',
  check(subject, given) {
    const problem = interior(given)
    const generator = new Generator(problem.seed, 6)
    const drawn = [0.1 + 0.9 * generator.uniform(), 0.1 + 0.9 * generator.uniform()] as const
    for (const [alpha, beta] of [[0.5, 0.5], [1, 1], [0.3, 0.7], drawn] as const) {
      const subsets = subsetsOf(problem)
      const expected =
        subsets.reduce((sum, subset) => sum + tverskyOf(subset, problem.epsilon, alpha, beta), 0) / subsets.length
      const got = subject.value(problem, { alpha, beta })
      subject.same(problem, `the loss at α = ${short(alpha)} (on FP), β = ${short(beta)} (on FN)`, expected, got)
    }
  },
})

export const tverskyExchange = law({
  name: 'tverskyExchange',
  identity: 'T(α, β) of (p, y) is T(β, α) of (y, p): α is on false positives, β on false negatives',
  needs: ['soft targets'],
  check(subject, given) {
    const problem = interior(given)
    const exchanged = { ...problem, prediction: problem.target, target: problem.prediction }
    const [one, other] = [
      subject.value(problem, { alpha: 0.2, beta: 0.9 }),
      subject.value(exchanged, { alpha: 0.9, beta: 0.2 }),
    ]
    subject.same(exchanged, 'the loss with p and y, α and β exchanged', one, other)
  },
})

export const squaredDerivative = law({
  name: 'squaredDerivative',
  identity:
    'V-Net: g = 2 (s p − y)/(|Φ| D), D = Σ y² + Σ p² + ε; on an empty label 2 s p/(|Φ| D), which vanishes with p',
  check(subject, given) {
    const soft = interior(given)
    for (const problem of [soft, withTarget(soft, new Float64Array(soft.target.length))]) {
      const { gradient } = subject.evaluate(problem)
      eachElement(problem, (element, { intersection, squares }) => {
        const denominator = squares + problem.epsilon
        const score = (2 * intersection + problem.epsilon) / denominator
        const slope = score * read(problem.prediction, element) - read(problem.target, element)
        const expected = (2 * slope) / (problem.count * denominator)
        subject.same(problem, 'dL/dp of the squared form', expected, read(gradient, element), { element })
      })
    }
  },
})

export const semimetric = law({
  name: 'semimetric',
  identity:
    'L = 1/|Φ| Σ (Σ |p − y|)/(U + ε): Dice for binary y; g = (s − 1 + sign(p − y))/(|Φ| D), s = 1 − L, where p ≠ y',
  check(subject, given) {
    for (const problem of [withSums(given), withSums(binary(given))]) {
      const subsets = subsetsOf(problem)
      const expected =
        subsets.reduce((sum, { distance, denominator }) => sum + distance / denominator, 0) / subsets.length
      const { value, gradient } = subject.evaluate(problem)
      subject.same(problem, 'the loss', expected, value)
      eachElement(problem, (element, { distance, denominator }) => {
        const side = Math.sign(read(problem.prediction, element) - read(problem.target, element))
        if (side === 0) return
        const slope = (side - distance / denominator) / (problem.count * denominator)
        subject.same(problem, 'dL/dp where p ≠ y', slope, read(gradient, element), { element })
      })
    }
  },
})

export const leaf = law({
  name: 'leaf',
  identity: 'subsets with Y = 0 count with s = 1 and derivative 0, |Φ| unchanged; on all others the loss is Dice',
  check(subject, given) {
    const problem = withSums(given)
    const subsets = subsetsOf(problem)
    const scores = subsets.map(({ score, target }) => (target === 0 ? 1 : score))
    const { value, gradient } = subject.evaluate(problem)
    subject.same(problem, 'the loss', 1 - scores.reduce((a, b) => a + b, 0) / scores.length, value)
    eachElement(problem, (element, { target, score, denominator }) => {
      const slope = (score - 2 * read(problem.target, element)) / (problem.count * denominator)
      const quantity = target === 0 ? 'dL/dp on an empty subset' : 'dL/dp of Eq. 4'
      subject.same(problem, quantity, target === 0 ? 0 : slope, read(gradient, element), { element })
    })
  },
})

/** Positive weights per class, drawn from the problem's seed, none of them 1. */
function weightsOf({ shape, seed }: Problem): number[] {
  const generator = new Generator(seed, 7)
  return Array.from({ length: at(shape, shape.length - 1) }, () => 0.1 + 3 * generator.uniform())
}

/** With a single class the weight is a factor on the loss, which is another thing: the class is taken twice. */
function twoClasses(problem: Problem): Problem {
  if (problem.shape.at(-1) !== 1) return problem
  const shape = [...problem.shape.slice(0, -1), 2]
  const source = Int32Array.from({ length: sizeOf(shape) }, (_, i) => Math.floor(i / 2))
  return gathered(problem, shape, source)
}

export const weightedAllWise = law({
  name: 'weightedAllWise',
  identity:
    'generalized Dice with class weights v: s = (2 Σ v I + ε)/(Σ v U + ε) over classes, g = v (s − 2 y)/D, and (v, ε) → (k v, k ε) changes nothing',
  needs: ['any ε', 'BCI'],
  domain: 'named',
  check(subject, given) {
    const problem = twoClasses(problemOf({ ...interior(given), phi: 'BCI' }))
    const weights = weightsOf(problem)
    const weightOf = (i: number): number => read(weights, i % weights.length)
    const { value, gradient } = subject.evaluate(problem, { classWeights: weights })
    const total = (f: (y: number, p: number) => number): number =>
      problem.target.reduce((sum, y, i) => sum + weightOf(i) * f(y, read(problem.prediction, i)), 0)
    const denominator = total((y, p) => y + p) + problem.epsilon
    const score = (2 * total((y, p) => y * p) + problem.epsilon) / denominator
    subject.same(problem, `the loss at class weights ${weights.map((w) => short(w, 3)).join(', ')}`, 1 - score, value)
    gradient.forEach((g, element) => {
      const expected = (weightOf(element) * (score - 2 * read(problem.target, element))) / denominator
      subject.same(problem, 'dL/dp, v (s − 2 y)/D', expected, g, { element })
    })
    scaleFree(subject, problem, weights, value)
  },
})

function scaleFree(subject: Subject, problem: Problem, weights: readonly number[], value: number): void {
  for (const factor of [1e-3, 40]) {
    const scaled = { ...problem, epsilon: factor * problem.epsilon }
    const got = subject.value(scaled, { classWeights: weights.map((weight) => factor * weight) })
    subject.same(scaled, `the loss with weights and ε times ${factor}`, value, got)
  }
}

export const relativeLaws: readonly Law[] = [
  jaccardOfDice,
  tversky,
  tverskyExchange,
  squaredDerivative,
  semimetric,
  leaf,
  weightedAllWise,
]
