/** What a law is: an identity, what a loss must take for it to make sense, and a check that throws a Violation. */
import type { PartitionName } from '../losses/partition.js'
import type { Subject } from './loss-under-test.js'
import type { Problem } from './problem.js'

/** What a law asks of a loss beyond one Φ and one ε. */
export type Need = 'any ε' | 'soft targets' | 'label maps' | 'shards' | 'float64' | PartitionName

export interface Law<Name extends string = string> {
  readonly name: Name
  /** The identity, and where it holds, in one line. */
  readonly identity: string
  readonly needs?: readonly Need[]
  /** Which Φ the law is asked under: named ones, label maps, or (default) both. */
  readonly domain?: 'named' | 'labels'
  /** The law is about single subsets, mostly made from the seed: Φ plays no role, and a quarter of the cases are enough. */
  readonly ofOneSubset?: true
  /**
   * Brings a case that was drawn to where the law holds, and asks the loss.
   *
   * @throws Violation where the law is broken.
   * @internal
   */
  check(subject: Subject, problem: Problem): void
}

/** A law with its name as a literal type. */
export function law<const Name extends string>(definition: Law<Name>): Law<Name> {
  return definition
}
