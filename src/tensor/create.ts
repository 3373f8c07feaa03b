/** How tensors come into being: from numbers, from arrays, from constants and from random numbers. */
import { type DType, type FloatDType, type NumberArray, dtypeOf, dtypes, isFloat, numberArray } from './dtype.js'
import { checkNumber, checkOptions, checkTensor } from './arguments.js'
import { describe } from './describe.js'
import { ConfigError, DTypeError, ShapeError } from './errors.js'
import { Generator } from './random.js'
import { type Shape, checkShape, show, sizeOf } from './shape.js'
import { type Device, Storage, checkDevice } from './storage.js'
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
  checkDevice('tensor', options.device ?? 'cpu')
  return options.requiresGrad === true ? x.requireGrad() : x
}

function checkDType(where: string, dtype: DType): DType {
  if (!dtypes.includes(dtype)) throw new DTypeError(where, `one of ${dtypes.join(', ')}`, describe(dtype))
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
  checkOptions('tensor', options)
  const isTyped = isNumberArray(values)
  const dtype = checkDType('tensor', options.dtype ?? (isTyped ? dtypeOf(values) : 'float32'))
  const nesting = isTyped ? [values.length] : nestingOf(values)
  checkShape('tensor', options.shape ?? nesting)
  const shape = [...(options.shape ?? nesting)]
  if (sizeOf(shape) !== sizeOf(nesting)) {
    throw new ShapeError('tensor', `${sizeOf(shape)} values for shape ${show(shape)}`, String(sizeOf(nesting)))
  }
  const x = empty(shape, dtype)
  // What a bool is must be decided before 0.5 and 256 become 0 in its bytes.
  const target = dtype === 'bool' ? new Float64Array(x.size) : x.array
  if (isTyped) target.set(values)
  else flatten(values, target, 0)
  if (target !== x.array) x.array.set(target.map((value) => stored(value, dtype)))
  return finish(x, options)
}

/** The number that stands for `value` in a tensor of `dtype`. */
function stored(value: number, dtype: DType): number {
  return dtype === 'bool' ? Number(value !== 0) : value
}

function isNumberArray(values: unknown): values is NumberArray {
  return [Float32Array, Float64Array, Int32Array, Uint8Array].some((kind) => values instanceof kind)
}

function isNested(values: unknown): values is readonly NestedNumbers[] {
  return Array.isArray(values)
}

function nestingOf(values: NestedNumbers): number[] {
  const shape: number[] = []
  for (let level: NestedNumbers | undefined = values; isNested(level); level = level[0]) shape.push(level.length)
  return shape
}

function flatten(values: NestedNumbers, out: NumberArray, start: number, shape = nestingOf(values), axis = 0): number {
  if (typeof values === 'number') {
    if (axis !== shape.length) throw new ShapeError('tensor', 'arrays of equal length', 'ragged nesting')
    out[start] = values
    return start + 1
  }
  if (!isNested(values)) {
    throw new ConfigError('tensor', 'numbers, nested arrays of them, or a typed array of a dtype', describe(values))
  }
  if (values.length !== shape[axis]) throw new ShapeError('tensor', 'arrays of equal length', 'ragged nesting')
  for (const part of values) start = flatten(part, out, start, shape, axis + 1)
  return start
}

/** A tensor filled with one value. */
export function full(shape: Shape, value: number, options: TensorOptions = {}): Tensor {
  checkShape('full', shape)
  checkOptions('full', options)
  if (typeof value !== 'number') throw new ConfigError('full.value', 'a number', describe(value))
  const x = empty([...shape], checkDType('full', options.dtype ?? 'float32'))
  x.array.fill(stored(value, x.dtype), 0, x.size)
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
  checkTensor('zerosLike', x)
  return full(x.shape, 0, { dtype: x.dtype, device: x.device })
}

/** Ones with the shape, dtype and device of `x`. */
export function onesLike(x: Tensor): Tensor {
  checkTensor('onesLike', x)
  return full(x.shape, 1, { dtype: x.dtype, device: x.device })
}

