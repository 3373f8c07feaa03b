/** Pooling as a layer. */
import { type PerAxis, triple } from '../ops/convolution.js'
import { maxPool3d } from '../ops/maxPool3d.js'
import type { Tensor } from '../tensor/tensor.js'
import { Module } from './module.js'

/** x (B, X, Y, Z, C) → (B, ⌊X/wx⌋, ⌊Y/wy⌋, ⌊Z/wz⌋, C): the largest value of each window. See the op `maxPool3d`. */
export class MaxPool3d extends Module {
  /** `window`: voxels along each axis, such as 2 or [2, 2, 1]. */
  constructor(readonly window: PerAxis) {
    super()
    triple('MaxPool3d', 'window', window, 1)
  }

  override forward(x: Tensor): Tensor {
    return maxPool3d(x, this.window)
  }
}
