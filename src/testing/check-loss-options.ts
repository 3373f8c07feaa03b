/** What `checkLoss` is told of a loss: options, their checks, and the laws that they leave. */
import type { PartitionName } from '../losses/partition.js'
import { describe } from '../tensor/describe.js'
import { ConfigError } from '../tensor/errors.js'
import type { ShapeLimits } from './arbitraries.js'
import { type FamilyName, families, laws as allLaws } from './families.js'
import type { Law } from './law.js'
import type { ShardedLoss } from './loss-under-test.js'
import type { Claims } from './problems.js'

export interface CheckLossOptions {
  /** The kind of loss it is, or the names of the laws; see docs/laws.md. */
  readonly laws: FamilyName | readonly string[]
  /** Laws of the kind that it is known not to obey. */
  readonly except?: readonly string[]
  /** For messages. Default: the function's name. */
  readonly name?: string
  /** The Φ that it takes: names, and 'labels' for a Partition of any label map. Default: all. */
  readonly phi?: readonly (PartitionName | 'labels')[]
  /** The ε (in voxels) that it is asked under; one number where it has an ε of its own. Default: 1, 0.5, 1e-3, 1e-7, 20. */
  readonly epsilon?: number | readonly number[]
  /** Whether labels may be soft, in [0,1]. Default true. */
  readonly softTargets?: boolean
  /**
   * Limits of the shapes (B, …, C) of random cases, such as the number of spatial axes. Default: up to 3 images, 3 classes, one to
   * three spatial axes up to 3. Laws also ask about (1, n, 1, …, 1).
   */
  readonly shapes?: ShapeLimits
  /** What it computes in. Default 'float64'; laws that need finite differences are left out in 'float32'. */
  readonly dtype?: 'float32' | 'float64'
  /** Largest |got − expected| / max(1, |expected|). Default 1e-9, 1e-5 in float32. */
  readonly tolerance?: number
  /** Whether it takes the option `fromLogits`. Default false: probabilities only. */
  readonly fromLogits?: boolean
  /** The same loss over shards, for the law `sharding`. */
  readonly sharded?: ShardedLoss
  /** Random cases per law. Default 100. */
  readonly runs?: number
  /** Seed of the random cases. Default 0: the same cases every time. */
  readonly seed?: number
  /** Every set partition of up to so many elements is tried as well, where label maps are taken. Default 5 (75 partitions); at most 10. */
  readonly everyPartitionUpTo?: number
}

const known = new Set<keyof CheckLossOptions>([
  'laws',
  'except',
  'name',
  'phi',
  'epsilon',
  'softTargets',
  'shapes',
  'dtype',
  'tolerance',
  'fromLogits',
  'sharded',
  'runs',
  'seed',
  'everyPartitionUpTo',
])

export function claimsOf({ phi, epsilon, softTargets, shapes, dtype, sharded }: CheckLossOptions): Claims {
  const taken = new Set(phi ?? ['I', 'CI', 'BI', 'BCI', 'labels'])
  return {
    names: [...taken].filter((each): each is PartitionName => each !== 'labels'),
    labels: taken.has('labels'),
    epsilons: typeof epsilon === 'number' ? [epsilon] : (epsilon ?? [1, 0.5, 1e-3, 1e-7, 20]),
    anyEpsilon: typeof epsilon !== 'number',
    softTargets: softTargets ?? true,
    shapes: shapes ?? {},
    float64: dtype !== 'float32',
    sharded: sharded !== undefined,
  }
}

/** @throws ConfigError naming the option. */
export function checkOptions(options: CheckLossOptions): void {
  if (typeof options !== 'object' || options === null)
    throw new ConfigError('checkLoss', 'options with laws', describe(options))
  for (const name of Object.keys(options)) {
    if (!known.has(name as keyof CheckLossOptions))
      throw new ConfigError('checkLoss', `an option of ${[...known].join(', ')}`, name)
  }
  const { phi, epsilon, runs = 1, everyPartitionUpTo = 0 } = options
  if (phi?.length === 0) throw new ConfigError('checkLoss', 'phi: at least one Φ', 'none')
  for (const each of phi ?? []) {
    if (!['I', 'CI', 'BI', 'BCI', 'labels'].includes(each))
      throw new ConfigError('checkLoss', "phi: I, CI, BI, BCI or 'labels'", each)
  }
  const epsilons = typeof epsilon === 'number' ? [epsilon] : epsilon
  if (epsilons?.length === 0 || epsilons?.some((each) => !(each >= 0 && Number.isFinite(each))) === true) {
    throw new ConfigError(
      'checkLoss',
      'epsilon: finite numbers ≥ 0',
      epsilons.length === 0 ? 'none' : epsilons.join(', '),
    )
  }
  if (!(Number.isInteger(runs) && runs > 0))
    throw new ConfigError('checkLoss', 'runs: an integer from 1 on', describe(runs))
  if (!(Number.isInteger(everyPartitionUpTo) && everyPartitionUpTo >= 0 && everyPartitionUpTo <= 10)) {
    throw new ConfigError('checkLoss', 'everyPartitionUpTo: an integer from 0 to 10', describe(everyPartitionUpTo))
  }
}

/** @throws ConfigError for a family or a law that does not exist, and for a law by name that does not apply. */
export function lawsOf(options: CheckLossOptions): Law[] {
  const { laws, except = [] } = options
  const names: readonly string[] | undefined = typeof laws === 'string' ? families[laws] : laws
  if (names === undefined || typeof names.includes !== 'function') {
    throw new ConfigError('checkLoss', `laws: ${Object.keys(families).join(', ')} or a list of laws`, describe(laws))
  }
  for (const name of [...names, ...except]) {
    if (!allLaws.some((law) => law.name === name)) {
      throw new ConfigError('checkLoss', `laws of ${allLaws.map((law) => law.name).join(', ')}`, describe(name))
    }
  }
  const claims = claimsOf(options)
  const chosen = allLaws.filter(({ name }) => names.includes(name) && !except.includes(name))
  for (const law of typeof laws === 'string' ? [] : chosen) {
    const reason = unavailable(law, claims)
    if (reason !== null)
      throw new ConfigError('checkLoss', `a loss that takes what ${law.name} needs`, `one without: ${reason}`)
  }
  return chosen
}

/** What the law asks for and the loss does not take; null where there is nothing. */
export function unavailable({ needs = [], domain }: Law, claims: Claims): string | null {
  const has = (need: string): boolean => {
    if (need === 'any ε') return claims.anyEpsilon
    if (need === 'soft targets') return claims.softTargets
    if (need === 'label maps') return claims.labels
    if (need === 'shards') return claims.sharded
    if (need === 'float64') return claims.float64
    return claims.names.some((name) => name === need)
  }
  const missing: string[] = needs.filter((need) => !has(need))
  if (domain === 'named' && claims.names.length === 0) missing.push('a named Φ')
  return missing.length === 0 ? null : missing.join(', ')
}
