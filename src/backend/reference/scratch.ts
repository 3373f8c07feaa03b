/**
 * Buffers that the reference kernels work in. Each kernel owns its own, module-wide: JavaScript runs one kernel at a time,
 * and a reused buffer costs a tenth of a fresh one. A buffer only grows, and its contents are whatever the last call left.
 */
import { ShapeError } from '../../tensor/errors.js'

/** @throws ShapeError where the machine has no such memory. */
function grown<Buffer>(length: number, make: (size: number) => Buffer): Buffer {
  try {
    return make(Math.ceil(length * 1.25))
  } catch (error) {
    throw new ShapeError('kernel', 'a size that fits in memory', `${length} numbers of scratch`, { cause: error })
  }
}

/** A Float64Array of at least the asked length. */
export class DoubleScratch {
  private buffer = new Float64Array(0)

  take(length: number): Float64Array {
    if (this.buffer.length < length) this.buffer = grown(length, (size) => new Float64Array(size))
    return this.buffer
  }
}

/** An Int32Array of at least the asked length. */
export class IntegerScratch {
  private buffer = new Int32Array(0)

  take(length: number): Int32Array {
    if (this.buffer.length < length) this.buffer = grown(length, (size) => new Int32Array(size))
    return this.buffer
  }
}
