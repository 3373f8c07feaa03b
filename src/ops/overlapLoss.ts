/**
 * A loss that is a function of the overlap sums I, Y, P (Σ y², Σ p², Σ |p − y|) per subset of Φ: one read of the data for the sums, a step
 * on |Φ| numbers, and for the derivative one more read and one write. Which function it is, and what it does with empty
 * subsets, is the caller's: it gives the step in numbers with its partial derivatives, and again in public ops, which
 * is the path of further derivatives. Inputs: prediction, target, then the mask and the label map where there are any.
 */
import { type Op, apply } from '../autograd/graph/op.js'
import {
  type OverlapGeometry,
  type OverlapOperands,
  type OverlapSumName,
  type Tie,
  differenceSlope,
  overlapSumNames,
  sumsOf,
  wantedSums,
} from '../backend/overlap.js'
import { kernelsOf } from '../backend/select.js'
import { tensor } from '../tensor/create.js'
import { scope } from '../tensor/scope.js'
import { type Shape, at } from '../tensor/shape.js'
import { type Tensor, empty } from '../tensor/tensor.js'
import { add } from './add.js'
import { cast } from './cast.js'
import { dense } from './elementwise.js'
import { mul } from './mul.js'
import { reshape } from './reshape.js'
import { segmentSum } from './segmentSum.js'
import { sigmoid } from './sigmoid.js'
import { softmax } from './softmax.js'
import { sub } from './sub.js'

/** One entry per sum and subset: the sums themselves, or derivatives in them. Squares and differences are null where they are not wanted. */
export type PerSum<T> = {
  readonly [K in OverlapSumName]: K extends 'intersection' | 'target' | 'prediction' ? T : T | null
}

/** The entry of every sum, of those that `from` may have. */
export function mapSums<T>(entry: (name: OverlapSumName) => T | null): PerSum<T> {
  return Object.fromEntries(overlapSumNames.map((name) => [name, entry(name)])) as PerSum<T>
}

export interface OverlapRequest {
  readonly geometry: OverlapGeometry
  readonly hasMask: boolean
  readonly hasLabels: boolean
}

export interface OverlapLossParams extends OverlapRequest {
  /** () for a mean, or with one value per subset. */
  readonly outputShape: Shape
  /** Where values are not one per subset: the index of the value that a subset is part of. */
  readonly outputIndex?: Int32Array
  /** One value in all, or one per subset (see `outputIndex`), and its partial derivatives in the subset's sums. */
  finish(
    sums: PerSum<Float64Array>,
    counts: Float64Array,
  ): { values: ArrayLike<number>; partials: PerSum<Float64Array> }
  /** The same from float64 tensors of shape (|Φ|); the result has `outputShape`. */
  compose(sums: PerSum<Tensor>, counts: Float64Array): Tensor
}

export type OverlapInputs = readonly [prediction: Tensor, target: Tensor, ...rest: Tensor[]]

function operandsOf([prediction, target, ...rest]: OverlapInputs, request: OverlapRequest): OverlapOperands {
  const [mask, labels] = [request.hasMask, request.hasLabels].map((has) => (has ? rest.shift() : undefined))
  return {
    prediction: dense(prediction),
    target: dense(target),
    mask: mask === undefined ? null : dense(mask),
    labels: labels === undefined ? null : dense(labels),
  }
}

function rowsOf(values: Float64Array, geometry: OverlapGeometry): PerSum<Float64Array> {
  const { subsets } = geometry
  const names = wantedSums(geometry)
  return mapSums((name) => {
    const k = names.indexOf(name)
    return k < 0 ? null : values.subarray(k * subsets, (k + 1) * subsets)
  })
}

function partialsTensor(
  partials: PerSum<Float64Array>,
  geometry: OverlapGeometry,
  factor: (subset: number) => number,
): Tensor {
  const { subsets } = geometry
  const values = new Float64Array(sumsOf(geometry) * subsets)
  wantedSums(geometry).forEach((name, k) => {
    partials[name]?.forEach((value, subset) => (values[k * subsets + subset] = value * factor(subset)))
  })
  return tensor(values, { shape: [sumsOf(geometry), subsets] })
}

/** The sums of each subset and the number of elements that count in it, as plain numbers. Not recorded. */
export function overlapSums(
  inputs: OverlapInputs,
  request: OverlapRequest,
): { sums: PerSum<Float64Array>; counts: Float64Array } {
  return scope(() => {
    const { geometry } = request
    const operands = operandsOf(inputs, request)
    const sums = empty([sumsOf(geometry), geometry.subsets], 'float64')
    const counts = empty([geometry.subsets], 'float64')
    kernelsOf(operands.prediction.device).overlapStatistics(operands, geometry, sums, counts)
    const values = Float64Array.from(sums.data())
    return { sums: rowsOf(values, geometry), counts: Float64Array.from(counts.data()) }
  })
}

/** d/d prediction of a loss with these partial derivatives in the sums. Not recorded. */
export function overlapSumsGradient(
  inputs: OverlapInputs,
  request: OverlapRequest,
  partials: PerSum<Float64Array>,
): Tensor {
  return scope(() => {
    const operands = operandsOf(inputs, request)
    const out = empty(inputs[0].shape, inputs[0].dtype)
    const coefficients = partialsTensor(partials, request.geometry, () => 1)
    kernelsOf(out.device).overlapGradient(operands, request.geometry, coefficients, out, null)
    return out
  })
}

