/**
 * What the derivative of an overlap loss does to one batch: per subset of Φ its sums and the two values of Eq. 4, which maps are
 * empty or missing, how much of the derivative they carry, and how it is shared among classes and images. Plain data, ready
 * for JSON; gradient-table.ts prints it. Nothing is trained or changed here.
 * Source: Tilborghs, Bertels et al., MICCAI 2022, Sect. 2.2.
 */
import { valueAndGrad } from '../autograd/transforms/grad.js'
import { scope } from '../tensor/scope.js'
import { at } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { diceFormula } from './dice-formula.js'
import { type Policies, plan, policiesOf } from './finish.js'
import { type GradientMass, gradientMass } from './gradient-mass.js'
import { type EmptyMaps, type MapGradient, type MapState, judgeEmptyMaps, negligibleAbove } from './gradient-empty.js'
import { type OverlapOptions, annotatedMaps, checkOptions, partitionOf, presentSubsets } from './options.js'
import { type OverlapStatistics, finishOverlap, overlapGradient, overlapStatistics, sumsOfRequest } from './overlap.js'
import { type LossRequest, requestOf } from './request.js'

const WHERE = 'gradientReport'

/** The options of `diceLoss`, and optionally another loss that they are for. */
export interface ReportedLoss extends OverlapOptions {
  /** A loss of the family or one's own, `(prediction, target, options) → scalar`; its derivative is taken by autodiff. Default: Dice. */
  readonly loss?: (prediction: Tensor, target: Tensor, options: OverlapOptions) => Tensor
}

/** One subset of Φ. Sums are in voxels, derivatives per voxel. */
export interface SubsetGradient {
  readonly index: number
  /** Index in the batch; null where the subset has elements of several images. */
  readonly image: number | null
  /** Channel; null where the subset has elements of several. */
  readonly class: number | null
  readonly state: MapState
  /** Whether it is in |Φ|. */
  readonly counted: boolean
  /** Factor on the subset's loss, by class weights. */
  readonly weight: number
  /** ε of this subset in the denominator, and in the numerator where that is another one. */
  readonly epsilon: number
  readonly epsilonNumerator: number
  readonly I: number
  readonly Y: number
  readonly P: number
  /** (2 I + ε)/D of Eq. 3; null where D = 0. */
  readonly s: number | null
  /** U + ε of Eq. 3. */
  readonly D: number
  /** The derivative where y = 0. */
  readonly g0: number
  /** The derivative where y = 1. */
  readonly g1: number
  /** g1/g0; null where g0 = 0. */
  readonly ratio: number | null
  /** Σ|g| of the subset over Σ|g| of all. */
  readonly share: number
  /** For an empty subset: the P above which its derivative is below 1 % of a typical labelled one's (see docs/gradient.md). */
  readonly negligibleAbove: number | null
}

export interface GradientReport {
  /** Mean over |Φ|. */
  readonly loss: number
  readonly phi: string
  readonly norm: 'L1' | 'L2'
  /** |Φ|, without what left it. */
  readonly size: number
  /** (B, …, C) */
  readonly shape: readonly number[]
  /**
   * 'closed': g0 and g1 are those of Eq. 4, derivatives in the probabilities, and no others occur where y is binary.
   * 'means': the derivative varies within a subset (L2, class weights within subsets, another loss); g0 and g1 are its means
   * weighted by 1 − y and by y.
   */
  readonly values: 'closed' | 'means'
  /** What the derivative whose mass is shared out is in (and the means, where `values` says so). */
  readonly variable: 'probabilities' | 'logits'
  /** Σ|g| over all elements. */
  readonly mass: number
  readonly subsets: readonly SubsetGradient[]
  /** One per image and class, class fastest. */
  readonly maps: readonly MapGradient[]
  /** (C) and (B): shares of the mass; they sum to 1, or are 0 where the derivative is 0 everywhere. */
  readonly classShares: readonly number[]
  readonly imageShares: readonly number[]
  readonly empty: EmptyMaps
}

