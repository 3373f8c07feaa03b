/**
 * The pool that CPU tensors take their buffers from. Touching fresh pages costs about ten times a reused buffer, so buffers
 * that tensors give back are kept by size class and handed out again. Buffers are plain ArrayBuffers: the garbage
 * collector remains free to take whatever was dropped without being given back.
 */
import { ShapeError } from './errors.js'

/** Buffers below this many bytes are made fresh each time: V8's young generation is faster than any free list. */
const SMALLEST_POOLED = 1024

const idle = new Map<number, ArrayBuffer[]>()
let idleBytes = 0
let idleLimit = 4 * 2 ** 30
let poison = false

/** Four classes an octave: at most a quarter of a buffer is wasted. */
function sizeClass(bytes: number): number {
  const step = 2 ** Math.max(8, Math.floor(Math.log2(bytes)) - 2)
  return Math.ceil(bytes / step) * step
}

/** A buffer of at least `bytes` bytes; its contents are arbitrary. */
export function acquireBuffer(bytes: number): ArrayBuffer {
  if (bytes < SMALLEST_POOLED) return new ArrayBuffer(bytes)
  if (!Number.isSafeInteger(bytes)) throw new ShapeError('tensor', 'a size that fits in memory', `${bytes} bytes`)
  const size = sizeClass(bytes)
  const reused = idle.get(size)?.pop()
  const buffer = reused ?? freshBuffer(size)
  if (reused !== undefined) idleBytes -= size
  if (poison) new Uint8Array(buffer).fill(0xff)
  return buffer
}

/** @throws ShapeError where the machine has no such memory. */
function freshBuffer(bytes: number): ArrayBuffer {
  try {
    return new ArrayBuffer(bytes)
  } catch (error) {
    throw new ShapeError('tensor', 'a size that fits in memory', `${bytes} bytes`, { cause: error })
  }
}

/** Gives a buffer back. The caller must hold the only reference that is still used. */
export function recycleBuffer(buffer: ArrayBuffer): void {
  const size = buffer.byteLength
  if (size < SMALLEST_POOLED || idleBytes + size > idleLimit) return
  const list = idle.get(size)
  if (list === undefined) idle.set(size, [buffer])
  else list.push(buffer)
  idleBytes += size
}

export function idlePoolBytes(): number {
  return idleBytes
}

/** Lets go of every idle buffer. */
export function emptyPool(): void {
  idle.clear()
  idleBytes = 0
}

/** The most bytes that idle buffers may hold together; what is given back beyond it goes to the garbage collector. */
export function setPoolLimit(bytes: number): void {
  idleLimit = bytes
  if (idleBytes > bytes) emptyPool()
}

/** For tests: buffers are handed out filled with NaN bits, so that an element a kernel forgot to write shows. */
export function setPoison(on: boolean): void {
  poison = on
}
