/**
 * The options that every overlap loss shares, and their checks. Nothing is broadcast: what has a shape has exactly that shape.
 * Φ and ε have no defaults, since a default would hide the choice that decides what the loss does.
 */
import type { Activation, Tie } from '../backend/overlap.js'
import { ConfigError, DTypeError, ShapeError } from '../tensor/errors.js'
import { type Shape, at, sameShape, show } from '../tensor/shape.js'
import { Tensor } from '../tensor/tensor.js'
import { Partition, type PartitionName } from './partition.js'
import { SEVERAL_CLASSES, type VolumeRule } from './subsets.js'

/** One number, or C numbers where each subset lies in one class. In voxels. */
export type PerClass = number | readonly number[] | Float64Array | Float32Array

/** ε of Eq. 3, in voxels: for numerator and denominator alike, or for each of them. */
export type Epsilon = PerClass | { readonly numerator: PerClass; readonly denominator: PerClass }

/** What the sums depend on. */
export interface StatisticsOptions {
  /** Φ: the dimensions that are reduced, or a Partition. Required. */
  readonly phi: PartitionName | Partition
  /**
   * bool. (|Φ|): subsets that are annotated; others leave |Φ|. (B,C): maps that are annotated; elements of others do not
   * count, and a subset with none left leaves |Φ| (under I: the two are the same).
   */
  readonly present?: Tensor
  /** bool, (B,…,1) or the prediction's shape: the voxels that count, after the activation. A subset with none left leaves |Φ|. */
  readonly mask?: Tensor
  /**
   * C numbers ≥ 0, also where the background is ignored. For a subset that lies in one class: factor on its loss, which is
   * still divided by |Φ|. For one with several classes: factor on its elements in I, Y and P, not on ε.
   */
  readonly classWeights?: readonly number[] | Float64Array | Float32Array
  /** Channel 0 is in no subset. Default false. */
  readonly ignoreBackground?: boolean
  /** 'L1' (default): U = Σ y + Σ p. 'L2': U = Σ y² + Σ p² (V-Net). */
  readonly norm?: 'L1' | 'L2'
  /** The prediction holds logits; the activation is part of the loss and of its derivative. Softmax is over the channels. */
  readonly fromLogits?: 'sigmoid' | 'softmax'
}

/** What else the sums of the Dice semimetric loss depend on. */
export interface SemimetricOptions {
  /**
   * The derivative of |p − y| where p = y. 'inward': the one-sided one into [0, 1], 1 at 0 and −1 at 1, with which the gradient
   * on binary labels is Eq. 4 everywhere; between, 0. 'zero': 0, as sign(0) is.
   */
  readonly subgradient?: Tie
}

/** What is made of the sums. */
export interface FinishOptions {
  /** ε of Eq. 3 in voxels: the size of a virtual object that is always segmented perfectly. Required. */
  readonly epsilon: Epsilon
  /** Used instead of ε for subsets with Y = 0 (that are kept). */
  readonly epsilonEmpty?: Epsilon
  /** Subsets with Y = 0: 'keep' (default) Eq. 3; 'perfect' count with s = 1, |Φ| unchanged; 'drop' leave |Φ|. */
  readonly emptySubsets?: 'keep' | 'perfect' | 'drop'
}

export interface OverlapOptions extends StatisticsOptions, FinishOptions {
  /** 'mean' (default) over the subsets, or 'none': one loss per subset, 0 for those that left |Φ|. */
  readonly reduction?: 'mean' | 'none'
}

const choices = {
  emptySubsets: ['keep', 'perfect', 'drop'],
  norm: ['L1', 'L2'],
  reduction: ['mean', 'none'],
  fromLogits: ['sigmoid', 'softmax'],
  ignoreBackground: [true, false],
  subgradient: ['inward', 'zero'],
} as const

