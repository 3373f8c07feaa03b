/**
 * Matrix products: out[…, i, j] = Σ_k a[…, i, k] b[…, k, j]; over an empty k the sum is 0. Derivatives g·bᵀ and aᵀ·g, summed over
 * the leading axes along which an operand was repeated.
 */
import { type Op, apply } from '../autograd/graph/op.js'
import { kernelsOf } from '../backend/select.js'
import { checkTensor } from '../tensor/arguments.js'
import { ShapeError } from '../tensor/errors.js'
import { scope } from '../tensor/scope.js'
import { type Shape, at, broadcastShapes, show } from '../tensor/shape.js'
import { type Tensor, empty } from '../tensor/tensor.js'
import { broadcastTo, checkFloat, checkSameDType } from './elementwise.js'
import { reshape } from './reshape.js'
import { transpose } from './transpose.js'

export const matmulOp: Op<readonly [Tensor, Tensor], null> = {
  name: 'matmul',
  forward([a, b]) {
    const leading = broadcastShapes('matmul', a.shape.slice(0, -2), b.shape.slice(0, -2))
    const matrixA = a.shape.slice(-2)
    const matrixB = b.shape.slice(-2)
    const out = empty([...leading, at(matrixA, 0), at(matrixB, 1)], a.dtype)
    kernelsOf(a.device).matmul(broadcastTo(a, [...leading, ...matrixA]), broadcastTo(b, [...leading, ...matrixB]), out)
    return out
  },
  vjp: (g, { inputs: [a, b] }) => [() => stacked(g, swapLast(b)), () => stacked(swapLast(a), g)],
}

function stacked(a: Tensor, b: Tensor): Tensor {
  return apply(matmulOp, [a, b], null)
}

function swapLast(x: Tensor): Tensor {
  const axes = x.shape.map((_, axis) => axis)
  return transpose(x, [...axes.slice(0, -2), x.rank - 1, x.rank - 2])
}

/**
 * a (…, m, k) · b (…, k, n) → (…, m, n). Leading axes broadcast as in NumPy; a vector a is a row, a vector b a column, and that
 * axis is missing from the result.
 *
 *     matmul(x, weight)      // (B, In) · (In, Out)
 *
 * @throws ShapeError for scalars, or where the inner sizes differ; DTypeError unless both are of one float dtype.
 */
export function matmul(a: Tensor, b: Tensor): Tensor {
  checkTensor('matmul', a)
  checkTensor('matmul', b)
  checkFloat('matmul', a)
  checkSameDType('matmul', [a, b])
  if (a.rank === 0 || b.rank === 0)
    throw new ShapeError('matmul', 'no scalars', `${show(a.shape)} and ${show(b.shape)}`)
  const inner = at(a.shape, a.rank - 1)
  if (inner !== at(b.shape, Math.max(0, b.rank - 2))) {
    throw new ShapeError('matmul', `b of shape ${b.rank === 1 ? show([inner]) : `(…,${inner},n)`}`, show(b.shape))
  }
  return scope(() => {
    const left = a.rank === 1 ? reshape(a, [1, inner]) : a
    const right = b.rank === 1 ? reshape(b, [inner, 1]) : b
    const product = right.rank === 2 ? foldedProduct(left, right) : stacked(left, right)
    const leading: Shape = product.shape.slice(0, -2)
    const rows = a.rank === 1 ? [] : product.shape.slice(-2, -1)
    const columns = b.rank === 1 ? [] : product.shape.slice(-1)
    return a.rank > 1 && b.rank > 1 ? product : reshape(product, [...leading, ...rows, ...columns])
  })
}

/** One matrix b for all of a: one product of all rows. */
function foldedProduct(a: Tensor, b: Tensor): Tensor {
  if (a.rank === 2) return stacked(a, b)
  const rows = a.shape.slice(0, -1)
  const inner = at(a.shape, a.rank - 1)
  const count = rows.reduce((n, m) => n * m, 1)
  return reshape(stacked(reshape(a, [count, inner]), b), [...rows, at(b.shape, 1)])
}
