/**
 * Dice losses under partial annotation, where a label stands for a set of classes: the probabilities of the classes in the set are
 * summed, and the Dice loss is taken over labels. The marginal Dice loss is the case in which classes that were not annotated are part
 * of the background. Classes are exclusive here (a softmax): probabilities of a set add up.
 */
import { cast } from '../ops/cast.js'
import { matmul } from '../ops/matmul.js'
import { reshape } from '../ops/reshape.js'
import { softmax } from '../ops/softmax.js'
import { tensor } from '../tensor/create.js'
import { describe } from '../tensor/describe.js'
import { ConfigError, DTypeError, ShapeError } from '../tensor/errors.js'
import { type Shape, at, sameShape, show, sizeOf } from '../tensor/shape.js'
import { scope } from '../tensor/scope.js'
import { Tensor } from '../tensor/tensor.js'
import { diceFormula } from './dice-formula.js'
import { type OverlapOptions, annotatedMaps, checkOptions } from './options.js'
import { overlapLossOf } from './overlap.js'

/** The classes that each label stands for, one list per label of the target; an empty list: the label is not used. */
export type LabelSets = readonly (readonly number[])[]

export interface LabelSetDiceOptions extends Omit<OverlapOptions, 'fromLogits'> {
  /** Of all images, or B of them. A label that an image does not use leaves |Φ| there. Required. */
  readonly labelSets: LabelSets | readonly LabelSets[]
  /** The prediction holds logits of exclusive classes. */
  readonly fromLogits?: 'softmax'
}

export interface MarginalDiceOptions extends Omit<OverlapOptions, 'present' | 'fromLogits'> {
  /** bool (B,C): the maps that were annotated. Channel 0 is the background and always counts as annotated. Required. */
  readonly present: Tensor
  /** The prediction holds logits of exclusive classes. */
  readonly fromLogits?: 'softmax'
}

/**
 * The Dice loss over labels, each of which stands for a set of classes:
 *
 *   p_l = Σ_{c in set(l)} p_c, and Eq. 3 on p_l and y_l
 *
 * - `prediction` (B, …, C), float32 or float64: probabilities of exclusive classes, or logits with `fromLogits: 'softmax'`.
 * - `target` (B, …, L): one channel per label.
 * - `options` as for `diceLoss`, where "classes" (of Φ, `epsilon`, `classWeights`, `present`, channel 0) are the L labels. With one
 *   list of sets per image, cases annotated under different protocols share a batch.
 *
 * Sets may overlap (a label and a superset of it). Where each label is its own class, this is the Dice loss. Errors as for
 * `diceLoss`; ConfigError for sets that are none or name a class twice or one that the prediction has not.
 *
 * Source: Fidon et al., "Label-set loss functions for partial supervision", MICCAI 2021.
 *
 * @example
 * // Classes: background, edema, core, enhancing. This case has only "whole tumour".
 * labelSetDiceLoss(probabilities, label, { labelSets: [[0], [1, 2, 3]], phi: 'I', epsilon: 1e-7 })
 */
export function labelSetDiceLoss(prediction: Tensor, target: Tensor, options: LabelSetDiceOptions): Tensor {
  const where = 'labelSetDiceLoss'
  checkOptions(where, options, ['phi', 'epsilon'], ['labelSets'])
  checkTensors(where, prediction, target)
  const { labelSets, fromLogits, present, ...rest } = options
  const [batch, classes] = [at(prediction.shape, 0), at(prediction.shape, prediction.rank - 1)]
  const labels = at(target.shape, target.rank - 1)
  if (!sameShape([...prediction.shape.slice(0, -1), labels], target.shape)) {
    throw new ShapeError(where, `a target of shape ${show([...prediction.shape.slice(0, -1), -1])}`, show(target.shape))
  }
  const perImage = setsPerImage(where, labelSets, { batch, labels, classes })
  return scope(() => {
    const summed = mixChannels(probabilities(where, prediction, fromLogits), perImage, labels)
    const used = perImage.flatMap((sets) => sets.map((set) => (set.length > 0 ? 1 : 0)))
    const isUsed = bool(used, [batch, labels])
    const own = { ...rest, ...presence(where, present, used, isUsed, target.shape) }
    return overlapLossOf(where, summed, target, own, diceFormula(rest.norm ?? 'L1'))
  })
}

/**
 * The marginal Dice loss: in each image, classes that were not annotated are part of the background. Their probabilities are added to
 * the background's, their maps leave Φ, and their labels (if the target has any) become background:
 *
 *   p_0' = p_0 + Σ_{c missing} p_c      y_0' = y_0 + Σ_{c missing} y_c
 *
 * Shapes, dtypes and errors as for `diceLoss`; C ≥ 2, channel 0 the background, probabilities of exclusive classes or logits with
 * `fromLogits: 'softmax'`. Where all is annotated this is the Dice loss.
 *
 * Source: Shi et al., "Marginal loss and exclusion loss for partially supervised multi-organ segmentation", Medical Image Analysis 2021.
 *
 * @example
 * const present = tensor([[1, 1, 0, 1]], { dtype: 'bool' }) // class 2 is missing
 * marginalDiceLoss(probabilities, label, { present, phi: 'I', epsilon: 1e-7 })
 */