const known = [
  ...['phi', 'epsilon', 'epsilonEmpty', 'present', 'mask', 'classWeights'],
  ...Object.keys(choices).filter((name) => name !== 'subgradient'),
]

/**
 * `own` are options that only this loss has, which checks their values where they are not in `choices`.
 *
 * @throws ConfigError naming the option that is missing, unknown or has a value it cannot have.
 */
export function checkOptions(
  where: string,
  options: object,
  required: readonly ('phi' | 'epsilon')[],
  own: readonly string[] = [],
): void {
  if (typeof options !== 'object' || options === null) {
    throw new ConfigError(where, `options with ${required.join(' and ')}`, String(options))
  }
  const given = options as Readonly<Record<string, unknown>>
  for (const name of required) {
    if (given[name] === undefined) throw new ConfigError(where, `the option ${name} (it has no default)`, 'none')
  }
  for (const [name, value] of Object.entries(given)) {
    if (!known.includes(name) && !own.includes(name)) {
      throw new ConfigError(where, `an option of ${[...known, ...own].join(', ')}`, name)
    }
    const allowed: readonly unknown[] | undefined = name in choices ? choices[name as keyof typeof choices] : undefined
    if (value !== undefined && allowed !== undefined && !allowed.includes(value)) {
      throw new ConfigError(where, `${name}: ${allowed.join(' or ')}`, describe(value))
    }
  }
}

function describe(value: unknown): string {
  return typeof value === 'object' && value !== null ? 'an object' : String(value)
}

/** @throws ConfigError for a name that is none. */
export function partitionOf(where: string, phi: PartitionName | Partition): Partition {
  if (phi instanceof Partition) return phi
  if (typeof phi !== 'string') throw new ConfigError(where, 'phi: I, CI, BI, BCI or a Partition', describe(phi))
  return Partition.of(phi)
}

export function activationOf(options: StatisticsOptions): Activation {
  return options.fromLogits ?? 'none'
}

/** @throws ShapeError unless prediction and target have one shape; DTypeError for dtypes that do not meet. */
export function checkOperands(where: string, prediction: Tensor, target: Tensor): void {
  if (!(prediction instanceof Tensor) || !(target instanceof Tensor)) {
    throw new ConfigError(where, 'a prediction and a target tensor', 'something else')
  }
  if (prediction.dtype !== 'float32' && prediction.dtype !== 'float64') {
    throw new DTypeError(where, 'a float32 or float64 prediction', prediction.dtype)
  }
  if (target.dtype !== prediction.dtype && target.dtype !== 'uint8') {
    throw new DTypeError(where, `a target of dtype ${prediction.dtype} or uint8`, target.dtype)
  }
  if (!sameShape(prediction.shape, target.shape)) {
    throw new ShapeError(where, `a target of the prediction's shape ${show(prediction.shape)}`, show(target.shape))
  }
}

/** @throws DTypeError unless bool; ShapeError unless (B,…,1) or the prediction's shape. */
export function checkMask(where: string, mask: Tensor | undefined, shape: Shape): void {
  if (mask === undefined) return
  checkBool(where, 'mask', mask)
  const perVoxel = [...shape.slice(0, -1), 1]
  if (!sameShape(mask.shape, shape) && !sameShape(mask.shape, perVoxel)) {
    throw new ShapeError(where, `a mask of shape ${show(perVoxel)} or ${show(shape)}`, show(mask.shape))
  }
}

function checkBool(where: string, name: string, value: Tensor): void {
  if (!(value instanceof Tensor)) throw new ConfigError(where, `${name}: a bool tensor`, describe(value))
  if (value.dtype !== 'bool') throw new DTypeError(where, `${name} of dtype bool`, value.dtype)
}

