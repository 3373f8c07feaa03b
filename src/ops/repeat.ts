/** Every slice along an axis several times in a row: NumPy's repeat. The derivative sums over the repetitions. */
import { checkInteger, checkTensor } from '../tensor/arguments.js'
import { scope } from '../tensor/scope.js'
import { at, normalizeAxis } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { expand } from './expand.js'
import { reshape } from './reshape.js'

/**
 * x with each slice along `axis` repeated `count` times: a b → a a b b. (The whole over and over, a b a b, is `tile`.)
 *
 * @throws ConfigError unless `count` is an integer ≥ 0; ShapeError for a wrong axis.
 */
export function repeat(x: Tensor, count: number, axis = 0): Tensor {
  checkTensor('repeat', x)
  checkInteger('repeat.count', count, 0)
  const position = normalizeAxis('repeat', axis, x.rank)
  const before = x.shape.slice(0, position)
  const n = at(x.shape, position)
  const after = x.shape.slice(position + 1)
  return scope(() =>
    reshape(expand(reshape(x, [...before, n, 1, ...after]), [...before, n, count, ...after]), [
      ...before,
      n * count,
      ...after,
    ]),
  )
}
