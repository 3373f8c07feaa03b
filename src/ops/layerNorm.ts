/**
 * scale · (x − mean)/√(variance + ε) + shift with statistics over the last axis, for each position by itself. Variances are those
 * of the population (÷ n). Source: Ba, Kiros & Hinton, "Layer normalization", 2016.
 */
import { checkOptions, checkTensor } from '../tensor/arguments.js'
import { ones, zeros } from '../tensor/create.js'
import { ShapeError } from '../tensor/errors.js'
import { scope } from '../tensor/scope.js'
import { at, sizeOf } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { add } from './add.js'
import { checkFloat, checkSameDType } from './elementwise.js'
import { mul } from './mul.js'
import { checkChannelParameter, checkEpsilon, normActivation } from './normActivation.js'
import { reshape } from './reshape.js'

/**
 * x (…, C), scale and shift (C) → the shape of x.
 *
 * @throws ShapeError unless the parameters have one value per channel; DTypeError unless all are of one float dtype.
 */
export function layerNorm(
  x: Tensor,
  scale: Tensor,
  shift: Tensor,
  options: { readonly epsilon?: number } = {},
): Tensor {
  checkTensor('layerNorm', x)
  checkOptions('layerNorm', options)
  checkFloat('layerNorm', x)
  if (x.rank === 0) throw new ShapeError('layerNorm', 'x of shape (…,C)', 'a scalar')
  const { epsilon = 1e-3 } = options
  checkEpsilon('layerNorm', epsilon)
  for (const [name, parameter] of Object.entries({ scale, shift }))
    checkChannelParameter('layerNorm', name, parameter, x)
  checkSameDType('layerNorm', [x, scale, shift])
  const { dtype } = x
  const rows = sizeOf(x.shape.slice(0, -1))
  return scope(() => {
    const images = reshape(x, [rows, at(x.shape, x.rank - 1), 1])
    const normal = normActivation(images, ones([1], { dtype }), zeros([1], { dtype }), { epsilon, slope: 1 })
    return add(mul(reshape(normal, x.shape), scale), shift)
  })
}