/**
 * A report on the derivative of a loss at one prediction:
 *
 *   g0 = s/(N D)   g1 = (s − 2)/(N D)   g1/g0 = −(2 − s)/s        (Eq. 4 where y = 0 and where y = 1, N = |Φ|)
 *
 * with the sums they come from, which subsets are empty (Y = 0) or missing (not `present`), the share of the mass Σ|g| that each
 * subset, image and class has, and how the derivative on empty maps compares with that on the background of labelled ones.
 *
 * `prediction` and `target` (B, …, C) as for `diceLoss`; `loss` is the options of a Dice loss, or with its field `loss` any
 * other; `reduction` is always the mean. With `fromLogits`, g0 and g1 are derivatives in the probabilities still, while the
 * mass is that of the derivative in the logits, which is what the network feels.
 *
 * Throws ConfigError, ShapeError, DTypeError and NumericalError as `diceLoss` does.
 *
 * Source: Tilborghs, Bertels et al., MICCAI 2022, Eq. 3 and 4.
 *
 * @example
 * const report = gradientReport({ phi: 'I', epsilon: 1e-7 }, probabilities, labels)
 * console.log(renderGradientReport(report))
 */
export function gradientReport(loss: ReportedLoss, prediction: Tensor, target: Tensor): GradientReport {
  const { loss: other, ...given } = loss
  checkOptions(WHERE, given, ['phi', 'epsilon'])
  return scope(() => reportOn({ ...given, reduction: 'mean' }, other, prediction, target))
}

function reportOn(
  options: OverlapOptions,
  other: ReportedLoss['loss'],
  prediction: Tensor,
  target: Tensor,
): GradientReport {
  const request = requestOf(WHERE, prediction, target, options)
  const statistics = sumsOfRequest(request)
  const policies = policiesOf(WHERE, options, statistics)
  const { size } = plan(policies, statistics.classes, statistics.sums.target, statistics.counts)
  const derivative = derivativeOf(request, statistics, options, other)
  const mass = massOf(request, options, derivative.gradient, derivative.closed?.prediction ?? null)
  const total = mass.maps.mass.reduce((sum, m) => sum + m, 0)
  const share = (m: number | undefined): number => (total === 0 ? 0 : (m ?? 0) / total)
  const subsets = subsetsOf(statistics, policies, derivative, mass, at(prediction.shape, 0), share)
  const maps = mapsOf(request, options, mass, share, prediction, target)
  const sharesBy = (key: 'class' | 'image', n: number): number[] =>
    Array.from({ length: n }, (_, k) => maps.reduce((sum, map) => sum + (map[key] === k ? map.share : 0), 0))
  const closed = derivative.closed !== null
  return {
    loss: derivative.loss,
    phi: partitionOf(WHERE, options.phi).toString(),
    norm: request.norm,
    size,
    shape: [...prediction.shape],
    values: closed ? 'closed' : 'means',
    variable: options.fromLogits === undefined ? 'probabilities' : 'logits',
    mass: total,
    subsets: subsets.map((one) => ({ ...one, negligibleAbove: closed ? negligibleAbove(one, subsets) : null })),
    maps,
    classShares: sharesBy('class', request.channels),
    imageShares: sharesBy('image', at(prediction.shape, 0)),
    empty: judgeEmptyMaps(maps, subsets),
  }
}

interface Derivative {
  readonly loss: number
  readonly gradient: Tensor
  /** a and b of a·y + b per subset, where the derivative in the probabilities is that. */
  readonly closed: { readonly intersection: Float64Array; readonly prediction: Float64Array } | null
}

function derivativeOf(
  { inputs: [prediction, target], norm, hasFactors }: LossRequest,
  statistics: OverlapStatistics,
  options: OverlapOptions,
  other: ReportedLoss['loss'],
): Derivative {
  if (other !== undefined) {
    const [value, gradient] = valueAndGrad((p: Tensor) => other(p, target, options), { createGraph: false })(prediction)
    return { loss: value.item(), gradient, closed: null }
  }
  const { loss, gradient } = finishOverlap(WHERE, statistics, options, diceFormula(norm))
  const map = overlapGradient(prediction, target, gradient, options)
  return { loss, gradient: map, closed: norm === 'L1' && !hasFactors ? gradient : null }
}

