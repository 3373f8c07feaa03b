/**
 * The table of kernels: what every backend must answer. Kernels see values and checked geometry, never the graph; they
 * write every element of `out`, which is dense. Tensors they read are dense unless the kernel's type says "strided".
 */
import type { Tensor } from '../tensor/tensor.js'
import type { OverlapGeometry, OverlapOperands } from './overlap.js'
import type { Conv3dGeometry, NormGeometry, Pool3dGeometry, UpsampleGeometry } from './geometry.js'

/** out[i] = f(x[i]). */
export type UnaryKernel = (x: Tensor, out: Tensor) => void

/** out[i] = f(a[i], b[i]); a and b are strided and have the shape of out (stride 0 along broadcast axes). */
export type BinaryKernel = (a: Tensor, b: Tensor, out: Tensor) => void

/** Reduces the sorted `axes` of x; out has the remaining axes. */
export type ReduceKernel = (x: Tensor, axes: readonly number[], out: Tensor) => void

export interface Kernels {
  /** Dense copy of a strided tensor. */
  copy: UnaryKernel
  /** Conversion between dtypes: towards zero for integers, ≠ 0 for bool. */
  cast: UnaryKernel
  neg: UnaryKernel
  exp: UnaryKernel
  log: UnaryKernel
  sqrt: UnaryKernel
  sigmoid: UnaryKernel
  abs: UnaryKernel
  /** −1, 0 or 1; NaN stays. */
  sign: UnaryKernel
  floor: UnaryKernel
  /** Halves go to the even integer. */
  round: UnaryKernel
  sin: UnaryKernel
  cos: UnaryKernel
  tanh: UnaryKernel
  log1p: UnaryKernel
  expm1: UnaryKernel
  softplus: UnaryKernel
  erf: UnaryKernel
  relu: UnaryKernel
  leakyRelu: (x: Tensor, slope: number, out: Tensor) => void
  add: BinaryKernel
  sub: BinaryKernel
  mul: BinaryKernel
  div: BinaryKernel
  pow: BinaryKernel
  minimum: BinaryKernel
  maximum: BinaryKernel
  equal: BinaryKernel
  notEqual: BinaryKernel
  less: BinaryKernel
  lessEqual: BinaryKernel
  greater: BinaryKernel
  greaterEqual: BinaryKernel
  /** out = condition ? a : b, all strided and of one shape. */
  where: (condition: Tensor, a: Tensor, b: Tensor, out: Tensor) => void
  sum: ReduceKernel
  max: ReduceKernel
  min: ReduceKernel
  /** Index (int32) along `axis` of the largest element: the first of equal ones, NaN before any number. */
  argMax: (x: Tensor, axis: number, out: Tensor) => void
  argMin: (x: Tensor, axis: number, out: Tensor) => void
  /** Running sums along `axis`. */
  cumsum: (x: Tensor, axis: number, out: Tensor) => void
  /** Indices (int32) that sort along the last axis: stable, NaN above every number. */
  argSort: (x: Tensor, descending: boolean, out: Tensor) => void
  /** out (…, m, n) = a (…, m, k) · b (…, k, n), a and b strided with the leading sizes of out. */
  matmul: (a: Tensor, b: Tensor, out: Tensor) => void
  /** out[labels[i]] += x[i], in order of i; labels < 0 are left out. */
  segmentSum: (x: Tensor, labels: Tensor, out: Tensor) => void
  /** out[i] = x[labels[i]], or 0 where labels[i] < 0. */
  segmentExpand: (x: Tensor, labels: Tensor, out: Tensor) => void
  /** Writes x into out from index `start` on, `step` elements apart along each axis, and `value` everywhere else. */
  pad: (x: Tensor, start: readonly number[], step: readonly number[], value: number, out: Tensor) => void
  /** Joins along `axis`. */
  concat: (tensors: readonly Tensor[], axis: number, out: Tensor) => void
  /** exp(x − max) / Σ exp(x − max) along the last axis. */
  softmax: UnaryKernel
  /** x ∗ weight + bias; see Conv3dGeometry. */
  conv3d: (x: Tensor, weight: Tensor, bias: Tensor | null, geometry: Conv3dGeometry, out: Tensor) => void
  /** The transpose of conv3d in x: (gradient of its output, weight) → gradient of its input. */
  conv3dInputGradient: (outputGradient: Tensor, weight: Tensor, geometry: Conv3dGeometry, out: Tensor) => void
  /** The transpose of conv3d in weight: (its input, gradient of its output) → gradient of its weight. */
  conv3dWeightGradient: (x: Tensor, outputGradient: Tensor, geometry: Conv3dGeometry, out: Tensor) => void
  /** The largest element of every window; the first in C order wins a tie. */
  maxPool3d: (x: Tensor, geometry: Pool3dGeometry, out: Tensor) => void
  /** Where in x, as an index in C order, each window's largest element stands (int32). */
  maxPool3dIndices: (x: Tensor, geometry: Pool3dGeometry, out: Tensor) => void
  maxPool3dGradient: (x: Tensor, outputGradient: Tensor, geometry: Pool3dGeometry, out: Tensor) => void
  upsampleNearest: (x: Tensor, geometry: UpsampleGeometry, out: Tensor) => void
  upsampleNearestGradient: (outputGradient: Tensor, geometry: UpsampleGeometry, out: Tensor) => void
  /** Normalises, scales, shifts, applies a leaky ReLU; also writes mean and 1/σ per (batch, channel) as float64. */
  normActivation: (
    x: Tensor,
    scale: Tensor,
    shift: Tensor,
    options: NormActivationOptions,
    geometry: NormGeometry,
    out: Tensor,
    mean: Tensor,
    inverseDeviation: Tensor,
  ) => void
  normActivationGradient: (
    forward: {
      readonly x: Tensor
      readonly scale: Tensor
      readonly shift: Tensor
      readonly mean: Tensor
      readonly inverseDeviation: Tensor
    },
    outputGradient: Tensor,
    slope: number,
    geometry: NormGeometry,
    out: { readonly x: Tensor; readonly scale: Tensor; readonly shift: Tensor },
  ) => void
  /** The overlap sums (sums, |Φ|) and the number of elements that count (|Φ|), both float64. */
  overlapStatistics: (operands: OverlapOperands, geometry: OverlapGeometry, sums: Tensor, counts: Tensor) => void
  /** From float64 partial derivatives in the sums (sums, |Φ|) to those in the prediction (or its logits) and the target. */
  overlapGradient: (
    operands: OverlapOperands,
    geometry: OverlapGeometry,
    partials: Tensor,
    predictionOut: Tensor | null,
    targetOut: Tensor | null,
  ) => void
  /** Channels of `skip`, then those of x upsampled to its grid. */
  upsampleConcat: (skip: Tensor, x: Tensor, geometry: UpsampleGeometry, out: Tensor) => void
  upsampleConcatGradient: (outputGradient: Tensor, geometry: UpsampleGeometry, skipOut: Tensor, xOut: Tensor) => void
  /** One step of Adam on a parameter and its two moments, all changed in place. */
  adamStep: (
    parameter: Tensor,
    gradient: Tensor,
    firstMoment: Tensor,
    secondMoment: Tensor,
    options: AdamStepOptions,
  ) => void
}

export interface AdamStepOptions {
  readonly learningRate: number
  readonly beta1: number
  readonly beta2: number
  /** Added to the root of the second moment. */
  readonly epsilon: number
  /** Times the parameter, added to the gradient. */
  readonly weightDecay: number
  /** Counts the updates of this parameter, from 1. */
  readonly step: number
}

export interface NormActivationOptions {
  /** Added to the variance. */
  readonly epsilon: number
  /** Of the leaky ReLU; 1 for none. */
  readonly slope: number
}

/** Marks a kernel that a backend does not have, with the reason a user reads. */
export class Absent {
  constructor(readonly reason: string) {}
}

/** A backend answers for every kernel: a forgotten one does not compile, a known absence is one line. */
export type KernelTable = { readonly [K in keyof Kernels]: Kernels[K] | Absent }
