/** What elementwise ops share: operands that may be numbers, broadcasting, dtype rules. */
import { describe } from '../tensor/describe.js'
import { checkTensor } from '../tensor/arguments.js'
import { kernelsOf } from '../backend/select.js'
import type { BinaryKernel, Kernels, UnaryKernel } from '../backend/kernels.js'
import { constant } from '../tensor/create.js'
import { type DType, isFloat } from '../tensor/dtype.js'
import { ConfigError, DTypeError } from '../tensor/errors.js'
import { type Shape, at, broadcastShapes, sameShape } from '../tensor/shape.js'
import { Tensor, empty } from '../tensor/tensor.js'

/** A tensor, or a number that takes the dtype of the tensor it meets. */
export type Operand = Tensor | number

type NamesOf<Kernel> = {
  [K in keyof Kernels]: Kernels[K] extends Kernel ? (Kernel extends Kernels[K] ? K : never) : never
}[keyof Kernels]

/** Which dtypes a binary op takes; comparisons take any and answer bool. */
export type Domain = 'any' | 'numeric' | 'float'

/** A dense tensor with the values of x: x itself where it is dense. */
export function dense(x: Tensor): Tensor {
  if (x.isDense) return x
  const out = empty(x.shape, x.dtype)
  kernelsOf(x.device).copy(x, out)
  return out
}

/** @throws DTypeError unless x is float32 or float64. */
export function checkFloat(where: string, x: Tensor): void {
  checkTensor(where, x)
  if (!isFloat(x.dtype)) throw new DTypeError(where, 'a float32 or float64 tensor', x.dtype)
}

/** @throws DTypeError unless all tensors have the dtype of the first. */
export function checkSameDType(where: string, tensors: readonly Tensor[]): void {
  for (const x of tensors) checkTensor(where, x)
  if (tensors.some((x) => x.dtype !== tensors[0]?.dtype)) {
    throw new DTypeError(where, 'tensors of one dtype (convert with cast)', tensors.map((x) => x.dtype).join(' and '))
  }
}

/** Applies the unary kernel `name` to a float tensor. */
export function unaryFloat(name: NamesOf<UnaryKernel>, x: Tensor): Tensor {
  checkFloat(name, x)
  const out = empty(x.shape, x.dtype)
  kernelsOf(x.device)[name](dense(x), out)
  return out
}

/** Applies the unary kernel `name` to a tensor of numbers. */
export function unaryNumeric(name: NamesOf<UnaryKernel>, x: Tensor): Tensor {
  if (x.dtype === 'bool') throw new DTypeError(name, 'a numeric dtype (convert with cast)', 'bool')
  const out = empty(x.shape, x.dtype)
  kernelsOf(x.device)[name](dense(x), out)
  return out
}

/** Both operands as tensors of one dtype. */
export function operands(where: string, a: Operand, b: Operand): readonly [Tensor, Tensor] {
  if (a instanceof Tensor) return [a, b instanceof Tensor ? b : scalar(where, b, a.dtype)]
  if (b instanceof Tensor) return [scalar(where, a, b.dtype), b]
  throw new ConfigError(where, 'at least one tensor', `${describe(a)} and ${describe(b)}`)
}

/** What integers a dtype can hold; null for floats. */
const integerRange: Record<DType, readonly [least: number, most: number] | null> = {
  float32: null,
  float64: null,
  int32: [-2147483648, 2147483647],
  uint8: [0, 255],
  bool: [0, 1],
}

function scalar(where: string, value: unknown, dtype: DType): Tensor {
  if (typeof value !== 'number') throw new ConfigError(where, 'a tensor or a number', describe(value))
  if (!isFloat(dtype) && !Number.isInteger(value))
    throw new DTypeError(where, `an integer to meet a tensor of dtype ${dtype}`, String(value))
  const range = integerRange[dtype]
  if (range !== null && (value < range[0] || value > range[1]))
    throw new DTypeError(
      where,
      `a number from ${range[0]} to ${range[1]} to meet a tensor of dtype ${dtype}`,
      String(value),
    )
  return constant(value, dtype)
}

/** Applies the binary kernel `name` with broadcasting. */
export function binary(name: NamesOf<BinaryKernel>, a: Tensor, b: Tensor, domain: Domain): Tensor {
  if (a.dtype !== b.dtype) checkSameDType(name, [a, b])
  if (domain === 'float') checkFloat(name, a)
  if (domain === 'numeric' && a.dtype === 'bool') throw new DTypeError(name, 'a numeric dtype', 'bool')
  const shape = broadcastShapes(name, a.shape, b.shape)
  const out = empty(shape, domain === 'any' ? 'bool' : a.dtype)
  kernelsOf(a.device)[name](broadcastTo(a, shape), broadcastTo(b, shape), out)
  return out
}

/** x as it looks when broadcast to `shape`, for a kernel to read. */
export function broadcastTo(x: Tensor, shape: Shape): Tensor {
  return sameShape(x.shape, shape) ? x : x.borrow(shape, broadcastStrides(x, shape))
}

/** The strides that repeat x to `shape`: 0 along new axes and axes of size 1. */
export function broadcastStrides(x: Tensor, shape: Shape): number[] {
  if (x.rank === 0) return new Array<number>(shape.length).fill(0)
  const missing = shape.length - x.rank
  return shape.map((_, axis) =>
    axis < missing || at(x.shape, axis - missing) === 1 ? 0 : at(x.strides, axis - missing),
  )
}
