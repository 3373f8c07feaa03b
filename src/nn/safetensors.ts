/**
 * Checkpoints: tensors by name in the safetensors format, as bytes. Reading and writing files is the caller's, so that this
 * works in browsers. Layout: header length (8 bytes, little-endian), header (JSON, padded with spaces to a multiple of 8),
 * then the tensors without gaps, little-endian and in C order.
 * Source: https://github.com/huggingface/safetensors#format
 */
// As a namespace, which bundlers can shake: with `{ z }` a browser bundle is 65 kB larger, gzipped.
import * as z from 'zod'
import { tensor } from '../tensor/create.js'
import { type DType, type NumberArray, bytesPerElement, numberArray } from '../tensor/dtype.js'
import { ConfigError, DataError } from '../tensor/errors.js'
import { sizeOf } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'

export interface Checkpoint {
  readonly tensors: ReadonlyMap<string, Tensor>
  readonly metadata: Readonly<Record<string, string>>
}

/** The format's names, in the order in which Python's writer sorts them. */
const names = { float64: 'F64', float32: 'F32', int32: 'I32', uint8: 'U8', bool: 'BOOL' } as const satisfies Record<
  DType,
  string
>

const dtypes = Object.keys(names) as readonly DType[]

const METADATA = '__metadata__'

/** What the format allows a header at most, in bytes. */
const LONGEST_HEADER = 100_000_000

const entrySchema = z.strictObject({
  dtype: z.enum(names),
  shape: z.array(z.int().nonnegative()),
  data_offsets: z.tuple([z.int().nonnegative(), z.int().nonnegative()]),
})

type Entry = z.infer<typeof entrySchema>

/**
 * The bytes of a safetensors file with these tensors. The order is that of Python's writer (widest dtype first, then by name),
 * so that every tensor is aligned and equal states give equal bytes.
 *
 *     const bytes = encodeSafetensors(net.stateDict(), { step: '600' })
 *
 * @throws ConfigError for a tensor named `__metadata__`.
 */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, Tensor>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  if (tensors.has(METADATA)) throw new ConfigError('encodeSafetensors', 'another name for a tensor', METADATA)
  const rank = ({ dtype }: Tensor): number => dtypes.indexOf(dtype)
  const ordered = [...tensors].sort(([a, x], [b, y]) => rank(x) - rank(y) || (a < b ? -1 : 1))
  const header: [string, Entry | Readonly<Record<string, string>>][] = []
  if (Object.keys(metadata).length > 0) header.push([METADATA, metadata])
  let end = 0
  for (const [name, { dtype, shape, size }] of ordered) {
    const start = end
    end += size * bytesPerElement(dtype)
    header.push([name, { dtype: names[dtype], shape: [...shape], data_offsets: [start, end] }])
  }
  const json = new TextEncoder().encode(stringify(header))
  const dataStart = 8 + Math.ceil(json.length / 8) * 8
  const bytes = new Uint8Array(dataStart + end).fill(0x20, 8, dataStart)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(dataStart - 8), true)
  bytes.set(json, 8)
  let at = dataStart
  for (const [, each] of ordered) {
    const values = bytesOf(each.data())
    bytes.set(values, at)
    at += values.length
  }
  return bytes
}

/** JSON of an object with these members, in their order: an object literal would move integer-like names to the front. */
function stringify(members: readonly (readonly [string, unknown])[]): string {
  return `{${members.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',')}}`
}

function bytesOf(values: NumberArray): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
}

/**
 * The tensors and the metadata of a safetensors file. `source` names the file in errors. The tensors are the caller's to dispose.
 *
 * @throws DataError naming the file and the field, for anything but a well-formed file of dtypes F32, F64, I32, U8 and BOOL.
 */
export function decodeSafetensors(bytes: Uint8Array, source: string): Checkpoint {
  const { header, data } = split(bytes, source)
  const { [METADATA]: metadata = {}, ...rest } = header
  const texts = z.record(z.string(), z.string()).safeParse(metadata)
  if (!texts.success) throw new DataError(source, `${METADATA} of strings`, JSON.stringify(metadata))
  const entries = Object.entries(rest).map(([name, value]) => [name, checkEntry(source, name, value)] as const)
  checkCoverage(source, entries, data.length)
  const arrays = entries.map(([name, entry]) => [name, entry, valuesOf(source, name, entry, data)] as const)
  const tensors = arrays.map(
    ([name, entry, values]) => [name, tensor(values, { shape: entry.shape, dtype: dtypeOf(entry) })] as const,
  )
  return { tensors: new Map(tensors), metadata: texts.data }
}

function split(bytes: Uint8Array, source: string): { header: Record<string, unknown>; data: Uint8Array } {
  if (bytes.length < 8) throw new DataError(source, 'at least 8 bytes of header length', `${bytes.length} bytes`)
  const length = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true)
  const most = Math.min(LONGEST_HEADER, bytes.length - 8)
  if (length > BigInt(most)) {
    throw new DataError(source, `a header length of at most ${most} in bytes 0–7`, String(length))
  }
  const dataStart = 8 + Number(length)
  let header: unknown
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(8, dataStart)))
  } catch (cause) {
    throw new DataError(source, `a JSON header in bytes 8–${dataStart - 1}`, String(cause), { cause })
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) {
    throw new DataError(source, 'a JSON object as header', JSON.stringify(header))
  }
  return { header: header as Record<string, unknown>, data: bytes.subarray(dataStart) }
}

function checkEntry(source: string, name: string, value: unknown): Entry {
  const parsed = entrySchema.safeParse(value)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const field = [name, ...(issue?.path ?? [])].join('.')
    throw new DataError(source, `a valid ${field} (${issue?.message ?? 'wrong'})`, JSON.stringify(value))
  }
  const { shape, data_offsets: offsets } = parsed.data
  const wanted = sizeOf(shape) * bytesPerElement(dtypeOf(parsed.data))
  if (offsets[1] - offsets[0] !== wanted) {
    throw new DataError(source, `${name}.data_offsets that span ${wanted} bytes`, JSON.stringify(offsets))
  }
  return parsed.data
}

/** Every byte of the data must belong to exactly one tensor, as the format demands. */
function checkCoverage(source: string, entries: readonly (readonly [string, Entry])[], bytes: number): void {
  let end = 0
  const byPosition = entries.map(([name, { data_offsets: offsets }]) => [name, ...offsets] as const)
  byPosition.sort(([, a, b], [, c, d]) => a - c || b - d)
  for (const [name, start, stop] of byPosition) {
    if (start !== end) throw new DataError(source, `${name}.data_offsets to begin at ${end}`, String(start))
    end = stop
  }
  if (end !== bytes) throw new DataError(source, `${end} bytes of data`, `${bytes} bytes`)
}

function valuesOf(source: string, name: string, entry: Entry, data: Uint8Array): NumberArray {
  const values = numberArray(dtypeOf(entry), sizeOf(entry.shape))
  bytesOf(values).set(data.subarray(...entry.data_offsets))
  if (entry.dtype === 'BOOL') {
    const wrong = values.findIndex((value) => value > 1)
    if (wrong >= 0) throw new DataError(source, `0 or 1 in element ${wrong} of ${name}`, String(values[wrong]))
  }
  return values
}

function dtypeOf({ dtype }: Entry): DType {
  return dtypes.find((each) => names[each] === dtype) ?? 'float32'
}
