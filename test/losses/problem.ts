/**
 * What the loss tests draw from, and Eq. 3 and Eq. 4 written out naively: one loop over the elements of each subset, nothing
 * shared with the code under test.
 */
import fc from 'fast-check'
import { Generator, type Tensor, tensor } from '../../src/index.js'
import { Partition, type PartitionName } from '../../src/losses/index.js'

export const names = ['I', 'CI', 'BI', 'BCI'] as const satisfies readonly PartitionName[]

export interface Problem {
  readonly shape: readonly number[]
  readonly prediction: Float64Array
  readonly target: Float64Array
  readonly epsilon: number
  readonly phi: PartitionName | Partition
  /** Subset of each element, −1 for none. */
  readonly subsetOf: readonly number[]
}

/** Batch, one to three spatial axes, channels. */
export const shapes = fc
  .tuple(
    fc.integer({ min: 1, max: 3 }),
    fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 3 }),
    fc.integer({ min: 1, max: 3 }),
  )
  .map(([b, spatial, c]) => [b, ...spatial, c])

export const epsilons = fc.constantFrom(1e-7, 1e-3, 0.5, 1, 20)

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((n, m) => n * m, 1)
}

/** The image and the class that element i belongs to. */
export function place(shape: readonly number[], i: number): { b: number; c: number } {
  const channels = shape.at(-1) ?? 1
  return { b: Math.floor(i / (sizeOf(shape) / (shape[0] ?? 1))), c: i % channels }
}

/** Sect. 2.1: the dimensions in the name are reduced. */
export function namedSubset(name: PartitionName, shape: readonly number[], i: number): number {
  const { b, c } = place(shape, i)
  const channels = shape.at(-1) ?? 1
  return { I: b * channels + c, CI: b, BI: c, BCI: 0 }[name]
}

/** Binary targets with every map empty, full or mixed; soft ones; predictions that touch neither 0 nor 1. */
function drawValues(shape: readonly number[], seed: number, soft: boolean): Pick<Problem, 'prediction' | 'target'> {
  const generator = new Generator(seed)
  const size = sizeOf(shape)
  const channels = shape.at(-1) ?? 1
  const rates = Array.from({ length: (shape[0] ?? 1) * channels }, () => generator.integer(3) / 2)
  const target = Float64Array.from({ length: size }, (_, i) => {
    const { b, c } = place(shape, i)
    const u = generator.uniform()
    if (soft) return (rates[b * channels + c] ?? 0) * u
    return u < (rates[b * channels + c] ?? 0) ? 1 : 0
  })
  return { prediction: Float64Array.from({ length: size }, () => 0.02 + 0.96 * generator.uniform()), target }
}

const values = fc.record({ shape: shapes, seed: fc.nat(), soft: fc.boolean(), epsilon: epsilons })

export const namedProblems: fc.Arbitrary<Problem> = fc
  .tuple(values, fc.constantFrom(...names))
  .map(([{ shape, seed, soft, epsilon }, phi]) => ({
    shape,
    ...drawValues(shape, seed, soft),
    epsilon,
    phi,
    subsetOf: Array.from({ length: sizeOf(shape) }, (_, i) => namedSubset(phi, shape, i)),
  }))

/** Any set partition of Ω, some elements in none: labels in order of first appearance, so that each is equally a partition. */
export const labelProblems: fc.Arbitrary<Problem> = fc
  .tuple(values, fc.integer({ min: 1, max: 6 }), fc.nat(), fc.boolean())
  .map(([{ shape, seed, soft, epsilon }, most, order, hasHoles]) => {
    const generator = new Generator(order, 1)
    const raw = Array.from(
      { length: sizeOf(shape) },
      () => generator.integer(most + (hasHoles ? 1 : 0)) - (hasHoles ? 1 : 0),
    )
    const seen = [...new Set(raw.filter((label) => label >= 0))]
    const subsetOf = raw.map((label) => (label < 0 ? -1 : seen.indexOf(label)))
    const phi = Partition.labels(Int32Array.from(subsetOf), { shape })
    return { shape, ...drawValues(shape, seed, soft), epsilon, phi, subsetOf }
  })

export const problems: fc.Arbitrary<Problem> = fc.oneof(namedProblems, labelProblems)

export function tensorsOf({ shape, prediction, target }: Problem): { p: Tensor; y: Tensor } {
  return { p: tensor(prediction, { shape }), y: tensor(target, { shape }) }
}

export interface NaiveSubset {
  readonly elements: readonly number[]
  readonly intersection: number
  readonly target: number
  readonly prediction: number
  readonly score: number
  readonly denominator: number
}

export function naiveSubsets({ subsetOf, prediction, target, epsilon }: Problem): NaiveSubset[] {
  const count = Math.max(-1, ...subsetOf) + 1
  return Array.from({ length: count }, (_, s) => {
    const elements = subsetOf.flatMap((subset, i) => (subset === s ? [i] : []))
    const total = (f: (y: number, p: number) => number): number =>
      elements.reduce((sum, i) => sum + f(target[i] ?? 0, prediction[i] ?? 0), 0)
    const [intersection, labelled, predicted] = [total((y, p) => y * p), total((y) => y), total((_, p) => p)]
    const denominator = labelled + predicted + epsilon
    const score = (2 * intersection + epsilon) / denominator
    return { elements, intersection, target: labelled, prediction: predicted, score, denominator }
  })
}

/** Eq. 3. */
export function naiveLoss(problem: Problem): number {
  const subsets = naiveSubsets(problem)
  return subsets.length === 0 ? 0 : 1 - subsets.reduce((sum, { score }) => sum + score, 0) / subsets.length
}

/** Eq. 4. */
export function naiveGradient(problem: Problem): Float64Array {
  const subsets = naiveSubsets(problem)
  return problem.target.map((y, i) => {
    const subset = subsets[problem.subsetOf[i] ?? -1]
    return subset === undefined ? 0 : (subset.score - 2 * y) / (subsets.length * subset.denominator)
  })
}

/** The largest |a − b| / max(floor, |b|). */
export function distance(a: ArrayLike<number>, b: ArrayLike<number>, floor = 1): number {
  let largest = a.length === b.length ? 0 : Infinity
  for (let i = 0; i < a.length; i++) {
    const [x = Number.NaN, y = Number.NaN] = [a[i], b[i]]
    const error = Math.abs(x - y) / Math.max(floor, Math.abs(y))
    if (!(error <= largest)) largest = error
  }
  return largest
}
