/**
 * Set partitions of {0 … n − 1} as label maps in order of first appearance (restricted growth strings): label[0] = 0 and
 * label[i] ≤ 1 + max label[0 … i − 1], so that each partition has exactly one label map. There are Bell(n) of them: 1, 1, 2, 5, 15,
 * 52, 203, 877, 4,140, … (OEIS A000110).
 */
import { ConfigError } from '../tensor/errors.js'

/** The largest n for which Bell(n) is a safe integer, and every partition so has a number. */
export const largestNumbered = 22

/**
 * Ways to label `rest` more elements when `blocks` labels are in use:
 * W(0, b) = 1, W(r, b) = b · W(r − 1, b) + W(r − 1, b + 1).
 */
function completions(n: number): number[][] {
  const ways = [new Array<number>(n + 1).fill(1)]
  for (let rest = 1; rest <= n; rest++) {
    const before = ways[rest - 1] ?? []
    ways.push(Array.from({ length: n + 1 - rest }, (_, b) => b * (before[b] ?? 0) + (before[b + 1] ?? 0)))
  }
  return ways
}

const tables = new Map<number, number[][]>()

function tableOf(n: number): number[][] {
  if (!Number.isInteger(n) || n < 0 || n > largestNumbered) {
    throw new ConfigError('setPartitions', `a number of elements from 0 to ${largestNumbered}`, String(n))
  }
  let table = tables.get(n)
  if (table === undefined) {
    table = completions(n)
    tables.set(n, table)
  }
  return table
}

/**
 * Bell(n): how many set partitions n elements have.
 *
 * @throws ConfigError unless n is an integer from 0 to 22, beyond which the number is no safe integer.
 *
 * @example
 * bellNumber(8) // 4140
 */
export function bellNumber(n: number): number {
  return tableOf(n)[n]?.[0] ?? 0
}

/** The partition of that number, 0 … Bell(n) − 1 in lexicographic order of label maps; 0 is the one with a single subset. */
export function partitionOfNumber(n: number, number: number): Int32Array {
  const ways = tableOf(n)
  const labels = new Int32Array(n)
  let rest = number
  let blocks = 0
  for (let i = 0; i < n; i++) {
    const each = ways[n - i - 1]?.[blocks] ?? 0
    const label = blocks === 0 ? 0 : Math.min(blocks, Math.floor(rest / each))
    labels[i] = label
    rest -= label * each
    if (label === blocks) blocks += 1
  }
  return labels
}

/**
 * Every set partition of n elements, one label map each, in lexicographic order: Bell(n) of them.
 *
 * @throws ConfigError unless n is an integer from 0 to 22.
 *
 * @example
 * for (const labels of everySetPartition(8)) check(Partition.labels(labels, { shape: [2, 2, 2] })) // 4,140 partitions
 */
export function* everySetPartition(n: number): Generator<Int32Array> {
  const count = bellNumber(n)
  for (let number = 0; number < count; number++) yield partitionOfNumber(n, number)
}
