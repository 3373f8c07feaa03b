/**
 * The three public steps of every overlap loss, and the loss made of them: `overlapStatistics` gives the sums per subset,
 * `merge` joins those of shards or micro-batches, `finish` turns them into the loss and into the few numbers per subset from
 * which `overlapGradient` maps the derivative over the voxels. One process, gradient accumulation and data parallelism
 * are the same arithmetic.
 */
import { type PerSum, mapSums, overlapLoss, overlapSums, overlapSumsGradient } from '../ops/overlapLoss.js'
import { ConfigError, ShapeError } from '../tensor/errors.js'
import { type Shape, sameShape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { diceFormula } from './dice-formula.js'
import {
  type FinishSettings,
  type Finished,
  type SubsetFormula,
  evaluate,
  finisher,
  plan,
  policiesOf,
} from './finish.js'
import { type OverlapOptions, type SemimetricOptions, type StatisticsOptions, checkOptions } from './options.js'
import { Partition } from './partition.js'
import { type LossRequest, requestOf } from './request.js'
import { NO_ELEMENTS, SEVERAL_CLASSES, type VolumeRule } from './subsets.js'

/** The sums of each subset of Φ: plain data, |Φ| numbers each, that can be sent between processes. */
export interface OverlapStatistics {
  /** I = Σ y·p, Y = Σ y, P = Σ p, for L2 Σ y² and Σ p², for the semimetric Σ |p − y| (null where not wanted), in voxels. */
  readonly sums: PerSum<Float64Array>
  /** Elements that count in each subset. */
  readonly counts: Float64Array
  /** Shape of one number per subset. */
  readonly shape: Shape
  /** Class that each subset lies in, −1 for several, −2 where it has no elements. */
  readonly classes: Int32Array
  /** C */
  readonly channels: number
  readonly norm: 'L1' | 'L2'
  /** Whether images never share a subset: then the statistics of micro-batches follow each other. */
  readonly separatesImages: boolean
  /** Whether class weights are inside the sums of the subsets with several classes. */
  readonly hasFactors: boolean
  /** Whether Φ is adaptive: `finish` then needs `phi`, whose rule decides on the subsets once all parts are merged. */
  readonly isAdaptive: boolean
}

/**
 * The sums per subset that an overlap loss is a function of: I = Σ y·p, Y = Σ y, P = Σ p, for L2 also Σ y² and Σ p².
 *
 * `prediction`, `target` (B, …, C) as for `diceLoss`; `options` may be those of the loss, ε and the policies are not used here.
 * With `subgradient` also Σ |p − y|, for the semimetric. Sums are float64 and in voxels. Not differentiable: `overlapGradient` is the way back.
 *
 * Throws ConfigError, ShapeError and DTypeError as `diceLoss` does.
 *
 * @example
 * const statistics = overlapStatistics(prediction, target, { phi: 'BI' })
 * const { loss, gradient } = finish(statistics, { epsilon: 1 })
 */
export function overlapStatistics(
  prediction: Tensor,
  target: Tensor,
  options: StatisticsOptions & SemimetricOptions & Partial<OverlapOptions>,
): OverlapStatistics {
  checkOptions('overlapStatistics', options, ['phi'], ['subgradient'])
  return sumsOfRequest(requestOf('overlapStatistics', prediction, target, options))
}

export function sumsOfRequest(request: LossRequest): OverlapStatistics {
  const { subsets, norm, channels, hasFactors } = request
  const { shape, classes, separatesImages } = subsets
  const isAdaptive = subsets.keeps !== null
  const sums = overlapSums(request.inputs, request)
  return { ...sums, shape, classes, channels, norm, separatesImages, hasFactors, isAdaptive }
}

export interface MergeOptions {
  /**
   * 'batch' (default): the parts are of different images, as micro-batches and data-parallel shards are. Subsets that images
   * share (CI and I share none, BI and BCI all) add up; others follow each other, those of `a` first.
   * 'space': the parts are disjoint pieces of the same images; all subsets add up.
   */
  readonly over?: 'batch' | 'space'
}

/**
 * The statistics of two disjoint parts of the data as one. Merging is associative up to the rounding of float64 sums, and for
 * micro-batches exact in every Φ. Under a label map the labels of both parts name the same |Φ| subsets.
 *
 * Throws ShapeError where the parts do not have the same subsets, ConfigError where their norms or class weights differ.
 *
 * @example
 * const whole = batches.map((b) => overlapStatistics(b.prediction, b.target, { phi: 'BI' })).reduce((a, b) => merge(a, b))
 */
export function merge(a: OverlapStatistics, b: OverlapStatistics, options: MergeOptions = {}): OverlapStatistics {
  const { over = 'batch' } = options
  if (over !== 'batch' && over !== 'space') throw new ConfigError('merge', "over: 'batch' or 'space'", String(over))
  if ((a.sums.difference === null) !== (b.sums.difference === null) || a.isAdaptive !== b.isAdaptive) {
    throw new ConfigError('merge', 'statistics of one loss and one Φ', 'those of two')
  }
  if (a.norm !== b.norm) throw new ConfigError('merge', 'statistics of one norm', `${a.norm} and ${b.norm}`)
  if (a.channels !== b.channels || a.separatesImages !== b.separatesImages || a.shape.length !== b.shape.length) {
    throw new ShapeError(
      'merge',
      'statistics of one Φ and one number of classes',
      `${show(a.shape)} and ${show(b.shape)}`,
    )
  }
  return over === 'batch' && a.separatesImages ? follow(a, b) : addUp(a, b)
}

function joinSums(
  a: OverlapStatistics,
  b: OverlapStatistics,
  join: (x: Float64Array, y: Float64Array) => Float64Array,
): Pick<OverlapStatistics, 'sums' | 'counts'> {
  const sums = mapSums((name) => {
    const [x, y] = [a.sums[name], b.sums[name]]
    return x === null || y === null ? null : join(x, y)
  })
  return { sums, counts: join(a.counts, b.counts) }
}

function follow(a: OverlapStatistics, b: OverlapStatistics): OverlapStatistics {
  if (!sameShape(a.shape.slice(1), b.shape.slice(1))) {
    throw new ShapeError('merge', `subsets of shape ${show([-1, ...a.shape.slice(1)])}`, show(b.shape))
  }
  const shape = [(a.shape[0] ?? 0) + (b.shape[0] ?? 0), ...a.shape.slice(1)]
  const classes = Int32Array.of(...a.classes, ...b.classes)
  const hasFactors = a.hasFactors || b.hasFactors
  const join = (x: Float64Array, y: Float64Array): Float64Array => {
    const out = new Float64Array(x.length + y.length)
    out.set(x)
    out.set(y, x.length)
    return out
  }
  return { ...a, ...joinSums(a, b, join), shape, classes, hasFactors }
}

function addUp(a: OverlapStatistics, b: OverlapStatistics): OverlapStatistics {
  if (!sameShape(a.shape, b.shape)) throw new ShapeError('merge', `subsets of shape ${show(a.shape)}`, show(b.shape))
  const classes = a.classes.map((mine, i) => {
    const other = b.classes[i] ?? NO_ELEMENTS
    if (mine === NO_ELEMENTS) return other
    return other === NO_ELEMENTS || other === mine ? mine : SEVERAL_CLASSES
  })
  const hasFactors = a.hasFactors || b.hasFactors
  const widened = classes.some((c, i) => c === SEVERAL_CLASSES && (a.classes[i] !== c || b.classes[i] !== c))
  if (hasFactors && widened) {
    throw new ConfigError(
      'merge',
      'class weights with subsets that have the same classes in each part',
      'a label map without',
    )
  }
  return { ...a, ...joinSums(a, b, (x, y) => x.map((value, i) => value + (y[i] ?? 0))), classes, hasFactors }
}

/**
 * From sums to the loss, and to the numbers per subset from which the derivative is one cheap map over the voxels: for L1
 * dL/dp = a·y + b with a = gradient.intersection and b = gradient.prediction of the element's subset; for L2 a·y + b·p
 * with b = 2·gradient.predictionSquares.
 *
 * `options` as for `diceLoss`, those that concern voxels are not used; give `present` only per subset, and `classWeights` that are
 * those of `overlapStatistics`. `formula` is the loss of one subset: 1 − s of Eq. 3 by default. An adaptive Φ is given again, as
 * `phi`: its rule decides here.
 *
 * Throws ConfigError without `epsilon`, ShapeError for ε or weights that do not fit, NumericalError for 0/0.
 *
 * @example
 * finish(overlapStatistics(p, y, { phi: 'I' }), { epsilon: 1e-7 }).losses
 */
export function finish(
  statistics: OverlapStatistics,
  options: FinishSettings & Partial<OverlapOptions>,
  formula: SubsetFormula = diceFormula(statistics.norm),
): Finished {
  checkOptions('finish', options, ['epsilon'], ['subgradient'])
  const keeps = options.phi instanceof Partition ? options.phi.rule : null
  if (statistics.isAdaptive !== (keeps !== null)) {
    throw new ConfigError(
      'finish',
      'phi: the adaptive Φ of the statistics, or none where theirs is not',
      String(options.phi),
    )
  }
  return finishOverlap('finish', { ...statistics, keeps }, options, formula)
}

export function finishOverlap(
  where: string,
  statistics: OverlapStatistics & { readonly keeps?: VolumeRule | null },
  options: FinishSettings,
  formula: SubsetFormula,
): Finished {
  const policies = policiesOf(where, options, statistics)
  const its = plan(policies, statistics.classes, statistics.sums.target, statistics.counts)
  return evaluate(where, formula, statistics.sums, its, options.reduction ?? 'mean')
}

/**
 * The derivative in one part's prediction (in its logits with `fromLogits`), from what `finish` made of the merged statistics: one
 * read and one write of the part. `firstSubset` is the index of the part's first subset in the merged ones where parts
 * follow each other (see `merge`); 0 by default. Returns a tensor of the prediction's shape and dtype.
 *
 * Throws ShapeError where the gradient has too few subsets, and else as `overlapStatistics`.
 *
 * @example
 * const { gradient } = finish(parts.map(statisticsOf).reduce((a, b) => merge(a, b)), { epsilon: 1 })
 * parts.forEach(({ p, y }) => p.backward({ cotangent: overlapGradient(p, y, gradient, { phi: 'BI' }) }))
 */
export function overlapGradient(
  prediction: Tensor,
  target: Tensor,
  gradient: PerSum<Float64Array>,
  options: StatisticsOptions & SemimetricOptions & Partial<OverlapOptions>,
  firstSubset = 0,
): Tensor {
  checkOptions('overlapGradient', options, ['phi'], ['subgradient'])
  const request = requestOf('overlapGradient', prediction, target, options)
  const { count } = request.subsets
  const available = gradient.intersection.length
  if (!Number.isInteger(firstSubset) || firstSubset < 0 || firstSubset + count > available) {
    throw new ShapeError('overlapGradient', `${count} subsets from ${firstSubset} on`, `a gradient of ${available}`)
  }
  if ((gradient.predictionSquares !== null) !== (request.norm === 'L2')) {
    throw new ConfigError('overlapGradient', `the norm of the gradient's statistics`, request.norm)
  }
  if ((gradient.difference !== null) !== (request.geometry.difference !== undefined)) {
    throw new ConfigError('overlapGradient', `the option subgradient iff the gradient's statistics had it`)
  }
  const part = mapSums((name) => gradient[name]?.subarray(firstSubset, firstSubset + count) ?? null)
  return overlapSumsGradient(request.inputs, request, part)
}

/**
 * An overlap loss as one differentiable op. Every loss of the family is this with a formula of its own; `own` are the names of
 * options that only it has.
 */
export function overlapLossOf(
  where: string,
  prediction: Tensor,
  target: Tensor,
  options: OverlapOptions & SemimetricOptions,
  formula: SubsetFormula,
  own: readonly string[] = [],
): Tensor {
  checkOptions(where, options, ['phi', 'epsilon'], own)
  const request = requestOf(where, prediction, target, options)
  const subsets = { ...request.subsets, channels: request.channels }
  const { inputs, geometry, hasMask, hasLabels } = request
  return overlapLoss(inputs, { geometry, hasMask, hasLabels, ...finisher(where, formula, options, subsets) })
}
