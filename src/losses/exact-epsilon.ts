/** Eq. 5 of the paper solved exactly, with its generalisation to batches that hold empty maps too. The heuristic is in heuristic-epsilon.ts. */
import { ConfigError } from '../tensor/errors.js'

export interface ExactEpsilonOptions {
  /** a > 0: I = a·v, the intersection of a non-empty map in units of the volume v. */
  readonly overlap: number
  /** b ≥ 2a: U = b·v, Σ y + Σ p of a non-empty map in units of v. */
  readonly union: number
  /** v > 0: Σ p of an empty map, in voxels. */
  readonly volume: number
  /** q in (0, 1]: the fraction of maps that are not empty. Default 1, which is Eq. 5. */
  readonly nonEmptyFraction?: number
}

/** Both solutions, or why there is none. `k` decides: real solutions iff k ≥ 4, at q = 1 iff b² ≥ 8a. */
export type ExactEpsilon =
  | {
      readonly solvable: true
      /** The two solutions, smaller first; their product is v². Equal where k = 4. */
      readonly epsilons: readonly [smaller: number, larger: number]
      readonly k: number
    }
  | {
      readonly solvable: false
      readonly k: number
      /** The ε whose derivative on an empty map is the largest there is, 1/(4 N v), still short of the batch-wise one: v. */
      readonly nearest: number
      /** One sentence with the numbers. */
      readonly reason: string
    }

/**
 * The ε with which the image-wise Dice loss has, on an empty map, the derivative of the batch-wise one with large batches (y = 0):
 *
 *   2 q a v / ((q b + 1 − q) v)² = ε / (v + ε)²      (Eq. 5 at q = 1)
 *
 * With k = (q b + 1 − q)² / (2 q a), ε = v ((k − 2) ± √(k (k − 4))) / 2. At a = ½ and b = 2 the solutions are q v and v/q: the mean label
 * volume over all maps, empty ones included, is one. At q = 1 that is the double root ε = v, the border of what is solvable:
 * for b = 2 any overlap above ½ has no solution, and ε = v, which gives the empty map the most it can get, is what remains.
 *
 * Units: `volume` and the result in voxels, the others without. Throws ConfigError for numbers outside these ranges.
 *
 * Source: Tilborghs, Bertels et al., MICCAI 2022, Eq. 5, solved without the paper's assumption.
 *
 * @example
 * exactEpsilon({ overlap: 0.4, union: 2, volume: 1000 }) // { solvable: true, epsilons: [381.9…, 2618.0…], k: 5 }
 * exactEpsilon({ overlap: 0.6, union: 2, volume: 1000 }) // { solvable: false, nearest: 1000, … }
 */
export function exactEpsilon(options: ExactEpsilonOptions): ExactEpsilon {
  const where = 'exactEpsilon'
  if (typeof options !== 'object' || options === null) {
    throw new ConfigError(where, 'overlap, union and volume', String(options))
  }
  const { overlap, union, volume, nonEmptyFraction: q = 1 } = options
  for (const [name, value] of Object.entries({ overlap, union, volume, nonEmptyFraction: q })) {
    if (typeof value !== 'number' || !(value > 0 && value < Infinity)) {
      throw new ConfigError(where, `${name} finite and > 0`, String(value))
    }
  }
  if (q > 1) throw new ConfigError(where, 'nonEmptyFraction ≤ 1', String(q))
  if (2 * overlap > union) throw new ConfigError(where, 'union ≥ 2 · overlap', `${union} and ${overlap}`)
  const mean = q * union + 1 - q
  const discriminant = mean * mean - 8 * q * overlap
  const k = (mean * mean) / (2 * q * overlap)
  if (discriminant < 0) {
    const reason =
      `no ε gives an empty map the batch-wise derivative: ${q === 1 ? 'b²' : '(q b + 1 − q)²'} = ${format(mean * mean)} ` +
      `is below ${q === 1 ? '8 a' : '8 q a'} = ${format(8 * q * overlap)}; ε = v = ${format(volume)} comes nearest`
    return { solvable: false, k, nearest: volume, reason }
  }
  // k (k − 4) = (m / (2 q a))² · discriminant with m = q b + 1 − q; the smaller root from the product, without cancellation.
  const root = (mean / (2 * q * overlap)) * Math.sqrt(discriminant)
  const ratio = Math.max(1, (k - 2 + root) / 2)
  return { solvable: true, epsilons: [volume / ratio, volume * ratio], k }
}

function format(value: number): string {
  return String(Number(value.toPrecision(6)))
}
