/**
 * One case that a loss is asked about: prediction and target (B, …, C), Φ and ε; the sums of its subsets, computed naively and
 * apart from the losses; and the changes that laws make to a case. Plain numbers, no tensors.
 */
import { Partition, type PartitionName } from '../losses/partition.js'
import { labelsOf } from '../losses/subsets.js'
import { type Shape, at, sizeOf } from '../tensor/shape.js'

export interface Case {
  /** (B, …, C) */
  readonly shape: Shape
  readonly prediction: Float64Array
  readonly target: Float64Array
  readonly phi: PartitionName | Partition
  readonly epsilon: number
  /** For whatever else a law draws: permutations, a second prediction. */
  readonly seed: number
}

export interface Problem extends Case {
  /** Element → index of its subset, −1 for none. */
  readonly subsetOf: Int32Array
  /** |Φ| */
  readonly count: number
}

/** `values[i]`; NaN outside, which no comparison survives. */
export function read(values: ArrayLike<number>, i: number): number {
  return values[i] ?? Number.NaN
}

/**
 * Element → index of its subset (−1: in none) in C order of `shape`: what Φ is, for a loss that wants it as plain numbers.
 *
 * @throws ShapeError or ConfigError where Φ does not fit the shape.
 *
 * @example
 * subsetLabels('I', [2, 4, 1]) // 0 0 0 0 1 1 1 1
 */
export function subsetLabels(phi: PartitionName | Partition, shape: Shape): Int32Array {
  const partition = typeof phi === 'string' ? Partition.of(phi) : phi
  const subsets = partition.resolve('phi', shape)
  if (typeof phi !== 'string') return Int32Array.from(labelsOf(subsets, shape))
  // Sect. 2.1 written out, apart from what the losses use: the dimensions in the name are reduced.
  const classes = at(shape, shape.length - 1)
  return Int32Array.from({ length: sizeOf(shape) }, (_, i) => {
    const { image, class: label } = placeOf(shape, i)
    return { I: image * classes + label, CI: image, BI: label, BCI: 0 }[phi]
  })
}

export function problemOf(given: Case): Problem {
  const { phi, shape } = given
  const subsetOf = subsetLabels(phi, shape)
  const count = typeof phi === 'string' ? 1 + Math.max(...subsetOf) : phi.resolve('phi', shape).count
  return { ...given, subsetOf, count }
}

/** A subset φ and its sums; L1 unless said otherwise. */
export interface Subset {
  readonly index: number
  readonly elements: readonly number[]
  /** I = Σ y p */
  readonly intersection: number
  /** Y = Σ y */
  readonly target: number
  /** P = Σ p */
  readonly prediction: number
  /** U = Y + P */
  readonly union: number
  /** D = U + ε */
  readonly denominator: number
  /** s = (2 I + ε) / D */
  readonly score: number
  /** Σ y² + Σ p² */
  readonly squares: number
  /** Σ |p − y| */
  readonly distance: number
}

const known = new WeakMap<Problem, readonly Subset[]>()

/** The subsets of a problem, in their order. */
export function subsetsOf(problem: Problem): readonly Subset[] {
  let subsets = known.get(problem)
  if (subsets === undefined) {
    subsets = computeSubsets(problem)
    known.set(problem, subsets)
  }
  return subsets
}

function computeSubsets({ subsetOf, count, prediction, target, epsilon }: Problem): Subset[] {
  const elements: number[][] = Array.from({ length: count }, () => [])
  subsetOf.forEach((subset, i) => elements[subset]?.push(i))
  return elements.map((own, index) => {
    const total = (f: (y: number, p: number) => number): number =>
      own.reduce((sum, i) => sum + f(read(target, i), read(prediction, i)), 0)
    const [intersection, y, p] = [total((y, p) => y * p), total((y) => y), total((_, p) => p)]
    const union = y + p
    const denominator = union + epsilon
    const score = (2 * intersection + epsilon) / denominator
    const squares = total((y, p) => y * y + p * p)
    const distance = total((y, p) => Math.abs(p - y))
    return {
      index,
      elements: own,
      intersection,
      target: y,
      prediction: p,
      union,
      denominator,
      score,
      squares,
      distance,
    }
  })
}

export function withEpsilon<P extends Case>(problem: P, epsilon: number): P {
  return { ...problem, epsilon }
}

/** The same labels, made binary at ½. */
export function binary<P extends Case>(problem: P): P {
  return { ...problem, target: problem.target.map((y) => (y >= 0.5 ? 1 : 0)) }
}

/**
 * The same prediction, squeezed into [0.1003, 0.9003]: no sum vanishes, and a finite difference stays inside [0,1]. From
 * thousandths it makes numbers that are 1e-4 or more away from any thousandth, and so from kinks at p = y.
 */
export function interior<P extends Case>(problem: P): P {
  return { ...problem, prediction: problem.prediction.map((p) => 0.1003 + 0.8 * p) }
}

export function withTarget<P extends Case>(problem: P, target: Float64Array): P {
  return { ...problem, target }
}

export function withPrediction<P extends Case>(problem: P, prediction: Float64Array): P {
  return { ...problem, prediction }
}

/** The image b and the class c of element i. */
export function placeOf(shape: Shape, i: number): { image: number; class: number } {
  return { image: Math.floor(i / (sizeOf(shape) / at(shape, 0))), class: i % at(shape, shape.length - 1) }
}

/** Another tensor made of this one's elements: new element i is old element source[i], or y = p = 0 where that is −1. */
export function gathered(
  problem: Problem,
  shape: Shape,
  source: ArrayLike<number>,
  labels: ArrayLike<number> = source,
): Problem {
  const pick = (values: Float64Array): Float64Array =>
    Float64Array.from(source, (from) => (from < 0 ? 0 : read(values, from)))
  const [prediction, target] = [pick(problem.prediction), pick(problem.target)]
  const phi =
    typeof problem.phi === 'string'
      ? problem.phi
      : Partition.labels(
          Int32Array.from(labels, (from) => read(problem.subsetOf, from)),
          { shape, subsets: problem.count },
        )
  return problemOf({ ...problem, shape, prediction, target, phi })
}

/** One subset of these elements in a row, (1, n, 1, …, 1), under a Φ of the same kind as the given one. */
export function row(given: Case, prediction: Float64Array, target: Float64Array): Problem {
  const n = prediction.length
  const shape = given.shape.map((_, axis) => (axis === 1 ? n : 1))
  const phi = typeof given.phi === 'string' ? given.phi : Partition.labels(new Int32Array(n), { shape })
  return problemOf({ ...given, shape, prediction, target, phi })
}

/** The elements of one subset, alone in Φ. */
export function alone(problem: Problem, { elements }: Subset): Problem {
  const pick = (values: Float64Array): Float64Array => Float64Array.from(elements, (i) => read(values, i))
  return row(problem, pick(problem.prediction), pick(problem.target))
}

/** For each element of a tensor whose first spatial axis is `factor` times as long, the old element; and the new shape. */
export function repeatedSource(shape: Shape, factor: number): { shape: Shape; source: Int32Array } {
  const inner = sizeOf(shape.slice(2))
  const longer = shape.map((n, axis) => (axis === 1 ? n * factor : n))
  const source = Int32Array.from({ length: sizeOf(longer) }, (_, i) => {
    const row = Math.floor(i / inner)
    const perImage = at(longer, 1)
    const [image, x] = [Math.floor(row / perImage), row % perImage]
    return (image * at(shape, 1) + Math.floor(x / factor)) * inner + (i % inner)
  })
  return { shape: longer, source }
}
