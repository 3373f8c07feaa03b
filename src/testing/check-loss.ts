/**
 * `checkLoss`: holds a loss to the laws that it claims to obey, over random cases and over every partition of a small Ω, and says
 * what it found: nothing, or for each broken law the smallest counterexample that shrinking reaches.
 */
import fc from 'fast-check'
import { describe } from '../tensor/describe.js'
import { ConfigError, PhigradError } from '../tensor/errors.js'
import { type CheckLossOptions, checkOptions, claimsOf, lawsOf, unavailable } from './check-loss-options.js'
import { explain } from './explain.js'
import type { Law } from './law.js'
import { type LossUnderTest, Subject } from './loss-under-test.js'
import { minimize } from './minimize.js'
import type { Problem } from './problem.js'
import { type Claims, enumeratedProblems, problems } from './problems.js'
import { Violation } from './violation.js'

/** What became of one law. */
export interface LawReport {
  readonly law: string
  readonly identity: string
  readonly outcome: 'holds' | 'broken' | 'not applicable'
  /** Cases in which it was checked. */
  readonly cases: number
  /** Why it does not apply, or the counterexample. */
  readonly detail: string
}

/** A loss broke laws that it claims. The message holds the counterexamples; `cause` is what the loss threw, if it did. */
export class LawError extends PhigradError {
  constructor(
    name: string,
    /** What became of every law. */
    readonly reports: readonly LawReport[],
    cause?: unknown,
  ) {
    const broken = reports.filter(({ outcome }) => outcome === 'broken')
    super(
      'checkLoss',
      `${name} to obey ${reports.length} ${reports.length === 1 ? 'law' : 'laws'}`,
      `${broken.length} broken\n\n${told(broken)}`,
      cause === undefined ? {} : { cause },
    )
  }
}

/** Law by law; those that broke in the very same way (the loss threw, say) together. */
function told(broken: readonly LawReport[]): string {
  const groups = new Map<string, string[]>()
  for (const { law, identity, detail } of broken) {
    groups.set(detail, [...(groups.get(detail) ?? []), `${law}: ${identity}`])
  }
  return [...groups].map(([detail, lines]) => `${lines.join('\n')}\n${detail.replaceAll(/^/gm, '  ')}`).join('\n\n')
}

/**
 * Checks a loss and its derivative against the laws that a loss of its kind obeys, and throws where one is broken.
 *
 * `loss` is any function (prediction, target, { phi, epsilon }) → scalar Tensor, or { value, gradient } in plain numbers
 * (`fromArrays` for one over typed arrays); both arguments are (B, …, C). Works in any test runner: it only throws.
 *
 * Returns what became of each law: laws that ask for what the loss does not take (another Φ, any ε) are 'not applicable'.
 *
 * @throws LawError with a shrunk counterexample per broken law; ConfigError for options that make no sense, among them a
 * law by name that does not apply.
 *
 * @example
 * test('my Dice loss is one', () => {
 *   checkLoss(myDiceLoss, { laws: 'dice' })
 * })
 * @example
 * // Somebody else's: images only, ε fixed.
 * checkLoss((p, y) => theirLoss(p, y), { laws: 'dice', phi: ['I'], epsilon: 1e-5 })
 */
export function checkLoss(loss: LossUnderTest, options: CheckLossOptions): readonly LawReport[] {
  if (typeof loss !== 'function') throw new ConfigError('checkLoss', 'a loss: a function', describe(loss))
  checkOptions(options)
  const claims = claimsOf(options)
  const dtype = options.dtype ?? 'float64'
  const tolerance = options.tolerance ?? (dtype === 'float64' ? 1e-9 : 1e-5)
  const subject = new Subject(loss, tolerance, dtype, options.fromLogits ?? false, options.sharded ?? null)
  const { everyPartitionUpTo = 5, seed = 0 } = options
  const enumerated = claims.labels ? [...enumeratedProblems(claims, everyPartitionUpTo, seed)] : []
  const examined = lawsOf(options).map((law) => examine(law, subject, claims, enumerated, options))
  const reports = examined.map(({ report }) => report)
  if (reports.some(({ outcome }) => outcome === 'broken')) {
    const { cause } = examined.find((each) => each.cause !== undefined) ?? {}
    throw new LawError(options.name ?? (loss.name === '' ? 'the loss' : loss.name), reports, cause)
  }
  return reports
}

interface Examined {
  readonly report: LawReport
  /** What the loss threw, where that broke the law. */
  readonly cause?: unknown
}

function examine(
  law: Law,
  subject: Subject,
  claims: Claims,
  enumerated: readonly Problem[],
  options: CheckLossOptions,
): Examined {
  const { name, identity } = law
  const examined = (outcome: LawReport['outcome'], cases: number, detail: string): Examined => ({
    report: { law: name, identity, outcome, cases, detail },
  })
  const reason = unavailable(law, claims)
  if (reason !== null) return examined('not applicable', 0, `needs ${reason}`)
  const { runs = 100, seed = 0 } = options
  const property = fc.property(problems(claims, law.domain), (problem) => law.check(subject, problem))
  const found = fc.check(property, { numRuns: law.ofOneSubset === true ? Math.ceil(runs / 4) : runs, seed })
  let cases = found.numRuns
  const broken = (problem: Problem): Examined => {
    const isBroken = (candidate: Problem): boolean => failure(law, subject, candidate) instanceof Violation
    const error = failure(law, subject, isBroken(problem) ? minimize(problem, isBroken) : problem)
    if (!(error instanceof Violation))
      return { ...examined('broken', cases, `the loss threw ${wordsOf(error)}`), cause: error }
    return examined('broken', cases, `${explain(error)}\n(case ${cases}, seed ${seed}, made smaller)`)
  }
  if (found.counterexample !== null) return broken(found.counterexample[0])
  if (law.domain !== 'named' && law.ofOneSubset !== true) {
    for (const problem of enumerated) {
      cases += 1
      if (failure(law, subject, problem) !== null) return broken(problem)
    }
  }
  return examined('holds', cases, '')
}

function failure(law: Law, subject: Subject, problem: Problem): unknown {
  try {
    law.check(subject, problem)
    return null
  } catch (error) {
    return error
  }
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
}
