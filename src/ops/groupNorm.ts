/**
 * scale · (x − mean)/√(variance + ε) + shift with the statistics of each image over its voxels and the channels of a group; one
 * channel a group is instance normalisation. Variances are those of the population (÷ n).
 * Source: Wu & He, "Group normalization", ECCV 2018.
 */
import { checkInteger, checkOptions, checkTensor } from '../tensor/arguments.js'
import { ones, zeros } from '../tensor/create.js'
import { ConfigError, ShapeError } from '../tensor/errors.js'
import { scope } from '../tensor/scope.js'
import { at, show } from '../tensor/shape.js'
import { sizeOf } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { add } from './add.js'
import { checkFloat, checkSameDType } from './elementwise.js'
import { mul } from './mul.js'
import { checkChannelParameter, checkEpsilon, normActivation } from './normActivation.js'
import { reshape } from './reshape.js'
import { transpose } from './transpose.js'

/**
 * x (B, …, C), scale and shift (C) → the shape of x. `groups` divides C: group g holds channels g·C/groups and following.
 *
 * @throws ConfigError unless groups divides C; ShapeError unless the parameters have one value per channel.
 */
export function groupNorm(
  x: Tensor,
  groups: number,
  scale: Tensor,
  shift: Tensor,
  options: { readonly epsilon?: number } = {},
): Tensor {
  checkTensor('groupNorm', x)
  checkInteger('groupNorm.groups', groups, 1)
  checkOptions('groupNorm', options)
  checkFloat('groupNorm', x)
  if (x.rank < 2) throw new ShapeError('groupNorm', 'x of shape (B,…,C)', show(x.shape))
  const { epsilon = 1e-3 } = options
  checkEpsilon('groupNorm', epsilon)
  for (const [name, parameter] of Object.entries({ scale, shift }))
    checkChannelParameter('groupNorm', name, parameter, x)
  checkSameDType('groupNorm', [x, scale, shift])
  const channels = at(x.shape, x.rank - 1)
  if (channels % groups !== 0)
    throw new ConfigError('groupNorm.groups', `a divisor of ${channels} channels`, String(groups))
  const batch = at(x.shape, 0)
  const voxels = sizeOf(x.shape.slice(1, -1))
  const width = channels / groups
  return scope(() => {
    // A group's channels join its positions, (B, V, G, K) → (B, V·K, G): then it is instance normalisation.
    const split = transpose(reshape(x, [batch, voxels, groups, width]), [0, 1, 3, 2])
    const { dtype } = x
    const neutral = [ones([groups], { dtype }), zeros([groups], { dtype })] as const
    const normal = normActivation(reshape(split, [batch, voxels * width, groups]), ...neutral, { epsilon, slope: 1 })
    const joined = transpose(reshape(normal, [batch, voxels, width, groups]), [0, 1, 3, 2])
    return add(mul(reshape(joined, x.shape), scale), shift)
  })
}
