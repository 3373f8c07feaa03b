/**
 * For every law a loss that obeys it and a mutant that does not. Most mutants are mistakes that were made in published code; each is
 * wrong in one thing.
 */
import type { Tensor } from '../../src/index.js'
import {
  type OverlapOptions,
  diceLoss,
  finish,
  merge,
  overlapGradient,
  overlapStatistics,
} from '../../src/losses/index.js'
import { diceSemimetricLoss } from '../../src/losses/dice-semimetric.js'
import { jaccardLoss } from '../../src/losses/jaccard.js'
import { leafDiceLoss } from '../../src/losses/leaf-dice.js'
import { tverskyLoss } from '../../src/losses/tversky.js'
import {
  type LossOptions,
  type LossUnderTest,
  type NumericLoss,
  type ShardedLoss,
  fromArrays,
} from '../../src/testing/index.js'

/** The loss of one subset as plain numbers, and its derivative in the subset's predictions. */
type SubsetLoss = (y: readonly number[], p: readonly number[], epsilon: number, subset: number) => NumericLoss

/** The mean over subsets, times `factor`. */
function meanOf(
  lossOf: SubsetLoss,
  factor: (options: LossOptions, shape: readonly number[]) => number = () => 1,
): LossUnderTest {
  return fromArrays((p, y, { subsets, epsilon, shape, ...options }) => {
    const count = Math.max(...subsets) + 1
    const gradient = new Float64Array(p.length)
    const scale = factor({ epsilon, ...options }, shape) / count
    let value = 0
    for (let subset = 0; subset < count; subset++) {
      const elements = [...subsets.keys()].filter((i) => subsets[i] === subset)
      const [ys, ps] = [y, p].map((values) => elements.map((i) => values[i] ?? 0)) as [number[], number[]]
      const own = lossOf(ys, ps, epsilon, subset)
      value += scale * own.value
      elements.forEach((i, k) => (gradient[i] = scale * (own.gradient[k] ?? 0)))
    }
    return { value, gradient }
  })
}

function total(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0)
}

/** Dice in numbers, with a derivative of its own where one is given. */
function dice(
  slope: (given: { y: number; p: number; k: number; score: number; whole: number; epsilon: number }) => number = ({
    y,
    score,
    whole,
  }) => (score - 2 * y) / whole,
): SubsetLoss {
  return (y, p, epsilon) => {
    const whole = total(y) + total(p) + epsilon
    const score = (2 * total(y.map((label, i) => label * (p[i] ?? 0))) + epsilon) / whole
    return {
      value: 1 - score,
      gradient: y.map((label, k) => slope({ y: label, p: p[k] ?? 0, k, score, whole, epsilon })),
    }
  }
}

/** Dice of other labels, predictions or ε than it was given. */
function diceOf(
  change: (y: readonly number[], p: readonly number[], epsilon: number) => readonly [readonly number[], number],
): SubsetLoss {
  return (y, p, epsilon, subset) => {
    const [labels, other] = change(y, p, epsilon)
    return dice()(labels, p, other, subset)
  }
}

/** Means over the elements instead of sums: ε no longer counts voxels. */
const meansInsteadOfSums: SubsetLoss = (y, p, epsilon, subset) => {
  const { value, gradient } = dice()(y, p, epsilon * y.length, subset)
  return { value, gradient }
}

const overlap =
  (
    loss: (p: Tensor, y: Tensor, options: OverlapOptions) => Tensor,
    change: (options: LossOptions) => OverlapOptions,
  ): LossUnderTest =>
  (p, y, options) =>
    loss(p, y, change(options))

const withDefaults =
  (swap: boolean): LossUnderTest =>
  (p, y, { alpha = 0.5, beta = 0.5, ...options }) =>
    tverskyLoss(p, y, { ...options, ...(swap ? { alpha: beta, beta: alpha } : { alpha, beta }) })

