/** How native kernels take tensors: when a call pays, and the typed arrays behind dense float32 tensors. */
import { DTypeError } from '../../tensor/errors.js'
import type { Tensor } from '../../tensor/tensor.js'
import { denseArray } from '../reference/layout.js'

/** Below so many elements a call into native code costs more than it saves (100 to 150 ns). */
export const SMALLEST_NATIVE = 64

/** Whether a kernel on `x` should run natively. */
export function isNative(x: Tensor): boolean {
  return x.dtype === 'float32' && x.size >= SMALLEST_NATIVE
}

/** The elements of a dense float32 tensor. */
export function floats(x: Tensor): Float32Array {
  const array = denseArray(x)
  if (array instanceof Float32Array) return array
  throw new DTypeError('native', 'a float32 tensor', x.dtype)
}

/** The elements of a dense float64 tensor. */
export function doubles(x: Tensor): Float64Array {
  const array = denseArray(x)
  if (array instanceof Float64Array) return array
  throw new DTypeError('native', 'a float64 tensor', x.dtype)
}

/** The elements of a dense int32 tensor. */
export function integers(x: Tensor): Int32Array {
  const array = denseArray(x)
  if (array instanceof Int32Array) return array
  throw new DTypeError('native', 'an int32 tensor', x.dtype)
}

/** The elements of a dense uint8 or bool tensor. */
export function bytes(x: Tensor): Uint8Array {
  const array = denseArray(x)
  if (array instanceof Uint8Array) return array
  throw new DTypeError('native', 'a uint8 or bool tensor', x.dtype)
}

/** Sizes travel in one array that is filled anew for each call: it costs less than one argument each. */
const shared = new Float64Array(128)

export function sizes(...values: readonly number[]): Float64Array {
  shared.set(values)
  return shared
}
