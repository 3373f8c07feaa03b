/** How tensors come into being: from numbers, from arrays, from constants and from random numbers. */
import { type DType, type FloatDType, type NumberArray, dtypeOf, dtypes, isFloat, numberArray } from './dtype.js'
import { ConfigError, DTypeError, DeviceError, ShapeError } from './errors.js'
import { Generator } from './random.js'
import { type Shape, checkShape, denseStrides, show, sizeOf } from './shape.js'
import { type Device, Storage } from './storage.js'
import { type NestedNumbers, Tensor, empty } from './tensor.js'

export interface TensorOptions {
  /** Default: what a typed array stands for, else float32. */
  readonly dtype?: DType
  readonly device?: Device
  /** Whether `backward()` accumulates a derivative in `grad`. */
  readonly requiresGrad?: boolean
}

export interface FromArrayOptions extends TensorOptions {
  /** Default: the nesting of the arrays, or one axis for a typed array. */
  readonly shape?: Shape
}

export interface RandomOptions extends TensorOptions {
  /** Default: the next stream of the global seed; see `setSeed`. */
  readonly generator?: Generator
}

function finish(x: Tensor, options: TensorOptions): Tensor {
  if (options.device === 'cuda')
    throw new DeviceError('tensor', "device 'cpu'", "'cuda': this build has no CUDA backend")
  return options.requiresGrad === true ? x.requireGrad() : x
}

function checkDType(where: string, dtype: DType): DType {
  if (!dtypes.includes(dtype)) throw new DTypeError(where, `one of ${dtypes.join(', ')}`, dtype)
  return dtype
}

/**
 * A tensor with a copy of the given values.
 *
 *     tensor([[1, 2], [3, 4]], { dtype: 'float64' })
 *     tensor(new Float32Array(24), { shape: [2, 3, 4] })
 *
 * @throws ShapeError for ragged nesting, or when `shape` does not hold the values.
 */
export function tensor(values: NestedNumbers | NumberArray, options: FromArrayOptions = {}): Tensor {
  const isTyped = ArrayBuffer.isView(values)
  const dtype = checkDType('tensor', options.dtype ?? (isTyped ? dtypeOf(values) : 'float32'))
  const nesting = isTyped ? [values.length] : nestingOf(values)
  const shape = [...(options.shape ?? nesting)]
  checkShape('tensor', shape)
  if (sizeOf(shape) !== sizeOf(nesting)) {
    throw new ShapeError('tensor', `${sizeOf(shape)} values for shape ${show(shape)}`, String(sizeOf(nesting)))
  }
  const x = empty(shape, dtype)
  if (isTyped) x.array.set(values)
  else flatten(values, x.array, 0)
  if (dtype === 'bool') x.array.forEach((value, i) => (x.array[i] = value === 0 ? 0 : 1))
  return finish(x, options)
}

function nestingOf(values: NestedNumbers): number[] {
  const shape: number[] = []
  for (let level: NestedNumbers | undefined = values; typeof level === 'object'; level = level[0])
    shape.push(level.length)
  return shape
}

function flatten(values: NestedNumbers, out: NumberArray, start: number, shape = nestingOf(values), axis = 0): number {
  if (typeof values === 'number') {
    if (axis !== shape.length) throw new ShapeError('tensor', 'arrays of equal length', 'ragged nesting')
    out[start] = values
    return start + 1
  }
  if (values.length !== shape[axis]) throw new ShapeError('tensor', 'arrays of equal length', 'ragged nesting')
  for (const part of values) start = flatten(part, out, start, shape, axis + 1)
  return start
}

/** A tensor filled with one value. */
export function full(shape: Shape, value: number, options: TensorOptions = {}): Tensor {
  checkShape('full', shape)
  const x = empty([...shape], checkDType('full', options.dtype ?? 'float32'))
  x.array.fill(value, 0, x.size)
  return finish(x, options)
}

export function zeros(shape: Shape, options: TensorOptions = {}): Tensor {
  return full(shape, 0, options)
}

export function ones(shape: Shape, options: TensorOptions = {}): Tensor {
  return full(shape, 1, options)
}

/** Zeros with the shape, dtype and device of `x`. */
export function zerosLike(x: Tensor): Tensor {
  return full(x.shape, 0, { dtype: x.dtype, device: x.device })
}

/** Ones with the shape, dtype and device of `x`. */
export function onesLike(x: Tensor): Tensor {
  return full(x.shape, 1, { dtype: x.dtype, device: x.device })
}

/** start, start + step, … below stop. `arange(n)` counts from 0. */
export function arange(start: number, stop?: number, step = 1, options: TensorOptions = {}): Tensor {
  const [from, to] = stop === undefined ? [0, start] : [start, stop]
  if (step === 0 || !Number.isFinite((to - from) / step))
    throw new ConfigError('arange', 'a finite range and step ≠ 0', `${from}, ${to}, ${step}`)
  const count = Math.max(0, Math.ceil((to - from) / step))
  const x = empty([count], checkDType('arange', options.dtype ?? 'float32'))
  for (let i = 0; i < count; i++) x.array[i] = from + i * step
  return finish(x, options)
}

let globalSeed = 0
let nextStream = 0

/** Restarts the global random streams: the same calls in the same order then give the same numbers. */
export function setSeed(seed: number): void {
  new Generator(seed)
  globalSeed = seed
  nextStream = 0
}

/** The next stream of the global seed. */
export function nextGenerator(): Generator {
  return new Generator(globalSeed, nextStream++)
}

function random(
  where: string,
  shape: Shape,
  options: RandomOptions,
  draw: (generator: Generator, dtype: FloatDType) => number,
): Tensor {
  checkShape(where, shape)
  const dtype = checkDType(where, options.dtype ?? 'float32')
  if (!isFloat(dtype)) throw new DTypeError(where, 'float32 or float64', dtype)
  const generator = options.generator ?? nextGenerator()
  const x = empty([...shape], dtype)
  for (let i = 0; i < x.size; i++) x.array[i] = draw(generator, dtype)
  return finish(x, options)
}

/** Standard normal values. float32 is the rounded float64 stream. */
export function randn(shape: Shape, options: RandomOptions = {}): Tensor {
  return random('randn', shape, options, (generator) => generator.normal())
}

/** Uniform on [low, high). float32 keeps the top 24 of the 53 random bits, so that 1 is never reached by rounding. */
export function uniform(shape: Shape, options: RandomOptions & { low?: number; high?: number } = {}): Tensor {
  const { low = 0, high = 1 } = options
  return random('uniform', shape, options, (generator, dtype) => {
    const u = generator.uniform()
    return low + (high - low) * (dtype === 'float32' ? Math.floor(u * 16777216) / 16777216 : u)
  })
}

const constants = new Map<DType, Map<number, Storage>>()
const MOST_CONSTANTS = 256

/** A scalar for the numbers that meet tensors in expressions such as `x.mul(2)`; cached, since they recur at every step. */
export function constant(value: number, dtype: DType): Tensor {
  let known = constants.get(dtype)
  if (known === undefined || known.size >= MOST_CONSTANTS) constants.set(dtype, (known = new Map<number, Storage>()))
  let storage = known.get(value)
  if (storage === undefined) {
    const array = numberArray(dtype, 1)
    array[0] = value
    known.set(value, (storage = new Storage(array, false)))
  }
  storage.retain()
  return new Tensor(storage, dtype, [], denseStrides([]), 0, null, false)
}