export function marginalDiceLoss(prediction: Tensor, target: Tensor, options: MarginalDiceOptions): Tensor {
  const where = 'marginalDiceLoss'
  checkOptions(where, options, ['phi', 'epsilon'])
  checkTensors(where, prediction, target)
  const { present, fromLogits, ...rest } = options
  const { shape, rank } = prediction
  const [batch, classes] = [at(shape, 0), at(shape, rank - 1)]
  if (classes < 2) throw new ShapeError(where, 'a background channel and others', `${classes} channel`)
  if (present === undefined) throw new ConfigError(where, 'the option present, bool (B,C)', 'none')
  const annotated = annotatedMaps(where, present, shape)
  if (annotated === null) throw new ShapeError(where, `present of shape ${show([batch, classes])}`, show(present.shape))
  for (let b = 0; b < batch; b++) annotated[b * classes] = 1
  const perImage = Array.from({ length: batch }, (_, b) =>
    marginalSets(annotated.subarray(b * classes, (b + 1) * classes)),
  )
  return scope(() => {
    const p = mixChannels(probabilities(where, prediction, fromLogits), perImage, classes)
    const y = mixChannels(target.dtype === p.dtype ? target : cast(target, p.dtype), perImage, classes)
    const own = { ...rest, present: bool(annotated, [batch, classes]) }
    return overlapLossOf(where, p, y, own, diceFormula(rest.norm ?? 'L1'))
  })
}

/** Label 0 stands for the background and all that is missing, others for themselves or for nothing. */
function marginalSets(annotated: Uint8Array): LabelSets {
  const all = Array.from(annotated, (flag, c) => ({ flag, c }))
  const missing = all.filter(({ flag, c }) => c > 0 && flag === 0).map(({ c }) => c)
  return all.map(({ flag, c }) => (c === 0 ? [0, ...missing] : flag === 0 ? [] : [c]))
}

function checkTensors(where: string, prediction: Tensor, target: Tensor): void {
  for (const [name, x] of Object.entries({ prediction, target })) {
    if (!(x instanceof Tensor)) throw new ConfigError(where, `${name}: a tensor`, typeof x)
    if (x.rank < 3)
      throw new ShapeError(where, `a ${name} of shape (B,…,C) with at least one spatial axis`, show(x.shape))
  }
  if (prediction.dtype !== 'float32' && prediction.dtype !== 'float64') {
    throw new DTypeError(where, 'a float32 or float64 prediction', prediction.dtype)
  }
  if (target.dtype !== prediction.dtype && target.dtype !== 'uint8') {
    throw new DTypeError(where, `a target of dtype ${prediction.dtype} or uint8`, target.dtype)
  }
}

function probabilities(where: string, prediction: Tensor, fromLogits: unknown): Tensor {
  if (fromLogits === undefined) return prediction
  if (fromLogits === 'softmax') return softmax(prediction)
  throw new ConfigError(
    where,
    'fromLogits: softmax (the probabilities of a set of classes add up)',
    describe(fromLogits),
  )
}

function isListOfSets(value: unknown): value is LabelSets {
  return Array.isArray(value) && value.every((set) => Array.isArray(set) && set.every((c) => typeof c === 'number'))
}

function setsPerImage(
  where: string,
  given: unknown,
  { batch, labels, classes }: { readonly batch: number; readonly labels: number; readonly classes: number },
): readonly LabelSets[] {
  const perImage = isListOfSets(given) ? Array.from({ length: batch }, () => given) : given
  if (!Array.isArray(perImage) || !perImage.every(isListOfSets)) {
    throw new ConfigError(where, 'labelSets: for each label a list of classes, or B such lists', typeof given)
  }
  if (perImage.length !== batch) throw new ShapeError(where, `labelSets of ${batch} images`, String(perImage.length))
  for (const sets of perImage) {
    if (sets.length !== labels) throw new ShapeError(where, `sets of ${labels} labels`, String(sets.length))
    for (const set of sets) {
      const isFine = set.every((c) => Number.isInteger(c) && c >= 0 && c < classes) && new Set(set).size === set.length
      if (!isFine) throw new ConfigError(where, `sets of different classes from 0 to ${classes - 1}`, `[${set.join()}]`)
    }
  }
  return perImage
}

/** out[b, …, l] = Σ_{c in sets[b][l]} x[b, …, c]. */
function mixChannels(x: Tensor, perImage: readonly LabelSets[], labels: number): Tensor {
  const [batch, classes] = [at(x.shape, 0), at(x.shape, x.rank - 1)]
  const mix = new Float64Array(batch * classes * labels)
  perImage.forEach((sets, b) =>
    sets.forEach((set, label) => set.forEach((c) => (mix[(b * classes + c) * labels + label] = 1))),
  )
  const voxels = sizeOf(x.shape.slice(1, -1))
  const matrix = tensor(mix, { shape: [batch, classes, labels], dtype: x.dtype })
  return reshape(matmul(reshape(x, [batch, voxels, classes]), matrix), [...x.shape.slice(0, -1), labels])
}

function bool(values: ArrayLike<number>, shape: Shape): Tensor {
  return tensor(Uint8Array.from(values), { shape, dtype: 'bool' })
}

/** What the user says of the maps, and which labels an image uses: both must hold. */
function presence(
  where: string,
  present: Tensor | undefined,
  used: readonly number[],
  isUsed: Tensor,
  shape: Shape,
): { readonly present?: Tensor } {
  const all = used.every((flag) => flag === 1)
  if (present === undefined) return all ? {} : { present: isUsed }
  const annotated = annotatedMaps(where, present, shape)
  if (annotated === null) {
    if (!all)
      throw new ShapeError(
        where,
        'present of shape (B,L), where some images do not use all labels',
        show(present.shape),
      )
    return { present }
  }
  return {
    present: bool(
      annotated.map((flag, i) => flag * (used[i] ?? 0)),
      isUsed.shape,
    ),
  }
}
