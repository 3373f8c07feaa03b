/** `phigrad/metrics`: what a segmentation is worth, on binary maps and scores. No tensors, no derivatives. */
export type { BinaryMap } from './binary-map.js'
export {
  diceSimilarity,
  type DiceSimilarityOptions,
  type EmptyPolicy,
  meanDiceSimilarity,
  type MeanDiceSimilarity,
} from './dice-similarity.js'
export { areaUnderCurve, rocCurve, type RocPoint } from './receiver-operating-characteristic.js'
export { volumeDifferenceMl, volumeMl } from './volume.js'