const asymmetric: LossUnderTest = (p, y, options) => tverskyLoss(p, y, { ...options, alpha: 0.3, beta: 0.7 })
const squared: LossUnderTest = (p, y, options) => diceLoss(p, y, { ...options, norm: 'L2' })
const doubledEpsilon = overlap(diceLoss, (options) => ({ ...options, epsilon: 2 * options.epsilon }))
const onlyInDenominator = overlap(diceLoss, ({ epsilon, ...options }) => ({
  ...options,
  epsilon: { numerator: 0, denominator: epsilon },
}))
const dropsEmpty = overlap(diceLoss, (options) => ({ ...options, emptySubsets: 'drop' }))

/** BI as the average over images of what is BI in one: what data parallelism without communication computes. */
const localBatches: LossUnderTest = (p, y, options) =>
  diceLoss(p, y, { ...options, phi: options.phi === 'BI' ? 'I' : options.phi === 'BCI' ? 'CI' : options.phi })

const sharded: ShardedLoss = (shards, options) => {
  const each = shards.map(({ prediction, target }) => overlapStatistics(prediction, target, options))
  const { loss, gradient } = finish(
    each.reduce((a, b) => merge(a, b)),
    options,
  )
  let first = 0
  const gradients = shards.map(({ prediction, target }, i) => {
    const part = overlapGradient(prediction, target, gradient, options, each[i]?.separatesImages === true ? first : 0)
    first += each[i]?.counts.length ?? 0
    return part
  })
  return { value: loss, gradients }
}

/** The mean of the losses of the shards. */
const averaged: ShardedLoss = (shards, options) => {
  const each = shards.map((shard) => sharded([shard], options))
  return {
    value: total(each.map(({ value }) => value)) / shards.length,
    gradients: each.flatMap(({ gradients }) => gradients.map((g) => g.div(shards.length))),
  }
}

/** 1 − s with every sum rounded to float32 as it grows. */
const singlePrecision: SubsetLoss = (y, p, epsilon) => {
  const sum = (values: readonly number[]): number => values.reduce((a, b) => Math.fround(a + b), 0)
  const whole = Math.fround(Math.fround(sum(y) + sum(p)) + epsilon)
  const score = Math.fround(Math.fround(2 * sum(y.map((label, i) => label * (p[i] ?? 0))) + epsilon) / whole)
  return { value: Math.fround(1 - score), gradient: y.map((label) => (score - 2 * label) / whole) }
}

/** From logits, but the derivative is that in the probabilities. */
const forgetsActivation: LossUnderTest = fromArrays((z, y, { subsets, epsilon, fromLogits, shape }) => {
  const classes = shape.at(-1) ?? 1
  const p = z.map((x, i) => {
    if (fromLogits !== 'softmax') return 1 / (1 + Math.exp(-x))
    const voxel = z.subarray(i - (i % classes), i - (i % classes) + classes)
    return 1 / voxel.reduce((sum, other) => sum + Math.exp(other - x), 0)
  })
  const count = Math.max(...subsets) + 1
  const gradient = new Float64Array(p.length)
  let value = 0
  for (let subset = 0; subset < count; subset++) {
    const elements = [...subsets.keys()].filter((i) => subsets[i] === subset)
    const own = dice()(
      elements.map((i) => y[i] ?? 0),
      elements.map((i) => p[i] ?? 0),
      epsilon,
      subset,
    )
    value += own.value / count
    elements.forEach((i, k) => (gradient[i] = (own.gradient[k] ?? 0) / count))
  }
  return { value, gradient }
})

/** Weights that are divided by their sum while ε is not. */
const normalisedWeights: LossUnderTest = (p, y, { classWeights, ...options }) => {
  if (classWeights === undefined) return diceLoss(p, y, options)
  const sum = total(classWeights)
  return diceLoss(p, y, { ...options, classWeights: classWeights.map((weight) => weight / sum) })
}

const weightsByClass = [1, 2, 4]

