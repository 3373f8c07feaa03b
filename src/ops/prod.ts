/**
 * The product over axes, multiplied as a binary tree: pairs, pairs of pairs, … An empty product is 1. Built from mul, its
 * derivative needs no division and is right at zeros, in every order: ∂(abc)/∂a = bc also where a = 0.
 */
import { checkOptions, checkTensor } from '../tensor/arguments.js'
import { DTypeError } from '../tensor/errors.js'
import { scope } from '../tensor/scope.js'
import { at, normalizeAxes, reducedShape, sizeOf } from '../tensor/shape.js'
import { ones } from '../tensor/create.js'
import type { Tensor } from '../tensor/tensor.js'
import { cast } from './cast.js'
import { concat } from './concat.js'
import { mul } from './mul.js'
import { reshape } from './reshape.js'
import { slice } from './slice.js'
import type { ReduceOptions } from './sum.js'
import { transpose } from './transpose.js'

/** Product over `axes` (all by default), in the dtype of x. */
export function prod(x: Tensor, axes?: number | readonly number[], options: ReduceOptions = {}): Tensor {
  checkTensor('prod', x)
  checkOptions('prod', options)
  if (x.dtype === 'bool') throw new DTypeError('prod', 'a numeric dtype (convert with cast)', 'bool')
  const reduced = normalizeAxes('prod', axes, x.rank)
  const shape = reducedShape(x.shape, reduced, options.keepDims ?? false)
  if (x.size === 0) return ones(shape, { dtype: x.dtype })
  return scope(() => {
    const kept = x.shape.map((_, axis) => axis).filter((axis) => !reduced.includes(axis))
    const count = sizeOf(reduced.map((axis) => at(x.shape, axis)))
    let factors = reshape(transpose(x, [...reduced, ...kept]), [count, x.size / count])
    while (at(factors.shape, 0) > 1) factors = multiplyPairs(factors)
    return reduced.length === 0 ? cast(x, x.dtype) : reshape(factors, shape)
  })
}

/** (n, rest) → (⌈n/2⌉, rest): the first half times the second; an odd factor is handed on. */
function multiplyPairs(factors: Tensor): Tensor {
  const n = at(factors.shape, 0)
  const half = Math.floor(n / 2)
  const pairs = mul(slice(factors, [[0, half]]), slice(factors, [[half, 2 * half]]))
  return n % 2 === 0 ? pairs : concat([pairs, slice(factors, [[n - 1, n]])])
}
