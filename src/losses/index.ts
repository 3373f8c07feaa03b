/**
 * `phigrad/losses`: losses `(prediction, target, options) → Tensor`, the partitions Φ that overlap losses reduce over, and the
 * steps they are made of. Predictions come first; tensors are (B, …, C), channels last.
 */
import '../ops/methods.js'

export { Partition, type PartitionName } from './partition.js'
export type { Subsets, SubsetIndex, VolumeRule } from './subsets.js'
export type { Family, FamilyReport } from './family.js'
export type { Factor, Factors } from './product.js'
export type {
  Epsilon,
  FinishOptions,
  OverlapOptions,
  PerClass,
  SemimetricOptions,
  StatisticsOptions,
} from './options.js'
export type { Finished, FinishSettings, SubsetFormula } from './finish.js'
export type { Tie } from '../backend/overlap.js'
export type { PerSum } from '../ops/overlapLoss.js'
export {
  finish,
  merge,
  overlapGradient,
  overlapStatistics,
  type MergeOptions,
  type OverlapStatistics,
} from './overlap.js'
export { diceGradient, diceLoss } from './dice.js'
export { diceFormula } from './dice-formula.js'
export { jaccardLoss } from './jaccard.js'
export { focalTverskyLoss, tverskyLoss, type FocalTverskyOptions, type TverskyOptions } from './tversky.js'
export { jaccardFormula, tverskyFormula } from './tversky-formula.js'
export { powerFormula, semimetricFormula } from './derived-formula.js'
export { generalizedDiceLoss, type GeneralizedDiceOptions } from './generalized-dice.js'
export type { AbsentClass, WeightKind } from './generalized-dice-weights.js'
export { leafDiceLoss, type LeafDiceOptions } from './leaf-dice.js'
export {
  labelSetDiceLoss,
  marginalDiceLoss,
  type LabelSetDiceOptions,
  type LabelSets,
  type MarginalDiceOptions,
} from './label-set-dice.js'
export { diceSemimetricLoss, type DiceSemimetricOptions } from './dice-semimetric.js'
export { crossEntropyLoss, type CrossEntropyOptions } from './cross-entropy.js'
export { focalLoss, type FocalOptions } from './focal.js'
export type { EntropyOptions } from './entropy.js'
export { combineLosses, type CombineOptions, type LossTerm } from './combine.js'
export { describe, withOptions, type BatchOptions, type BoundLoss } from './bound.js'
export { preset, presetNames, type PresetName, type PresetOptions } from './presets/preset.js'
export type { PaperEpsilonOptions, PaperMarginalOptions, PaperOptions } from './presets/paper.js'
export type { DeepVoxNet2Options } from './presets/deepvoxnet2.js'
export type {
  MonaiDiceOptions,
  MonaiGeneralizedDiceOptions,
  MonaiOverlapOptions,
  MonaiTverskyOptions,
} from './presets/monai.js'
export type { MonaiDiceCrossEntropyOptions, MonaiDiceFocalOptions, MonaiFocalOptions } from './presets/monai-entropy.js'
export type { NnunetCompoundOptions, NnunetDiceOptions } from './presets/nnunet.js'
export { exactEpsilon, type ExactEpsilon, type ExactEpsilonOptions } from './exact-epsilon.js'
export { gradientReport, type GradientReport, type ReportedLoss, type SubsetGradient } from './gradient-report.js'
export type { EmptyMaps, EmptyVerdict, MapGradient, MapState } from './gradient-empty.js'
export { renderGradientReport, type ReportNames } from './gradient-table.js'
export { heuristicEpsilon, type LabelArray, type LabelVolumes } from './heuristic-epsilon.js'
export { binaryCrossEntropyLoss, type BinaryCrossEntropyOptions } from './binary-cross-entropy.js'
