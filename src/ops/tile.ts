/** The whole tensor over and over along each axis: NumPy's tile, PyTorch's Tensor.repeat. The derivative sums over the copies. */
import { describe, isList } from '../tensor/describe.js'
import { checkTensor } from '../tensor/arguments.js'
import { ShapeError } from '../tensor/errors.js'
import { scope } from '../tensor/scope.js'
import { at } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { expand } from './expand.js'
import { reshape } from './reshape.js'

/**
 * x repeated counts[axis] times along every axis: a b → a b a b.
 *
 * @throws ShapeError unless there is one integer ≥ 0 for each axis.
 */
export function tile(x: Tensor, counts: readonly number[]): Tensor {
  checkTensor('tile', x)
  if (!isList(counts) || counts.length !== x.rank || !counts.every((n) => Number.isSafeInteger(n) && n >= 0)) {
    const got = isList(counts) ? `(${counts.map(String).join(',')})` : describe(counts)
    throw new ShapeError('tile', `an integer ≥ 0 for each of ${x.rank} axes`, got)
  }
  const spread = x.shape.flatMap((n) => [1, n])
  const copies = x.shape.flatMap((n, axis) => [at(counts, axis), n])
  const result = x.shape.map((n, axis) => n * at(counts, axis))
  return scope(() => reshape(expand(reshape(x, spread), copies), result))
}
