/**
 * A tensor: a strided window on a storage, with a place in the autograd graph when a derivative is wanted.
 * Values never change behind a user's back: ops make new tensors, and `assign` (for optimizers) raises a version.
 */
// Symbol.dispose, also in the declarations that users compile against.
/// <reference lib="esnext.disposable" preserve="true" />
import { type DType, type NumberArray, numberArray } from './dtype.js'
import { ConfigError, DTypeError, DisposedError, NumericalError, ShapeError } from './errors.js'
import { formatTensor } from './format.js'
import { trackTensor } from './scope.js'
import { type Shape, at, denseStrides, sameShape, show, sizeOf } from './shape.js'
import { type Device, Storage } from './storage.js'
import { Variable } from './variable.js'

export type NestedNumbers = number | readonly NestedNumbers[]

export class Tensor {
  readonly size: number
  /** True for tensors that no scope disposes; see `keep`. */
  kept = false
  private alive = true

  /** Takes over one reference to `storage`. Use `tensor(…)`, `zeros(…)` and the ops instead. */
  constructor(
    readonly storage: Storage,
    readonly dtype: DType,
    readonly shape: Shape,
    readonly strides: readonly number[],
    readonly offset: number,
    public variable: Variable | null,
    /** Whether scopes know this handle; the graph's own handles are not theirs to dispose. */
    readonly tracked: boolean,
  ) {
    this.size = sizeOf(shape)
    if (tracked) trackTensor(this)
  }

  get rank(): number {
    return this.shape.length
  }

  get device(): Device {
    return this.storage.device
  }

  /** Whether a derivative flows through this tensor. */
  get requiresGrad(): boolean {
    return this.variable !== null
  }

  /** What `backward()` accumulated for a leaf; null before, and for tensors that are no leaves. */
  get grad(): Tensor | null {
    return this.variable?.grad ?? null
  }

  get disposed(): boolean {
    return !this.alive
  }

  /** The storage's elements; this tensor's start at `offset` and lie `strides` apart. For kernels. */
  get array(): NumberArray {
    this.checkAlive()
    return this.storage.array
  }

  /** Whether the elements lie in C order without gaps. */
  get isDense(): boolean {
    let stride = 1
    for (let axis = this.shape.length - 1; axis >= 0; axis--) {
      const n = at(this.shape, axis)
      if (n !== 1 && at(this.strides, axis) !== stride) return false
      stride *= n
    }
    return true
  }

  /** @throws DisposedError when the memory was given back. */
  checkAlive(): void {
    if (!this.alive) {
      throw new DisposedError(
        'Tensor',
        'a tensor that is still alive',
        `one of shape ${show(this.shape)} that was disposed`,
      )
    }
  }

  /** Another window on the same memory, without a place in the graph. */
  window(shape: Shape, strides: readonly number[], offset: number): Tensor {
    this.checkAlive()
    this.storage.retain()
    return new Tensor(this.storage, this.dtype, shape, strides, offset, null, true)
  }

  /** A window for the length of one kernel call: it owns nothing and must not outlive this tensor. */
  borrow(shape: Shape, strides: readonly number[]): Tensor {
    this.checkAlive()
    return new Tensor(this.storage, this.dtype, shape, strides, this.offset, null, false)
  }

  /** Another handle on the same values and place in the graph; one that no scope knows unless `tracked`. */
  alias(tracked = false): Tensor {
    this.checkAlive()
    this.storage.retain()
    return new Tensor(this.storage, this.dtype, this.shape, this.strides, this.offset, this.variable, tracked)
  }

  /** A handle that knows its shape and dtype but has no values: what the graph keeps of an input it does not need. */
  ghost(): Tensor {
    const ghost = new Tensor(this.storage, this.dtype, this.shape, this.strides, this.offset, this.variable, false)
    ghost.alive = false
    return ghost
  }

  /** The same values, cut off from the graph. */
  detach(): Tensor {
    return this.window(this.shape, this.strides, this.offset)
  }