/** `present` as a map of annotated (b, c), or null where it is not of that form. */
export function annotatedMaps(where: string, present: Tensor | undefined, shape: Shape): Uint8Array | null {
  if (present === undefined) return null
  checkBool(where, 'present', present)
  if (present.rank !== 2) return null
  const maps = [at(shape, 0), at(shape, shape.length - 1)]
  if (!sameShape(present.shape, maps)) {
    throw new ShapeError(where, `present of shape (|Φ|) or (B,C) = ${show(maps)}`, show(present.shape))
  }
  return Uint8Array.from(present.data())
}

/** `present` per subset; null where it was not given, or given per map. */
export function presentSubsets(where: string, present: Tensor | undefined, count: number): Uint8Array | null {
  if (present === undefined) return null
  checkBool(where, 'present', present)
  if (present.rank === 2) return null
  if (present.size !== count || present.rank > 2) {
    throw new ShapeError(where, `present of shape (|Φ|) = (${count},) or (B,C)`, show(present.shape))
  }
  return Uint8Array.from(present.data())
}

/** @throws ShapeError unless there are C weights; ConfigError unless they are finite and ≥ 0. */
export function checkClassWeights(
  where: string,
  weights: StatisticsOptions['classWeights'],
  classes: number,
): Float64Array | null {
  if (weights === undefined) return null
  return checkList(where, 'classWeights', weights, classes)
}

function checkList(where: string, name: string, values: unknown, classes: number): Float64Array {
  if (!Array.isArray(values) && !ArrayBuffer.isView(values)) {
    throw new ConfigError(where, `${name}: ${classes} numbers`, describe(values))
  }
  const list = Array.from(values as ArrayLike<unknown>)
  if (list.length !== classes || !list.every((value) => typeof value === 'number')) {
    throw new ShapeError(where, `${name}: ${classes} numbers, one per class`, `(${list.join(',')})`)
  }
  list.forEach((value) => checkNumber(where, name, value))
  return Float64Array.from(list)
}

/** @throws ConfigError unless a finite number ≥ 0. */
export function checkNumber(where: string, name: string, value: number): number {
  if (!Number.isFinite(value) || value < 0) throw new ConfigError(where, `${name} finite and ≥ 0`, describe(value))
  return value
}

/** ε of each subset, from ε per class where it is given so. */
export type EpsilonOf = (subset: number) => number

export interface SubsetEpsilon {
  readonly numerator: EpsilonOf
  readonly denominator: EpsilonOf
}

/** What ε is resolved against: the class of each subset, and C; and of an adaptive Φ, which of them stay. */
export interface SubsetClasses {
  readonly classes: Int32Array
  readonly channels: number
  readonly keeps?: VolumeRule | null
}

/**
 * @throws ConfigError for a value that is no finite number ≥ 0; ShapeError for another number of values than C, or values per
 * class where a subset has several classes.
 */
export function resolveEpsilon(where: string, name: string, epsilon: Epsilon, subsets: SubsetClasses): SubsetEpsilon {
  if (isPair(epsilon)) {
    return {
      numerator: resolvePerClass(where, `${name}.numerator`, epsilon.numerator, subsets),
      denominator: resolvePerClass(where, `${name}.denominator`, epsilon.denominator, subsets),
    }
  }
  const both = resolvePerClass(where, name, epsilon, subsets)
  return { numerator: both, denominator: both }
}

function isPair(epsilon: Epsilon): epsilon is Exclude<Epsilon, PerClass> {
  return typeof epsilon === 'object' && epsilon !== null && ('numerator' in epsilon || 'denominator' in epsilon)
}

function resolvePerClass(
  where: string,
  name: string,
  value: PerClass,
  { classes, channels }: SubsetClasses,
): EpsilonOf {
  if (typeof value === 'number') {
    checkNumber(where, name, value)
    return () => value
  }
  const list = checkList(where, name, value, channels)
  if (classes.includes(SEVERAL_CLASSES)) {
    throw new ShapeError(
      where,
      `${name}: one number, since subsets of this Φ have several classes`,
      `${channels} numbers`,
    )
  }
  return (subset) => list[classes[subset] ?? 0] ?? 0
}
