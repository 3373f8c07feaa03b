/** From a loss's arguments to what the kernels are told: every check of shapes, dtypes and options is made here, once. */
import { type OverlapGeometry, type SubsetAxes } from '../backend/overlap.js'
import type { OverlapInputs, OverlapRequest } from '../ops/overlapLoss.js'
import { ConfigError } from '../tensor/errors.js'
import { type Shape, at, sizeOf } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import {
  type SemimetricOptions,
  type StatisticsOptions,
  activationOf,
  annotatedMaps,
  checkClassWeights,
  checkMask,
  checkOperands,
  partitionOf,
} from './options.js'
import { SEVERAL_CLASSES, type Subsets } from './subsets.js'

/** The inputs and parameters of the overlap op, and the subsets they are about. */
export interface LossRequest extends OverlapRequest {
  readonly inputs: OverlapInputs
  readonly subsets: Subsets
  readonly norm: 'L1' | 'L2'
  readonly channels: number
  /** Whether class weights are on the elements of some subset, and so in its sums. */
  readonly hasFactors: boolean
}

/** @throws ShapeError, DTypeError or ConfigError for whatever does not fit. The options' names have been checked before. */
export function requestOf(
  where: string,
  prediction: Tensor,
  target: Tensor,
  options: StatisticsOptions & SemimetricOptions,
): LossRequest {
  checkOperands(where, prediction, target)
  const { shape } = prediction
  const channels = at(shape, shape.length - 1)
  if (options.ignoreBackground === true && channels < 2) {
    throw new ConfigError(where, 'at least 2 channels for ignoreBackground', String(channels))
  }
  const firstChannel = options.ignoreBackground === true ? 1 : 0
  const subsets = partitionOf(where, options.phi).resolve(where, shape, firstChannel)
  checkMask(where, options.mask, shape)
  const weights = checkClassWeights(where, options.classWeights, channels)
  const hasFactors = weights !== null && subsets.classes.includes(SEVERAL_CLASSES)
  const norm = options.norm ?? 'L1'
  const geometry: OverlapGeometry = {
    batch: at(shape, 0),
    voxels: sizeOf(shape.slice(1, -1)),
    channels,
    firstChannel,
    subsets: subsets.count,
    axes: subsets.index.kind === 'axes' ? subsetAxes(shape, subsets.index.strides) : null,
    activation: activationOf(options),
    squares: norm === 'L2',
    ...(options.subgradient !== undefined && { difference: options.subgradient }),
    annotated: annotatedMaps(where, options.present, shape),
    channelFactors: hasFactors ? weights : null,
    factoredSubsets: hasFactors ? Uint8Array.from(subsets.classes, (c) => (c === SEVERAL_CLASSES ? 1 : 0)) : null,
  }
  const labels = subsets.index.kind === 'labels' ? subsets.index.labels : undefined
  const rest = [options.mask, labels].filter((input) => input !== undefined)
  return {
    inputs: [prediction, target, ...rest],
    hasMask: options.mask !== undefined,
    hasLabels: labels !== undefined,
    geometry,
    subsets,
    norm,
    channels,
    hasFactors,
  }
}

/** Merges neighbouring axes that the subset index crosses evenly, so that runs are as long as possible. */
function subsetAxes(shape: Shape, strides: readonly number[]): SubsetAxes {
  const sizes: number[] = []
  const merged: number[] = []
  shape.slice(0, -1).forEach((n, axis) => {
    if (n === 1) return
    const stride = at(strides, axis)
    const top = sizes.length - 1
    if (top >= 0 && at(merged, top) === n * stride) {
      sizes[top] = at(sizes, top) * n
      merged[top] = stride
    } else {
      sizes.push(n)
      merged.push(stride)
    }
  })
  if (sizes.length === 0) return { sizes: [1], strides: [0], channelStride: at(strides, strides.length - 1) }
  return { sizes, strides: merged, channelStride: at(strides, strides.length - 1) }
}
