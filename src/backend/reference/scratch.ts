/**
 * Buffers that the reference kernels work in. Each kernel owns its own, module-wide: JavaScript runs one kernel at a time,
 * and a reused buffer costs a tenth of a fresh one. A buffer only grows, and its contents are whatever the last call left.
 */

/** A Float64Array of at least the asked length. */
export class DoubleScratch {
  private buffer = new Float64Array(0)

  take(length: number): Float64Array {
    if (this.buffer.length < length) this.buffer = new Float64Array(Math.ceil(length * 1.25))
    return this.buffer
  }
}

/** An Int32Array of at least the asked length. */
export class IntegerScratch {
  private buffer = new Int32Array(0)

  take(length: number): Int32Array {
    if (this.buffer.length < length) this.buffer = new Int32Array(Math.ceil(length * 1.25))
    return this.buffer
  }
}
