/** Laws for losses: property tests that any overlap loss can be held to, and the arbitraries that they draw from. */
import '../ops/methods.js'

export { checkLoss, LawError, type LawReport } from './check-loss.js'
export type { CheckLossOptions } from './check-loss-options.js'
export { families, laws, type FamilyName } from './families.js'
export type { Law, Need } from './law.js'
export {
  fromArrays,
  type ArrayLossContext,
  type LossOptions,
  type LossUnderTest,
  type NumericLoss,
  type Shard,
  type ShardedLoss,
} from './loss-under-test.js'
export { subsetLabels } from './problem.js'
export { partitionLabels, partitions, setPartitions } from './partition-arbitraries.js'
export { bellNumber, everySetPartition } from './set-partitions.js'
export {
  binaryTargets,
  emptied,
  emptyPatterns,
  labelMaps,
  logits,
  missingPatterns,
  oneHotTargets,
  predictions,
  shapes,
  simplexPredictions,
  softTargets,
  type ShapeLimits,
} from './arbitraries.js'
