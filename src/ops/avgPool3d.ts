/** Mean of non-overlapping windows, such as (2,2,1). Voxels beyond the last full window are not read; their derivative is 0. */
import { checkTensor } from '../tensor/arguments.js'
import { ShapeError } from '../tensor/errors.js'
import { scope } from '../tensor/scope.js'
import { at, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { type PerAxis, spatial, triple } from './convolution.js'
import { checkFloat } from './elementwise.js'
import { mean } from './mean.js'
import { reshape } from './reshape.js'
import { slice } from './slice.js'

/**
 * x (B, X, Y, Z, C) → (B, ⌊X/wx⌋, ⌊Y/wy⌋, ⌊Z/wz⌋, C); the stride is the window.
 *
 * @throws ShapeError when a window does not fit; ConfigError for a wrong window; DTypeError unless x is a float tensor.
 */
export function avgPool3d(x: Tensor, window: PerAxis): Tensor {
  checkTensor('avgPool3d', x)
  checkFloat('avgPool3d', x)
  const input = spatial('avgPool3d', 'input', x.shape)
  const size = triple('avgPool3d', 'window', window, 1)
  if (size.some((n, axis) => n > at(input, axis))) {
    throw new ShapeError('avgPool3d', `an input of at least ${show(size)} voxels`, show(input))
  }
  const counts = size.map((n, axis) => Math.floor(at(input, axis) / n))
  const blocks = size.flatMap((n, axis) => [at(counts, axis), n])
  return scope(() => {
    const whole = slice(x, [null, ...size.map((n, axis) => [0, n * at(counts, axis)] as const)])
    return mean(reshape(whole, [at(x.shape, 0), ...blocks, at(x.shape, 4)]), [2, 4, 6])
  })
}