/** start, start + step, … below stop. `arange(n)` counts from 0. */
export function arange(start: number, stop?: number, step = 1, options: TensorOptions = {}): Tensor {
  checkOptions('arange', options)
  for (const each of [start, stop ?? 0, step]) checkNumber('arange', each)
  const [from, to] = stop === undefined ? [0, start] : [start, stop]
  if (step === 0 || !Number.isFinite((to - from) / step))
    throw new ConfigError('arange', 'a finite range and step ≠ 0', `${from}, ${to}, ${step}`)
  const count = Math.max(0, Math.ceil((to - from) / step))
  const x = empty([count], checkDType('arange', options.dtype ?? 'float32'))
  for (let i = 0; i < count; i++) x.array[i] = stored(from + i * step, x.dtype)
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

/** Where the global random streams stand. */
export interface RandomState {
  readonly seed: number
  readonly stream: number
}

export function randomState(): RandomState {
  return { seed: globalSeed, stream: nextStream }
}

/** Runs `fn` with the random streams as they were at `state`, and then goes on where they stand now. */
export function replayRandom<T>(state: RandomState, fn: () => T): T {
  const now = randomState()
  globalSeed = state.seed
  nextStream = state.stream
  try {
    return fn()
  } finally {
    globalSeed = now.seed
    nextStream = now.stream
  }
}

/** The next stream of the global seed. */
export function nextGenerator(): Generator {
  return new Generator(globalSeed, nextStream++)
}

/** @throws ConfigError unless `value` is a Generator. */
function checkGenerator(where: string, value: unknown): Generator {
  if (value instanceof Generator) return value
  throw new ConfigError(`${where}.generator`, 'a Generator', describe(value))
}

function random(
  where: string,
  shape: Shape,
  options: RandomOptions,
  draw: (generator: Generator, dtype: FloatDType) => number,
): Tensor {
  checkShape(where, shape)
  checkOptions(where, options)
  const dtype = checkDType(where, options.dtype ?? 'float32')
  if (!isFloat(dtype)) throw new DTypeError(where, 'float32 or float64', dtype)
  const generator = checkGenerator(where, options.generator ?? nextGenerator())
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
  checkOptions('uniform', options)
  const { low = 0, high = 1 } = options
  for (const bound of [low, high]) checkNumber('uniform', bound)
  return random('uniform', shape, options, (generator, dtype) => {
    const u = generator.uniform()
    return low + (high - low) * (dtype === 'float32' ? Math.floor(u * 16777216) / 16777216 : u)
  })
}

export interface BernoulliOptions extends TensorOptions {
  /** Of a 1. Default ½. */
  readonly probability?: number
  /** Default: the next stream of the global seed; see `setSeed`. */
  readonly generator?: Generator
}

/**
 * Independent coins: 1 with the given probability, else 0; bool unless another dtype is asked for. Coin i is 1 where the i-th
 * uniform number of the stream is below the probability.
 */
export function bernoulli(shape: Shape, options: BernoulliOptions = {}): Tensor {
  checkShape('bernoulli', shape)
  checkOptions('bernoulli', options)
  const { probability = 0.5 } = options
  const generator = checkGenerator('bernoulli', options.generator ?? nextGenerator())
  if (!(typeof probability === 'number' && probability >= 0 && probability <= 1)) {
    throw new ConfigError('bernoulli.probability', 'a number from 0 to 1', describe(probability))
  }
  const x = empty([...shape], checkDType('bernoulli', options.dtype ?? 'bool'))
  for (let i = 0; i < x.size; i++) x.array[i] = generator.uniform() < probability ? 1 : 0
  return finish(x, options)
}

const constants = new Map<DType, Map<number | '-0', Storage>>()
const MOST_CONSTANTS = 256
const NO_AXES: Shape = []

/** A scalar for the numbers that meet tensors in expressions such as `x.mul(2)`; cached, since they recur at every step. */
export function constant(value: number, dtype: DType): Tensor {
  let known = constants.get(dtype)
  if (known === undefined || known.size >= MOST_CONSTANTS)
    constants.set(dtype, (known = new Map<number | '-0', Storage>()))
  const key = Object.is(value, -0) ? '-0' : value
  let storage = known.get(key)
  if (storage === undefined) {
    const array = numberArray(dtype, 1)
    array[0] = value
    known.set(key, (storage = new Storage(array, false)))
  }
  storage.retain()
  return new Tensor(storage, dtype, NO_AXES, NO_AXES, 0, null, false)
}
