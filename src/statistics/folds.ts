/** Cross-validation folds. The order of the cases is the caller's: shuffle first, then cut. */
import { ConfigError } from '../tensor/errors.js'

export interface Fold {
  readonly validation: readonly number[]
  readonly training: readonly number[]
}

/**
 * k contiguous folds of the cases 0 … n−1: with m = ⌈n/k⌉, fold f validates on the indices [f·m, min((f+1)·m, n)) and
 * trains on all others, in ascending order. The last fold is the smaller one where k does not divide n.
 *
 * Throws ConfigError where n or k is not a positive integer, or where a fold would be empty or would train on nothing
 * (k = 1, or such as 6 cases in 5 folds, where blocks of 2 leave nothing for the last two).
 * Source: five-fold cross-validation in Tilborghs, Bertels et al., MICCAI 2022, Sect. 3; its 285 subjects make 5 folds of 57.
 *
 * @example contiguousFolds(285, 5)[0]?.validation.length // 57
 */
export function contiguousFolds(n: number, k: number): Fold[] {
  if (!Number.isSafeInteger(n) || n < 1) {
    throw new ConfigError('contiguousFolds', 'a positive number of cases', String(n))
  }
  if (!Number.isSafeInteger(k) || k < 2) throw new ConfigError('contiguousFolds', 'at least 2 folds', String(k))
  const size = Math.ceil(n / k)
  if ((k - 1) * size >= n) {
    throw new ConfigError('contiguousFolds', `cases for each of ${k} folds of ${size}`, `${n} cases`)
  }
  const cases = Array.from({ length: n }, (_, index) => index)
  return Array.from({ length: k }, (_, fold) => {
    const start = fold * size
    const end = start + size
    return { validation: cases.slice(start, end), training: [...cases.slice(0, start), ...cases.slice(end)] }
  })
}