  /** Makes this tensor a leaf whose derivative `backward()` accumulates in `grad`. Returns it. */
  requireGrad(): this {
    if (this.dtype !== 'float32' && this.dtype !== 'float64') {
      throw new DTypeError('requireGrad', 'a float32 or float64 tensor', this.dtype)
    }
    this.variable ??= new Variable()
    return this
  }

  /** The values as a dense copy in C order. */
  data(): NumberArray {
    const dense = numberArray(this.dtype, this.size)
    copyDense(this, dense)
    return dense
  }

  /** The values as nested arrays (a number for a scalar). */
  toArray(): NestedNumbers {
    return nest(this.data(), this.shape, 0, 0)
  }

  /** The only element of a tensor of size 1. */
  item(): number {
    if (this.size !== 1) throw new ShapeError('item', 'a tensor with one element', `shape ${show(this.shape)}`)
    return this.array[this.offset] as number
  }

  /** Overwrites the values in place, from an array in C order. Backward through what used the old values throws. */
  assign(values: NumberArray | readonly number[]): this {
    if (values.length !== this.size) {
      throw new ShapeError('assign', `${this.size} values for shape ${show(this.shape)}`, String(values.length))
    }
    if (this.variable !== null && this.variable.producer !== null)
      throw new ConfigError('assign', 'a leaf, or a tensor without a derivative', 'the result of an op')
    if (!this.isDense) throw new ShapeError('assign', 'a dense tensor', `strides ${show(this.strides)}`)
    this.array.set(values, this.offset)
    this.storage.version += 1
    return this
  }

  /** Throws NumericalError, naming `what`, unless every element is finite. Returns the tensor. */
  checkFinite(what: string): this {
    const bad = this.data().find((value) => !Number.isFinite(value))
    if (bad !== undefined) throw new NumericalError(what, 'finite values', String(bad))
    return this
  }

  /** Gives the memory back as soon as no other handle and no graph needs it. Any later use throws DisposedError. */
  dispose(): void {
    if (!this.alive) return
    this.alive = false
    if (this.tracked && this.variable?.producer === null) this.variable.grad?.dispose()
    this.storage.release()
  }

  [Symbol.dispose](): void {
    this.dispose()
  }

  toString(): string {
    return formatTensor(this)
  }
}

/** An uninitialised dense tensor: a kernel must write every element. */
export function empty(shape: Shape, dtype: DType): Tensor {
  return new Tensor(Storage.allocate(dtype, sizeOf(shape)), dtype, shape, denseStrides(shape), 0, null, true)
}

/** Copies a tensor of any strides into `out` in C order. */
export function copyDense(x: Tensor, out: NumberArray, outOffset = 0): void {
  const { array, shape, strides, size } = x
  if (x.isDense) {
    out.set(array.subarray(x.offset, x.offset + size), outOffset)
    return
  }
  const rank = shape.length
  const inner = at(shape, rank - 1)
  const innerStride = at(strides, rank - 1)
  const index = new Array<number>(rank).fill(0)
  let from = x.offset
  for (let to = outOffset; to < outOffset + size; to += inner) {
    for (let i = 0; i < inner; i++) out[to + i] = array[from + i * innerStride] as number
    for (let axis = rank - 2; axis >= 0; axis--) {
      const next = at(index, axis) + 1
      from += at(strides, axis)
      if (next < at(shape, axis)) {
        index[axis] = next
        break
      }
      from -= next * at(strides, axis)
      index[axis] = 0
    }
  }
}

function nest(values: NumberArray, shape: Shape, axis: number, start: number): NestedNumbers {
  if (axis === shape.length) return values[start] ?? 0
  const step = sizeOf(shape.slice(axis + 1))
  return Array.from({ length: at(shape, axis) }, (_, i) => nest(values, shape, axis + 1, start + i * step))
}

/** Whether two tensors have the same shape. */
export function sameShapes(a: Tensor, b: Tensor): boolean {
  return sameShape(a.shape, b.shape)
}
