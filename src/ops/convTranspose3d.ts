/** Transposed 3-D convolution: the input gradient of a convolution, used forwards to raise the resolution. */
import { checkOptions, checkTensor } from '../tensor/arguments.js'
import { ShapeError } from '../tensor/errors.js'
import { at, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { add } from './add.js'
import { conv3dInputGradient } from './conv3dInputGradient.js'
import { type PerAxis, checkBias, convolutionGeometry, mapTriple, spatial, triple } from './convolution.js'
import { checkFloat, checkSameDType } from './elementwise.js'

export interface ConvTranspose3dOptions {
  readonly bias?: Tensor
  readonly stride?: PerAxis
  /** Voxels cut off at both ends of the result. Default 0. */
  readonly padding?: PerAxis
  /** Voxels added at the far end, below the stride: tells apart the sizes that one convolution maps to the same. Default 0. */
  readonly outputPadding?: PerAxis
  readonly dilation?: PerAxis
}

/**
 * x (B, X, Y, Z, Cin), weight (kx, ky, kz, Cout, Cin) → (B, X', Y', Z', Cout) with
 * X' = (X − 1)·stride − 2·padding + (kx − 1)·dilation + 1 + outputPadding.
 */
export function convTranspose3d(x: Tensor, weight: Tensor, options: ConvTranspose3dOptions = {}): Tensor {
  const where = 'convTranspose3d'
  for (const each of [x, weight]) checkTensor(where, each)
  checkOptions(where, options)
  const input = spatial(where, 'input', x.shape)
  const { bias } = options
  const stride = triple(where, 'stride', options.stride ?? 1, 1)
  const padding = triple(where, 'padding', options.padding ?? 0, 0)
  const dilation = triple(where, 'dilation', options.dilation ?? 1, 1)
  const extra = triple(where, 'outputPadding', options.outputPadding ?? 0, 0)
  if (weight.rank !== 5 || at(weight.shape, 4) !== at(x.shape, 4)) {
    throw new ShapeError(where, `weight of shape (kx,ky,kz,Cout,${at(x.shape, 4)})`, show(weight.shape))
  }
  checkFloat(where, x)
  checkSameDType(where, bias === undefined ? [x, weight] : [x, weight, bias])
  checkBias(where, bias, at(weight.shape, 3))
  const size = mapTriple((axis) => {
    const reach = (at(weight.shape, axis) - 1) * dilation[axis] + 1
    return (input[axis] - 1) * stride[axis] - 2 * padding[axis] + reach + extra[axis]
  })
  if (size.some((n) => n < 1)) throw new ShapeError(where, 'a result with at least one voxel', show(size))
  const shape = [at(x.shape, 0), ...size, at(weight.shape, 3)]
  const geometry = convolutionGeometry(where, shape, weight.shape, { stride, padding, dilation })
  if (geometry.output.some((n, axis) => n !== input[axis])) {
    throw new ShapeError(where, 'an outputPadding below the stride', show(extra))
  }
  const out = conv3dInputGradient(x, weight, geometry)
  return bias === undefined ? out : add(out, bias)
}