function subsetsOf(
  statistics: OverlapStatistics,
  policies: Policies,
  { closed }: Derivative,
  mass: GradientMass,
  images: number,
  share: (mass: number | undefined) => number,
): Omit<SubsetGradient, 'negligibleAbove'>[] {
  const { sums, counts, classes, separatesImages } = statistics
  const { counted, weights } = plan(policies, classes, sums.target, counts)
  const image = (i: number): number | null => {
    if (images === 1) return 0
    return separatesImages ? Math.floor(i / (classes.length / images)) : null
  }
  return Array.from(classes, (c, i) => {
    const [I = 0, Y = 0, P = 0] = [sums.intersection[i], sums.target[i], sums.prediction[i]]
    const own = Y === 0 ? policies.epsilonEmpty : policies.epsilon
    const D = unionOf(statistics, i) + own.denominator(i)
    const [g0, g1] = closed === null ? meanValues(mass, i) : closedValues(closed, i)
    return {
      index: i,
      image: image(i),
      class: c < 0 ? null : c,
      state: stateOf(mass.annotatedSubsets[i], counts[i], Y),
      counted: counted[i] === 1,
      weight: weights[i] ?? 0,
      epsilon: own.denominator(i),
      epsilonNumerator: own.numerator(i),
      ...{ I, Y, P, D, g0, g1 },
      s: D === 0 ? null : (2 * I + own.numerator(i)) / D,
      ratio: g0 === 0 ? null : g1 / g0,
      share: share(mass.subsets.mass[i]),
    }
  })
}

function unionOf({ sums, norm }: OverlapStatistics, i: number): number {
  const [target, prediction] =
    norm === 'L1' ? [sums.target, sums.prediction] : [sums.targetSquares, sums.predictionSquares]
  return (target?.[i] ?? 0) + (prediction?.[i] ?? 0)
}

/** Eq. 4 is a·y + b in each subset. */
function closedValues(
  gradient: { readonly intersection: Float64Array; readonly prediction: Float64Array },
  i: number,
): [g0: number, g1: number] {
  const [a = 0, b = 0] = [gradient.intersection[i], gradient.prediction[i]]
  return [b, a + b]
}

function meanValues({ subsets: { labelled, labels, unlabelled, rest } }: GradientMass, i: number): [number, number] {
  const mean = (sum = 0, weight = 0): number => (weight === 0 ? 0 : sum / weight)
  return [mean(unlabelled[i], rest[i]), mean(labelled[i], labels[i])]
}

function stateOf(annotated: number | undefined, count: number | undefined, Y: number): MapState {
  if (annotated !== 1) return 'missing'
  if (count === 0) return 'masked'
  return Y === 0 ? 'empty' : 'labelled'
}

function massOf(
  request: LossRequest,
  { mask, present }: OverlapOptions,
  gradient: Tensor,
  background: Float64Array | null,
): GradientMass {
  const { subsets, geometry, inputs } = request
  const { shape } = inputs[0]
  return gradientMass({
    ...{ shape, background, index: subsets.index, subsets: subsets.count, firstChannel: geometry.firstChannel },
    gradient: gradient.data(),
    target: inputs[1].data(),
    mask: mask?.data() ?? null,
    annotated: annotatedMaps(WHERE, present, shape),
    present: presentSubsets(WHERE, present, subsets.count),
  })
}

function mapsOf(
  { channels, geometry }: LossRequest,
  options: OverlapOptions,
  mass: GradientMass,
  share: (mass: number | undefined) => number,
  prediction: Tensor,
  target: Tensor,
): MapGradient[] {
  const { mask, fromLogits, present, ignoreBackground } = options
  const statistics = overlapStatistics(prediction, target, {
    phi: 'I',
    ...(mask === undefined ? {} : { mask }),
    ...(fromLogits === undefined ? {} : { fromLogits }),
    ...(present?.rank === 2 ? { present } : {}),
    ...(ignoreBackground === undefined ? {} : { ignoreBackground }),
  })
  const used = channels - geometry.firstChannel
  return Array.from(statistics.classes, (c, i): MapGradient => {
    const image = Math.floor(i / used)
    const map = image * channels + c
    const [Y = 0, P = 0, rest = 0] = [statistics.sums.target[i], statistics.sums.prediction[i], mass.maps.rest[map]]
    const state = stateOf(mass.annotatedMaps[map], statistics.counts[i], Y)
    return {
      ...{ image, class: c, state, Y, P },
      g0: rest === 0 ? 0 : (mass.maps.unlabelledSize[map] ?? 0) / rest,
      share: share(mass.maps.mass[map]),
      sharesSubset: mass.sharesSubset[map] === 1,
    }
  })
}
