/**
 * The memory behind tensors: a counted reference to one buffer. Tensors that are views of each other share a storage;
 * when the last handle is disposed, its buffer goes back to the pool at once. Handles that are dropped without dispose are
 * collected by the garbage collector, and a finalizer keeps the books right.
 */
import { type DType, type NumberArray, bytesPerElement, numberArray } from './dtype.js'
import { DeviceError } from './errors.js'
import { acquireBuffer, idlePoolBytes, recycleBuffer } from './pool.js'

export type Device = 'cpu' | 'cuda'

/** @throws DeviceError for anything but 'cpu', which is all that this build has. */
export function checkDevice(where: string, device: unknown): void {
  if (device === 'cpu') return
  const got = device === 'cuda' ? "'cuda': this build has no CUDA backend" : `'${String(device)}'`
  throw new DeviceError(where, "device 'cpu'", got)
}

let liveStorages = 0
let liveBytes = 0

const dropped = new FinalizationRegistry((bytes: number) => {
  liveStorages -= 1
  liveBytes -= bytes
})

export class Storage {
  readonly device: Device = 'cpu'
  /** Raised by every in-place update; the graph refuses to differentiate through a stale version. */
  version = 0
  private references = 1
  private readonly bytes: number

  /** Uncounted storages (cached constants) live for ever and are left out of `memory()`. */
  constructor(
    readonly array: NumberArray,
    private readonly counted = true,
  ) {
    this.bytes = array.byteLength
    if (!counted) return
    liveStorages += 1
    liveBytes += this.bytes
    dropped.register(this, this.bytes, this)
  }

  static allocate(dtype: DType, length: number): Storage {
    return new Storage(numberArray(dtype, length, acquireBuffer(length * bytesPerElement(dtype))))
  }

  retain(): void {
    this.references += 1
  }

  release(): void {
    this.references -= 1
    if (this.references > 0 || !this.counted) return
    liveStorages -= 1
    liveBytes -= this.bytes
    dropped.unregister(this)
    if (this.array.buffer instanceof ArrayBuffer) recycleBuffer(this.array.buffer)
  }
}

export interface MemoryReport {
  /** Tensors whose memory is held; views of one tensor count once. */
  readonly tensors: number
  /** Bytes of their elements. */
  readonly bytes: number
  /** Bytes of idle buffers that wait in the pool. */
  readonly idleBytes: number
}

/** Live tensors and bytes. Example: `memory().tensors` before and after a step shows what it left behind. */
export function memory(): MemoryReport {
  return { tensors: liveStorages, bytes: liveBytes, idleBytes: idlePoolBytes() }
}