interface Trial {
  readonly right: LossUnderTest
  readonly mutant: LossUnderTest
  /** What is wrong with the mutant. */
  readonly why: string
  readonly options?: {
    readonly fromLogits?: boolean
    readonly sharded?: readonly [right: ShardedLoss, mutant: ShardedLoss]
  }
}

export const trials: Readonly<Record<string, Trial>> = {
  derivative: {
    right: diceLoss,
    mutant: meanOf(dice(({ y, score, whole, p }) => (score - 2 * y * (p > 0.5 ? 1 : 1.01)) / whole)),
    why: 'one per cent of the derivative is wrong for half of the voxels',
  },
  diceValue: { right: diceLoss, mutant: jaccardLoss, why: 'Jaccard' },
  gradient: {
    right: diceLoss,
    mutant: meanOf(dice(({ y, whole }) => (-2 * y) / whole)),
    why: 'the denominator is taken for a constant',
  },
  scalarInvariants: {
    right: diceLoss,
    mutant: meanOf(dice(({ y, score, whole, epsilon }) => (score - 2 * y) / (whole + epsilon))),
    why: 'ε counts twice in the derivative',
  },
  affineInTarget: { right: diceLoss, mutant: squared, why: 'V-Net’s L2: the derivative depends on p' },
  signAndRatio: { right: diceLoss, mutant: asymmetric, why: 'Tversky with α ≠ β' },
  bounds: { right: diceLoss, mutant: (p, y, options) => diceLoss(p, y, options).sub(1), why: '−s instead of 1 − s' },
  zeroWherePerfect: { right: diceLoss, mutant: onlyInDenominator, why: 'ε in the denominator only' },
  zeroWhereEqual: { right: squared, mutant: diceLoss, why: 'Dice: soft labels are not its optimum' },
  symmetry: { right: diceLoss, mutant: asymmetric, why: 'Tversky with α ≠ β' },
  countsErrors: { right: diceLoss, mutant: squared, why: 'V-Net’s L2' },
  relaxedTriangle: { right: diceLoss, mutant: (p, y, options) => diceLoss(p, y, options).square(), why: 'DL²' },
  triangleInequality: { right: jaccardLoss, mutant: diceLoss, why: 'Dice is no metric' },
  hardOptimum: { right: diceLoss, mutant: squared, why: 'V-Net’s L2 is least at p = y' },
  virtualObject: { right: diceLoss, mutant: onlyInDenominator, why: 'ε in the denominator only' },
  fallsWithEpsilon: { right: diceLoss, mutant: onlyInDenominator, why: 'ε in the denominator only' },
  emptyLabel: { right: diceLoss, mutant: leafDiceLoss, why: 'empty labels count for nothing' },
  missingWithoutEpsilon: {
    right: diceLoss,
    mutant: overlap(diceLoss, ({ epsilon, ...options }) => ({ ...options, epsilon: Math.max(epsilon, 1e-5) })),
    why: 'ε is raised to 1e-5 behind the user’s back',
  },
  loudestEpsilon: { right: diceLoss, mutant: doubledEpsilon, why: 'ε counts twice' },
  equationFive: { right: diceLoss, mutant: doubledEpsilon, why: 'ε counts twice' },
  batchEquivalence: { right: diceLoss, mutant: localBatches, why: 'BI per image' },
  priceOfEpsilon: { right: diceLoss, mutant: doubledEpsilon, why: 'ε counts twice' },
  decomposition: { right: diceLoss, mutant: dropsEmpty, why: '|Φ| without the empty subsets' },
  coarsening: { right: diceLoss, mutant: squared, why: 'V-Net’s L2: volumes are Σ y² + Σ p²' },
  degenerateShapes: {
    right: diceLoss,
    mutant: meanOf(dice(), ({ phi }, shape) => (phi === 'CI' ? 1 / (shape.at(-1) ?? 1) : 1)),
    why: 'CI is divided by B C instead of B',
  },
  elementOrder: {
    right: diceLoss,
    mutant: meanOf((y, p, epsilon, subset) => {
      const own = dice()(y, p, epsilon, subset)
      return {
        value: own.value + 1e-3 * (p[0] ?? 0),
        gradient: Array.from(own.gradient, (g, k) => g + (k === 0 ? 1e-3 : 0)),
      }
    }),
    why: 'the first voxel counts more',
  },
  imageAndClassOrder: {
    right: diceLoss,
    mutant: (p, y, options) => diceLoss(p, y, { ...options, classWeights: weightsByClass.slice(0, p.shape.at(-1)) }),
    why: 'class weights',
  },
  subsetOrder: {
    right: diceLoss,
    mutant: meanOf((y, p, epsilon, subset) => {
      const own = dice()(y, p, epsilon, subset)
      return { value: own.value * (subset + 1), gradient: Array.from(own.gradient, (g) => g * (subset + 1)) }
    }),
    why: 'later subsets count more',
  },
  namedIsLabelled: {
    right: diceLoss,
    mutant: (p, y, options) => diceLoss(p, y, { ...options, phi: options.phi === 'CI' ? 'BI' : options.phi }),
    why: 'CI and BI mixed up',
  },
  replication: { right: diceLoss, mutant: meanOf(meansInsteadOfSums), why: 'means instead of sums' },
  padding: {
    right: diceLoss,
    mutant: meanOf(diceOf((y, _, epsilon) => [y.map((label) => Math.max(label, 1 / y.length)), epsilon])),
    why: 'y is raised to 1/n',
  },
  hessian: {
    right: diceLoss,
    mutant: (p, y, options) => diceLoss(p, y, options).exp().sub(1),
    why: 'e^DL − 1 curves more',
  },
  curvature: { right: diceLoss, mutant: jaccardLoss, why: 'Jaccard' },
  steepest: {
    right: diceLoss,
    mutant: (p, y, options) => diceLoss(p, y, options).neg().add(1).log().neg(),
    why: '−log of the mean score',
  },
  single: { right: diceLoss, mutant: meanOf(singlePrecision), why: 'sums and 1 − s in float32' },
  logitsBound: {
    right: diceLoss,
    mutant: forgetsActivation,
    why: 'the derivative of the activation is forgotten',
    options: { fromLogits: true },
  },
  softmaxIsLinear: {
    right: diceLoss,
    mutant: (p, y, options) => diceLoss(p, y, { ...options, ignoreBackground: (p.shape.at(-1) ?? 1) > 1 }),
    why: 'the background is left out',
  },
  sharding: {
    right: diceLoss,
    mutant: diceLoss,
    why: 'the losses of the shards are averaged',
    options: { sharded: [sharded, averaged] },
  },
  localAverage: {
    right: diceLoss,
    mutant: meanOf(dice(), (_, shape) => shape[0] ?? 1),
    why: 'the sum over images',
  },
  jaccardOfDice: {
    right: jaccardLoss,
    mutant: overlap(jaccardLoss, ({ epsilon, ...rest }) => ({ ...rest, epsilon: 2 * epsilon })),
    why: 'ε not halved',
  },
  tversky: {
    right: withDefaults(false),
    mutant: withDefaults(true),
    why: 'α and β exchanged, as documented in one library',
  },
  tverskyExchange: {
    right: withDefaults(false),
    mutant: (p, y, { alpha = 0.5, beta: _, ...options }) => tverskyLoss(p, y, { ...options, alpha, beta: alpha }),
    why: 'β has no effect',
  },
  squaredDerivative: { right: squared, mutant: diceLoss, why: 'L1' },
  semimetric: { right: diceSemimetricLoss, mutant: diceLoss, why: 'Dice on soft labels' },
  leaf: { right: leafDiceLoss, mutant: dropsEmpty, why: '|Φ| without the empty subsets' },
  weightedAllWise: { right: diceLoss, mutant: normalisedWeights, why: 'weights are divided by their sum, ε is not' },
}
