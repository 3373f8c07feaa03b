/**
 * Φ as a fast-check arbitrary: uniform over all set partitions of a small Ω, structured ones of a large one, where a uniform
 * choice would only ever meet subsets of a few elements.
 */
import fc, { type Arbitrary } from 'fast-check'
import { Partition, partitionNames } from '../losses/partition.js'
import { type Shape, sizeOf } from '../tensor/shape.js'
import { bellNumber, partitionOfNumber } from './set-partitions.js'

/** Ω up to this size is partitioned uniformly; Bell(12) = 4,213,597. */
const SMALL = 12

/**
 * Label maps of set partitions of n elements, uniform over all Bell(n) of them. They shrink towards a single subset.
 *
 * @throws ConfigError unless n is an integer from 0 to 22; `partitions` has a choice for larger sets.
 *
 * @example
 * fc.property(setPartitions(8), (labels) => labels[0] === 0)
 */
export function setPartitions(n: number): Arbitrary<Int32Array> {
  return fc.noBias(fc.integer({ min: 0, max: bellNumber(n) - 1 })).map((number) => partitionOfNumber(n, number))
}

/** Labels in order of first appearance; −1 stays. */
function renumbered(raw: ArrayLike<number>): Int32Array {
  const names = new Map<number, number>()
  return Int32Array.from(raw, (label) => {
    if (label < 0) return -1
    const name = names.get(label) ?? names.size
    names.set(label, name)
    return name
  })
}

/** Label maps of partitions of n elements with a structure: runs, stripes, a few random subsets, one against singletons. */
function structuredLabels(n: number): Arbitrary<Int32Array> {
  const some = fc.integer({ min: 1, max: Math.max(1, Math.min(n, 6)) })
  const labels = (of: (i: number) => number): Int32Array => renumbered(Array.from({ length: n }, (_, i) => of(i)))
  return fc.oneof(
    some.map((k) => labels((i) => Math.floor((i * k) / n))),
    some.map((k) => labels((i) => i % k)),
    some.chain((k) => fc.array(fc.nat(k - 1), { minLength: n, maxLength: n }).map(renumbered)),
    fc.nat(Math.max(0, n - 1)).map((few) => labels((i) => (i < few ? i : few))),
  )
}

/** Leaves elements of a partition out, never all: the label map says −1 there. */
function withHoles(partition: Arbitrary<Int32Array>): Arbitrary<Int32Array> {
  return fc
    .tuple(partition, fc.integer({ min: 2, max: 4 }))
    .map(([labels, every]) =>
      labels.some((_, i) => i % every !== 1)
        ? renumbered(labels.map((label, i) => (i % every === 1 ? -1 : label)))
        : labels,
    )
}

/**
 * Label maps (element → subset, −1 = in none) of partitions of the elements of `shape`: uniform over set partitions up to 12
 * elements, structured beyond; one in five leaves elements out.
 */
export function partitionLabels(shape: Shape): Arbitrary<Int32Array> {
  const n = sizeOf(shape)
  const uniform = n >= 1 && n <= SMALL
  const whole = uniform ? setPartitions(n) : structuredLabels(n)
  return fc.oneof({ weight: 4, arbitrary: whole }, { weight: 1, arbitrary: withHoles(whole) })
}

/**
 * Partitions Φ of the elements Ω of a (B, …, C) tensor: named ones, by axes, and label maps (uniform over all set partitions where
 * Ω has at most 12 elements, structured ones beyond, some with elements in no subset).
 *
 * @example
 * fc.property(partitions([2, 3, 2]), predictions([2, 3, 2]), (phi, p) => { myLossAgreesUnder(phi, p) })
 */
export function partitions(shape: Shape): Arbitrary<Partition> {
  const axes = fc.subarray(Array.from(shape.keys()))
  return fc.oneof(
    fc.constantFrom(...partitionNames).map((name) => Partition.of(name)),
    axes.map((reduced) => Partition.reduce({ axes: reduced })),
    { weight: 3, arbitrary: partitionLabels(shape).map((labels) => Partition.labels(labels, { shape })) },
  )
}
