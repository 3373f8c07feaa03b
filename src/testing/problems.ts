/** Where the cases come from: random ones that shrink, and one for every set partition of a small Ω. */
import fc, { type Arbitrary } from 'fast-check'
import { Partition, type PartitionName } from '../losses/partition.js'
import { Generator } from '../tensor/random.js'
import { type Shape, at } from '../tensor/shape.js'
import { type ShapeLimits, binaryTargets, predictions, shapes, softTargets } from './arbitraries.js'
import { partitionLabels } from './partition-arbitraries.js'
import { type Problem, problemOf, read } from './problem.js'
import { everySetPartition } from './set-partitions.js'

/** What a loss takes. */
export interface Claims {
  readonly names: readonly PartitionName[]
  /** Whether it takes any label map. */
  readonly labels: boolean
  readonly epsilons: readonly number[]
  /** Whether it takes other ε than these, 0 among them. */
  readonly anyEpsilon: boolean
  readonly softTargets: boolean
  readonly shapes: ShapeLimits
  readonly float64: boolean
  readonly sharded: boolean
}

/** Random problems under what the loss takes: named Φ, label maps, or both. */
export function problems(claims: Claims, domain: 'named' | 'labels' | undefined): Arbitrary<Problem> {
  const names = domain === 'labels' ? [] : claims.names
  const hasLabels = claims.labels && domain !== 'named'
  const partitionOf = (shape: Shape): Arbitrary<PartitionName | Partition> => {
    const kinds: Arbitrary<PartitionName | Partition>[] = names.map((name) => fc.constant(name))
    const labels = (): Arbitrary<Partition> => partitionLabels(shape).map((each) => Partition.labels(each, { shape }))
    // As many label maps as names together.
    return fc.oneof(...kinds, ...(hasLabels ? [{ weight: Math.max(1, names.length), arbitrary: labels() }] : []))
  }
  return shapes(claims.shapes).chain((shape) =>
    fc
      .record({
        phi: partitionOf(shape),
        epsilon: fc.constantFrom(...claims.epsilons),
        target: claims.softTargets ? fc.oneof(binaryTargets(shape), softTargets(shape)) : binaryTargets(shape),
        prediction: predictions(shape),
        seed: fc.nat(),
      })
      .map((drawn) => problemOf({ shape, ...drawn })),
  )
}

/** The shapes (B, X, 1, …, C) of n elements with this many axes. */
function shapesOf(n: number, rank: number): Shape[] {
  const found: Shape[] = []
  for (let images = 1; images <= n; images++) {
    for (let classes = 1; images * classes <= n; classes++) {
      const rest = n / images / classes
      if (Number.isInteger(rest)) found.push([images, rest, ...new Array<number>(rank - 3).fill(1), classes])
    }
  }
  return found
}

/**
 * One problem for every set partition of 1 … `most` elements, smallest first: values drawn by the number of the partition; every
 * second target binary, every fourth with an empty subset.
 */
export function* enumeratedProblems(claims: Claims, most: number, seed: number): Iterable<Problem> {
  const rank = 2 + (claims.shapes.spatialAxes ?? 1)
  for (let n = 1; n <= most; n++) {
    const all = shapesOf(n, rank)
    let number = 0
    for (const labels of everySetPartition(n)) {
      const generator = new Generator(seed + number, n)
      const shape = all[number % all.length] ?? [1, n, 1]
      const isSoft = claims.softTargets && number % 2 === 1
      const hasEmpty = number % 4 >= 2
      const target = Float64Array.from({ length: n }, (_, i) => {
        const u = generator.integer(1001) / 1000
        const y = isSoft ? u : Math.round(u)
        return hasEmpty && read(labels, i) === 0 ? 0 : y
      })
      const prediction = Float64Array.from({ length: n }, () => generator.integer(1001) / 1000)
      const epsilon = at(claims.epsilons, number % claims.epsilons.length)
      yield problemOf({ shape, target, prediction, phi: Partition.labels(labels, { shape }), epsilon, seed: number })
      number += 1
    }
  }
}