/** The subset of every element as a label map (−1: it does not count), and the factor on it (null for 1). Volume-sized. */
function everyElement(inputs: OverlapInputs, request: OverlapRequest): { labels: Tensor; factors: Tensor | null } {
  const { geometry: g } = request
  const { mask, labels } = operandsOf(inputs, request)
  const { shape } = inputs[0]
  const [maskData, labelData] = [mask?.data(), labels?.data()]
  const subset = new Int32Array(inputs[0].size)
  const factor = g.channelFactors === null ? null : new Float64Array(subset.length)
  for (let i = 0; i < subset.length; i++) {
    const c = i % g.channels
    const row = (i - c) / g.channels
    const isMasked = maskData?.[maskData.length === subset.length ? i : row] === 0
    const isMissing = g.annotated?.[Math.floor(row / g.voxels) * g.channels + c] === 0
    const counts = c >= g.firstChannel && !isMasked && !isMissing
    const s = counts ? (labelData?.[i] ?? subsetByAxes(g, row, c)) : -1
    subset[i] = s
    if (factor !== null) factor[i] = s >= 0 && g.factoredSubsets?.[s] !== 0 ? (g.channelFactors?.[c] ?? 1) : 1
  }
  return { labels: tensor(subset, { shape }), factors: factor === null ? null : tensor(factor, { shape }) }
}

function subsetByAxes({ axes, firstChannel }: OverlapGeometry, row: number, channel: number): number {
  if (axes === null) return -1
  let subset = (channel - firstChannel) * axes.channelStride
  for (let axis = axes.sizes.length - 1, rest = row; axis >= 0; axis--) {
    const n = at(axes.sizes, axis)
    subset += (rest % n) * at(axes.strides, axis)
    rest = Math.floor(rest / n)
  }
  return subset
}

/**
 * |p − y| as a·(p − c) + b·(y − c), with the slopes a in p and b in y as constants, and c = p where p = y, else 0: the value, and
 * the derivatives that the kernel takes.
 */
function absoluteDifference(p: Tensor, y: Tensor, tie: Tie): Tensor {
  const { shape } = p
  const [own, other] = [p.data(), y.data()]
  const constant = (f: (p: number, y: number) => number): Tensor =>
    tensor(
      Float64Array.from(own, (value, i) => f(value, other[i] ?? Number.NaN)),
      { shape },
    )
  const shared = constant((a, b) => (a === b ? a : 0))
  const forPrediction = constant((a, b) => differenceSlope(a, b, tie))
  const forTarget = constant((a, b) => differenceSlope(b, a, tie))
  return add(mul(forPrediction, sub(p, shared)), mul(forTarget, sub(y, shared)))
}

/** The sums in public ops, in float64. */
function composedSums(inputs: OverlapInputs, request: OverlapRequest): { sums: PerSum<Tensor>; counts: Float64Array } {
  const { activation, subsets, squares, difference } = request.geometry
  const { labels, factors } = everyElement(inputs, request)
  const toDouble = (x: Tensor): Tensor => (x.dtype === 'float64' ? x : cast(x, 'float64'))
  const logits = toDouble(inputs[0])
  const p = activation === 'none' ? logits : activation === 'sigmoid' ? sigmoid(logits) : softmax(logits)
  const y = toDouble(inputs[1])
  const total = (x: Tensor): Tensor => segmentSum(factors === null ? x : mul(x, factors), labels, subsets)
  const counts = new Float64Array(subsets)
  for (const label of labels.data()) if (label >= 0) counts[label] = (counts[label] ?? 0) + 1
  const sums = {
    intersection: total(mul(y, p)),
    target: total(y),
    prediction: total(p),
    targetSquares: squares ? total(mul(y, y)) : null,
    predictionSquares: squares ? total(mul(p, p)) : null,
    difference: difference === undefined ? null : total(absoluteDifference(p, y, difference)),
  }
  return { sums, counts }
}

export const overlapLossOp: Op<OverlapInputs, OverlapLossParams> = {
  name: 'overlapLoss',
  forward(inputs, params) {
    return scope(() => {
      const { sums, counts } = overlapSums(inputs, params)
      const { values, partials } = params.finish(sums, counts)
      const output = empty(params.outputShape, inputs[0].dtype)
      output.array.set(values, output.offset)
      return { output, aside: [partialsTensor(partials, params.geometry, () => 1)] }
    })
  },
  fusedVjp(g, { inputs, params, aside: [partials] }, needed) {
    if (partials === undefined) return []
    const { geometry } = params
    const cotangent = Array.from(g.data())
    const perSubset = rowsOf(Float64Array.from(partials.data()), geometry)
    const outputOf = (subset: number): number => params.outputIndex?.[subset] ?? subset
    const scaled = partialsTensor(perSubset, geometry, (subset) =>
      at(cotangent, cotangent.length === 1 ? 0 : outputOf(subset)),
    )
    const [forPrediction, forTarget] = [0, 1].map((i) => {
      const input = inputs[i]
      return needed[i] === true && input !== undefined ? empty(input.shape, input.dtype) : null
    }) as [Tensor | null, Tensor | null]
    kernelsOf(g.device).overlapGradient(operandsOf(inputs, params), geometry, scaled, forPrediction, forTarget)
    return inputs.map((_, i) => (i === 0 ? forPrediction : i === 1 ? forTarget : null))
  },
  composition(inputs, params) {
    const { sums, counts } = composedSums(inputs, params)
    const loss = reshape(params.compose(sums, counts), params.outputShape)
    return loss.dtype === inputs[0].dtype ? loss : cast(loss, inputs[0].dtype)
  },
}

/** The loss that `params` describes; see the top of the file. Callers have checked shapes, dtypes and options. */
export function overlapLoss(inputs: OverlapInputs, params: OverlapLossParams): Tensor {
  return apply(overlapLossOp, inputs, params)
}
