/**
 * The weights of the generalized Dice loss: one per class of each subset of Φ, w = 1/Y², 1/Y or 1, up to a common factor per
 * subset of Φ, since the loss does not depend on it: relative to the largest, so that nothing overflows.
 */
import { mul } from '../ops/mul.js'
import { pow } from '../ops/pow.js'
import { segmentExpand, segmentSum } from '../ops/segmentSum.js'
import { where as choose } from '../ops/where.js'
import { tensor } from '../tensor/create.js'
import type { Tensor } from '../tensor/tensor.js'

export type WeightKind = 'square' | 'simple' | 'uniform'

/** The weight of a class with Y = 0: that of the smallest object of the subset, 0, or a number in the unit of 1/Y² or 1/Y. */
export type AbsentClass = 'max' | 'zero' | number

export interface WeightRule {
  readonly exponent: 2 | 1 | 0
  readonly absentClass: AbsentClass
}

/** The fine subsets (one class of one subset of Φ each), as sums know them. */
export interface FineSubsets {
  /** Σ y of each. */
  readonly volumes: ArrayLike<number>
  /** Elements that count in each. */
  readonly counts: ArrayLike<number>
  /** The subset of Φ that each lies in. */
  readonly groupOf: Int32Array
  readonly groups: number
}

export interface Weights {
  /** Of each fine subset, relative to the unit of its group. */
  readonly values: Float64Array
  /** d weight / d Y, of its own Y and, for an absent class with the largest weight, of the Y that it is taken from. */
  readonly slopes: Float64Array
  /** For each fine subset the one whose Y its weight depends on. */
  readonly source: Int32Array
  /** What a weight of 1 means in each group, in the unit of 1/Y². */
  readonly units: Float64Array
  /** Mean weight of the classes that take part (weight > 0) in each group; 0 where none does. */
  readonly means: Float64Array
  /** How many take part. */
  readonly parts: Float64Array
}

/**
 * Weights of classes from their volumes. Classes without elements that count have weight 0 and take no part. `nonePresent` is
 * what 'max' means where no class of a group is present.
 */
export function weightsOf(
  { exponent, absentClass }: WeightRule,
  fine: FineSubsets,
  nonePresent: 'same' | 'zero',
): Weights {
  const { volumes, counts, groupOf, groups } = fine
  const n = groupOf.length
  const smallest = smallestOf(fine)
  const result = { values: new Float64Array(n), slopes: new Float64Array(n), source: new Int32Array(n) }
  const units = Float64Array.from(smallest, (i) => (i < 0 ? 1 : (volumes[i] ?? 1) ** exponent))
  const means = new Float64Array(groups)
  const parts = new Float64Array(groups)
  for (let i = 0; i < n; i++) {
    const group = groupOf[i] ?? 0
    const own = volumes[i] ?? 0
    const least = smallest[group] ?? -1
    const isPresent = own > 0
    const from = isPresent ? i : least
    result.source[i] = Math.max(0, from)
    if (counts[i] === 0) continue
    const unit = volumes[least] ?? 1
    if (isPresent || exponent === 0) result.values[i] = exponent === 0 ? 1 : (unit / own) ** exponent
    else if (typeof absentClass === 'number') result.values[i] = absentClass * (units[group] ?? 1)
    else result.values[i] = absentClass === 'max' && (least >= 0 || nonePresent === 'same') ? 1 : 0
    const follows = isPresent || (absentClass === 'max' && least >= 0)
    // Far below any volume; keeps 0 · slope from becoming NaN.
    const base = Math.max(1e-300, isPresent ? own : unit)
    result.slopes[i] = follows ? (-exponent * (result.values[i] ?? 0)) / base : 0
    if ((result.values[i] ?? 0) > 0) {
      means[group] = (means[group] ?? 0) + (result.values[i] ?? 0)
      parts[group] = (parts[group] ?? 0) + 1
    }
  }
  for (let g = 0; g < groups; g++) means[g] = parts[g] === 0 ? 0 : (means[g] ?? 0) / (parts[g] ?? 1)
  return { ...result, units, means, parts }
}

/** The fine subset with the smallest Y > 0 in each group, −1 where there is none. */
function smallestOf({ volumes, counts, groupOf, groups }: FineSubsets): Int32Array {
  const smallest = new Int32Array(groups).fill(-1)
  groupOf.forEach((group, i) => {
    const volume = volumes[i] ?? 0
    const known = smallest[group] ?? -1
    if (counts[i] !== 0 && volume > 0 && (known < 0 || volume < (volumes[known] ?? 0))) smallest[group] = i
  })
  return smallest
}

/** The same weights, and their means, in ops on the volumes (fine subsets), for further derivatives. */
export function composeWeights(
  { exponent }: WeightRule,
  volumes: Tensor,
  { values, slopes, source, parts, units }: Weights,
  { groupOf, groups }: FineSubsets,
): { weights: Tensor; means: Tensor } {
  const n = groupOf.length
  const follows = slopes.map((slope) => (slope === 0 ? 0 : 1))
  const bool = (flags: ArrayLike<number>): Tensor => tensor(Uint8Array.from(flags), { shape: [n], dtype: 'bool' })
  const own = follows.map((flag, i) => (flag === 1 && source[i] === i ? 1 : 0))
  // Weights of present classes from their own volume; absent ones follow the smallest object of their group.
  const unit = tensor(Float64Array.from(groupOf, (group) => units[group] ?? 1))
  const safe = choose(bool(own), volumes, 1)
  const present = choose(bool(own), mul(pow(safe, -exponent), unit), tensor(values))
  const isSource = new Float64Array(n)
  follows.forEach((flag, i) => {
    if (flag === 1 && own[i] === 0) isSource[source[i] ?? 0] = 1
  })
  const labels = tensor(groupOf)
  const largest = segmentExpand(segmentSum(mul(present, tensor(isSource)), labels, groups), labels)
  const borrowed = follows.map((flag, i) => (flag === 1 && own[i] === 0 ? 1 : 0))
  const weights = choose(bool(borrowed), largest, present)
  const shares = tensor(parts.map((count) => (count === 0 ? 0 : 1 / count)))
  const zero = tensor(new Float64Array(n))
  const taking = choose(bool(values.map((value) => (value > 0 ? 1 : 0))), weights, zero)
  return { weights, means: mul(segmentSum(taking, labels, groups), shares) }
}
