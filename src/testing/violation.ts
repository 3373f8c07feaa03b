/** A law that does not hold in one case, as found: what was expected where, and what came. Thrown inside, reported by `checkLoss`. */
import type { Problem } from './problem.js'

export interface Place {
  readonly element?: number
  readonly subset?: number
}

export class Violation extends Error {
  constructor(
    /** The case that the loss was asked about when it broke the law. */
    readonly problem: Problem,
    /** What was compared, in words. */
    readonly quantity: string,
    readonly expected: string,
    readonly got: string,
    readonly place: Place = {},
  ) {
    super(`${quantity}: expected ${expected}, got ${got}`)
    this.name = 'Violation'
  }
}

/** Numbers as they stand in reports: six digits, and more where six do not tell the two apart. */
export function digits(a: number, b: number): [string, string] {
  for (const precision of [6, 9, 12]) {
    const [x, y] = [short(a, precision), short(b, precision)]
    if (x !== y) return [x, y]
  }
  return [String(a), String(b)]
}

export function short(x: number, precision = 6): string {
  return String(Number(x.toPrecision(precision)))
}
