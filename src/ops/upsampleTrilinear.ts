/**
 * Linear interpolation to a finer grid, one axis after the other. Voxels are boxes and their values stand at the centres: output o
 * lies at (o + ½)/f − ½ of the input, and beyond the first and the last centre the value is that of the edge. This is
 * align_corners = false in PyTorch, half_pixel_centers in TensorFlow. Output o = f·i + p only reads x[i − 1], x[i] and x[i + 1],
 * with weights that depend on the phase p alone: each phase is one weighted sum of two shifted views.
 */
import { checkTensor } from '../tensor/arguments.js'
import { ConfigError, ShapeError } from '../tensor/errors.js'
import { scope } from '../tensor/scope.js'
import { at, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { add } from './add.js'
import { concat } from './concat.js'
import type { PerAxis } from './convolution.js'
import { mul } from './mul.js'
import { reshape } from './reshape.js'
import { type Range, slice } from './slice.js'
import { stack } from './stack.js'
import { upsampleGeometry } from './upsampleNearest.js'

/** Each phase is an array op of its own; beyond this the result of any volume worth the name would not fit in memory. */
const LARGEST_FACTOR = 1024

/**
 * x (B, X, Y, Z, C) → (B, fx·X, fy·Y, fz·Z, C) for whole factors.
 *
 * @throws ShapeError unless x has rank 5 and at least one voxel; ConfigError for wrong factors; DTypeError unless x is float.
 */
export function upsampleTrilinear(x: Tensor, factors: PerAxis): Tensor {
  checkTensor('upsampleTrilinear', x)
  const geometry = upsampleGeometry('upsampleTrilinear', x, factors)
  if (geometry.input.some((n) => n === 0)) {
    throw new ShapeError('upsampleTrilinear', 'at least one voxel', show(x.shape))
  }
  if (geometry.factors.some((factor) => factor > LARGEST_FACTOR)) {
    throw new ConfigError('upsampleTrilinear.factors', `at most ${LARGEST_FACTOR}`, show(geometry.factors))
  }
  return scope(() =>
    geometry.factors.reduce(
      (result, factor, axis) => (factor === 1 ? result : upsampleAxis(result, axis + 1, factor)),
      mul(x, 1),
    ),
  )
}

function upsampleAxis(x: Tensor, axis: number, factor: number): Tensor {
  const n = at(x.shape, axis)
  const along = (range: Range): Range[] => x.shape.map((_, i) => (i === axis ? range : null))
  const padded = concat([slice(x, along([0, 1])), x, slice(x, along([n - 1, n]))], axis)
  const phases = Array.from({ length: factor }, (_, phase) => {
    const position = (phase + 0.5) / factor - 0.5
    const first = position < 0 ? 0 : 1
    const weight = position - Math.floor(position)
    const [lower, upper] = [first, first + 1].map((start) => slice(padded, along([start, start + n]))) as [
      Tensor,
      Tensor,
    ]
    return weight === 0 ? lower : add(mul(lower, 1 - weight), mul(upper, weight))
  })
  const shape = x.shape.map((size, i) => (i === axis ? size * factor : size))
  return reshape(stack(phases, axis + 1), shape)
}
