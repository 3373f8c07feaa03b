/** What presets share: options under the names that a peer gives them, and targets that are label maps. */
import { cast } from '../../ops/cast.js'
import { oneHot } from '../../ops/oneHot.js'
import { reshape } from '../../ops/reshape.js'
import { ConfigError } from '../../tensor/errors.js'
import { at } from '../../tensor/shape.js'
import type { Tensor } from '../../tensor/tensor.js'

/**
 * Given options over defaults.
 *
 * @throws ConfigError for a name that the preset has not; a peer's option that would be ignored is worse than one that is refused.
 */
export function withDefaults<Options extends object>(where: string, defaults: Options, given: object = {}): Options {
  for (const name of Object.keys(given)) {
    if (!(name in defaults)) throw new ConfigError(where, `an option of ${Object.keys(defaults).join(', ')}`, name)
  }
  return { ...defaults, ...given }
}

/** A label map (B, …, 1) as channels (B, …, C) of the prediction's dtype. */
export function channelsOfLabels(labels: Tensor, prediction: Tensor): Tensor {
  const classes = at(prediction.shape, prediction.rank - 1)
  const map = reshape(labels, labels.shape.slice(0, -1))
  const dtype = prediction.dtype === 'float64' ? 'float64' : 'float32'
  return oneHot(map.dtype === 'uint8' ? map : cast(map, 'int32'), classes, { dtype })
}
