/**
 * A loss with its options bound, which is what a trainer holds, a preset gives and `describe` puts into one line. Masks and
 * annotations belong to a batch and are given with it.
 */
import type { Shape } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { crossEntropyLoss } from './cross-entropy.js'
import { binaryCrossEntropyLoss } from './binary-cross-entropy.js'
import { describeEntropy, describeOther, describeOverlap } from './describe.js'
import { type CombineOptions, combineLosses, describeTerms } from './combine.js'
import { diceLoss } from './dice.js'
import { diceSemimetricLoss } from './dice-semimetric.js'
import { focalLoss } from './focal.js'
import { generalizedDiceLoss } from './generalized-dice.js'
import { jaccardLoss } from './jaccard.js'
import { labelSetDiceLoss, marginalDiceLoss } from './label-set-dice.js'
import { leafDiceLoss } from './leaf-dice.js'
import { focalTverskyLoss, tverskyLoss } from './tversky.js'

/** What belongs to one batch; see OverlapOptions. Entropy losses have no use for `present`. */
export interface BatchOptions {
  readonly mask?: Tensor
  readonly present?: Tensor
}

/** `(prediction, target, batch) → Tensor`, with its options inside. */
export interface BoundLoss {
  (prediction: Tensor, target: Tensor, batch?: BatchOptions): Tensor
  /** One line; see `describe`. */
  readonly describe: (shape?: Shape) => string
}

type Describer = (title: string, options: object, shape?: Shape) => string

/** The losses that describe themselves by name. */
const titles = new Map<unknown, readonly [title: string, describer: Describer]>([
  [diceLoss, ['Dice', describeOverlap]],
  [jaccardLoss, ['Jaccard', describeOverlap]],
  [tverskyLoss, ['Tversky', describeOverlap]],
  [focalTverskyLoss, ['focal Tversky', describeOverlap]],
  [generalizedDiceLoss, ['generalized Dice', describeOverlap]],
  [leafDiceLoss, ['leaf Dice', describeOverlap]],
  [marginalDiceLoss, ['marginal Dice', describeOverlap]],
  [labelSetDiceLoss, ['label-set Dice', describeOverlap]],
  [diceSemimetricLoss, ['Dice semimetric', describeOverlap]],
  [crossEntropyLoss, ['cross-entropy', describeEntropy]],
  [binaryCrossEntropyLoss, ['binary cross-entropy', describeEntropy]],
  [focalLoss, ['focal', describeEntropy]],
  [combineLosses, ['', (_, options, shape) => describeTerms((options as CombineOptions).terms, shape)]],
])

/**
 * A loss of this package, or any `(prediction, target, options) → Tensor`, with its options bound. The options of a batch override
 * them.
 *
 * @example
 * const loss = withOptions(diceLoss, { phi: 'BI', epsilon: 1e-7 })
 * loss(prediction, label, { mask })
 * describe(loss) // 'Dice (L1): Φ = BI, |Φ| = C; ε = 1e-7; empty subsets keep Eq. 3'
 */
export function withOptions<Options extends object>(
  loss: (prediction: Tensor, target: Tensor, options: Options) => Tensor,
  options: NoInfer<Options>,
): BoundLoss {
  const [title, describer] = titles.get(loss) ?? [loss.name, describeOther]
  const hasPresent = describer !== describeEntropy
  return bind(
    (prediction, target, { mask, present } = {}) =>
      loss(prediction, target, {
        ...options,
        ...(mask !== undefined && { mask }),
        ...(present !== undefined && hasPresent && { present }),
      }),
    (shape) => describer(title, options, shape),
  )
}

/** A function of prediction, target and batch, together with its description. */
export function bind(
  call: (prediction: Tensor, target: Tensor, batch?: BatchOptions) => Tensor,
  describe: (shape?: Shape) => string,
): BoundLoss {
  return Object.assign((prediction: Tensor, target: Tensor, batch?: BatchOptions) => call(prediction, target, batch), {
    describe,
  })
}

/**
 * What a loss is, in one line: its name and norm, Φ and |Φ| (as a number for a shape (B, …, C), else in B and C), ε, what is done with
 * empty subsets, and every option that is not the default.
 *
 * @example
 * describe(preset('paper:BI'), [2, 80, 80, 48, 1]) // 'Dice (L1): Φ = BI, |Φ| = 1; ε = 1e-7; empty subsets keep Eq. 3'
 */
export function describe(loss: BoundLoss, shape?: Shape): string {
  return loss.describe(shape)
}
