/** Label maps as channels: 1 in the channel of the label, 0 elsewhere. A label below 0 is in no class: all its channels are 0. */
import { checkInteger, checkOptions, checkTensor } from '../tensor/arguments.js'
import { arange } from '../tensor/create.js'
import type { DType } from '../tensor/dtype.js'
import { DTypeError, ShapeError } from '../tensor/errors.js'
import { scope } from '../tensor/scope.js'
import type { Tensor } from '../tensor/tensor.js'
import { cast } from './cast.js'
import { equal } from './equal.js'
import { unsqueeze } from './squeeze.js'

export interface OneHotOptions {
  /** Default float32. */
  readonly dtype?: DType
}

/**
 * labels (…) of int32 or uint8, 0 … classes − 1 → (…, classes).
 *
 *     oneHot(labels, 4)     // (B,X,Y,Z) → (B,X,Y,Z,4), a target for the losses
 *
 * @throws ShapeError for a label ≥ classes; DTypeError for other labels.
 */
export function oneHot(labels: Tensor, classes: number, options: OneHotOptions = {}): Tensor {
  checkTensor('oneHot', labels)
  checkInteger('oneHot.classes', classes, 1)
  checkOptions('oneHot', options)
  if (labels.dtype !== 'int32' && labels.dtype !== 'uint8') {
    throw new DTypeError('oneHot', 'int32 or uint8 labels', labels.dtype)
  }
  return scope(() => {
    for (const label of labels.data()) {
      if (label >= classes) throw new ShapeError('oneHot', `labels below ${classes}`, String(label))
    }
    const channels = arange(0, classes, 1, { dtype: 'int32' })
    return cast(equal(unsqueeze(cast(labels, 'int32'), -1), channels), options.dtype ?? 'float32')
  })
}
