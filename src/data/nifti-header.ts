/**
 * NIfTI-1 and NIfTI-2 headers: parsed by nifti-reader-js, checked and completed here, and made for writing.
 * Only single files (.nii: magic n+1 or n+2); extensions are skipped; units come out as millimetres.
 * Sources: nifti1.h and nifti2.h of the NIfTI Data Format Working Group.
 */
import { NIFTI1, NIFTI2, readHeader } from 'nifti-reader-js'
import { DataError } from '../tensor/errors.js'

export type VoxelArray =
  Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array | Float32Array | Float64Array

interface StoredType {
  readonly code: number
  readonly bytes: number
  /** The smallest and largest value that can be stored. */
  readonly range: readonly [number, number]
  readonly view: (buffer: ArrayBuffer) => VoxelArray | BigInt64Array | BigUint64Array
}

const type = (code: number, bytes: number, range: readonly [number, number], view: StoredType['view']): StoredType => ({
  code,
  bytes,
  range,
  view,
})

const FLOAT32_MAX = (2 - 2 ** -23) * 2 ** 127

/** The real numeric datatypes of NIfTI, by their usual names. */
export const niftiTypes = {
  uint8: type(2, 1, [0, 2 ** 8 - 1], (buffer) => new Uint8Array(buffer)),
  int8: type(256, 1, [-(2 ** 7), 2 ** 7 - 1], (buffer) => new Int8Array(buffer)),
  int16: type(4, 2, [-(2 ** 15), 2 ** 15 - 1], (buffer) => new Int16Array(buffer)),
  uint16: type(512, 2, [0, 2 ** 16 - 1], (buffer) => new Uint16Array(buffer)),
  int32: type(8, 4, [-(2 ** 31), 2 ** 31 - 1], (buffer) => new Int32Array(buffer)),
  uint32: type(768, 4, [0, 2 ** 32 - 1], (buffer) => new Uint32Array(buffer)),
  int64: type(1024, 8, [-(2 ** 53), 2 ** 53], (buffer) => new BigInt64Array(buffer)),
  uint64: type(1280, 8, [0, 2 ** 53], (buffer) => new BigUint64Array(buffer)),
  float32: type(16, 4, [-FLOAT32_MAX, FLOAT32_MAX], (buffer) => new Float32Array(buffer)),
  float64: type(64, 8, [-Number.MAX_VALUE, Number.MAX_VALUE], (buffer) => new Float64Array(buffer)),
} as const satisfies Record<string, StoredType>

export type NiftiType = keyof typeof niftiTypes

export interface NiftiHeader {
  readonly shape: readonly [number, number, number]
  readonly channels: number
  readonly type: NiftiType
  readonly littleEndian: boolean
  /** Byte of the first voxel. */
  readonly offset: number
  /** stored value × slope + intercept = value. */
  readonly slope: number
  readonly intercept: number
  /** 4×4, row-major: voxel index → mm. */
  readonly affine: Float64Array
}

const NIFTI1_MAGIC = 'n+1\0'
const NIFTI2_MAGIC = 'n+2\0\r\n\x1a\n'
const NIFTI1_BYTES = 348
const NIFTI2_BYTES = 540
/** The largest size that NIfTI-1 can hold: its dim[] is int16. */
export const NIFTI1_LARGEST_SIZE = 32767

const ascii = (bytes: Buffer, start: number, end: number): string => bytes.toString('latin1', start, end)

/** The parsed header, or DataError where the first bytes are not those of a NIfTI file. */
function parse(path: string, bytes: Buffer<ArrayBuffer>): NIFTI1 | NIFTI2 {
  if (bytes.length < 4) throw new DataError(path, 'a NIfTI header of 348 or 540 bytes', `${bytes.length} bytes`)
  const sizes = [bytes.readInt32LE(0), bytes.readInt32BE(0)]
  const length = [NIFTI1_BYTES, NIFTI2_BYTES].find((size) => sizes.includes(size))
  if (length === undefined) {
    throw new DataError(path, 'sizeof_hdr (byte 0) of 348 or 540', String(sizes[0]))
  }
  if (bytes.length < length) throw new DataError(path, `a NIfTI header of ${length} bytes`, `${bytes.length} bytes`)
  const [start, magic] = length === NIFTI1_BYTES ? [344, NIFTI1_MAGIC] : [4, NIFTI2_MAGIC]
  const found = ascii(bytes, start, start + magic.length)
  if (found !== magic) {
    throw new DataError(path, `magic (byte ${start}) ${JSON.stringify(magic)}`, JSON.stringify(found))
  }
  // The header alone: the library would go on to parse extensions, which nobody here reads and which can be malformed.
  const header = new ArrayBuffer(length)
  new Uint8Array(header).set(bytes.subarray(0, length))
  return readHeader(header)
}

function sizes(path: string, dims: readonly number[]): { shape: [number, number, number]; channels: number } {
  const rank = dims[0] ?? 0
  if (!(rank >= 1 && rank <= 7)) throw new DataError(path, 'dim[0] from 1 to 7', String(rank))
  const size = (axis: number): number => {
    const value = axis <= rank ? (dims[axis] ?? 0) : 1
    if (!(value >= 1)) throw new DataError(path, `dim[${axis}] of at least 1`, String(value))
    return value
  }
  const shape: [number, number, number] = [size(1), size(2), size(3)]
  // Several values a voxel stand on dim[4] (time) or, by the standard, on dim[5] with dim[4] = 1.
  const [time, vector] = [size(4), size(5)]
  if ((time > 1 && vector > 1) || size(6) > 1 || size(7) > 1) {
    throw new DataError(path, 'three spatial axes and one of channels', `dim ${dims.slice(0, rank + 1).join(',')}`)
  }
  return { shape, channels: time * vector }
}

/** Rotation of nifti1.h, method 2: unit quaternion (a, b, c, d), a from the other three, times spacing and qfac. */
function quaternionAffine(header: NIFTI1 | NIFTI2): number[] {
  let { quatern_b: b, quatern_c: c, quatern_d: d } = header
  const square = b * b + c * c + d * d
  let a = 0
  if (square < 1) a = Math.sqrt(1 - square)
  else {
    const length = Math.sqrt(square)
    b /= length
    c /= length
    d /= length
  }
  const [qfac = 1, dx = 1, dy = 1, dz = 1] = header.pixDims
  const k = qfac < 0 ? -dz : dz
  return [
    ...[(a * a + b * b - c * c - d * d) * dx, 2 * (b * c - a * d) * dy, 2 * (b * d + a * c) * k, header.qoffset_x],
    ...[2 * (b * c + a * d) * dx, (a * a + c * c - b * b - d * d) * dy, 2 * (c * d - a * b) * k, header.qoffset_y],
    ...[2 * (b * d - a * c) * dx, 2 * (c * d + a * b) * dy, (a * a + d * d - b * b - c * c) * k, header.qoffset_z],
  ]
}

/** The three rows srow_x, srow_y, srow_z; the library gives them only where qform_code does not outrank sform_code. */
function storedRows(bytes: Buffer, header: NIFTI1 | NIFTI2): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Array.from({ length: 12 }, (_, i) =>
    header instanceof NIFTI1
      ? view.getFloat32(280 + 4 * i, header.littleEndian)
      : view.getFloat64(400 + 8 * i, header.littleEndian),
  )
}

/** sform where its code is positive, else qform, else the bare pixdim (nifti1.h, methods 3, 2 and 1), in mm. */
function affineOf(path: string, bytes: Buffer, header: NIFTI1 | NIFTI2): Float64Array {
  const [, dx = 1, dy = 1, dz = 1] = header.pixDims
  const [field, rows] =
    header.sform_code > 0
      ? ['srow', storedRows(bytes, header)]
      : header.qform_code > 0
        ? ['qform', quaternionAffine(header)]
        : ['pixdim', [dx, 0, 0, 0, 0, dy, 0, 0, 0, 0, dz, 0]]
  const millimetres = { [NIFTI1.UNITS_METER]: 1000, [NIFTI1.UNITS_MICRON]: 0.001 }[header.xyzt_units & 7] ?? 1
  const affine = Float64Array.of(...rows.map((value) => value * millimetres), 0, 0, 0, 1)
  const volume = Math.abs(determinant(affine))
  if (!(volume > 0 && volume < Infinity) || !affine.every(Number.isFinite)) {
    throw new DataError(path, `an invertible affine in field ${field}`, `(${rows.join(',')})`)
  }
  return affine
}

/** Determinant of the 3×3 part of an affine: the volume of a voxel in mm³, up to sign. */
export function determinant(affine: Float64Array): number {
  const [a = 0, b = 0, c = 0, , d = 0, e = 0, f = 0, , g = 0, h = 0, i = 0] = affine
  return a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)
}

/** Distance in mm between neighbours along each voxel axis: the norms of the affine's columns. */
export function spacingOf(affine: Float64Array): [number, number, number] {
  const column = (axis: number): number => Math.hypot(affine[axis] ?? 0, affine[4 + axis] ?? 0, affine[8 + axis] ?? 0)
  return [column(0), column(1), column(2)]
}

/** Parses and checks the header at the start of an uncompressed file; DataError names the file and the field. */
export function parseHeader(path: string, bytes: Buffer<ArrayBuffer>): NiftiHeader {
  const header = parse(path, bytes)
  const names = Object.keys(niftiTypes) as NiftiType[]
  const name = names.find((candidate) => niftiTypes[candidate].code === header.datatypeCode)
  if (name === undefined) {
    throw new DataError(path, `datatype of a real number (${names.join(', ')})`, `code ${header.datatypeCode}`)
  }
  if (header.numBitsPerVoxel !== 8 * niftiTypes[name].bytes) {
    throw new DataError(path, `bitpix ${8 * niftiTypes[name].bytes} for ${name}`, String(header.numBitsPerVoxel))
  }
  const offset = header.vox_offset
  const first = header instanceof NIFTI1 ? NIFTI1_BYTES + 4 : NIFTI2_BYTES + 4
  if (!(Number.isSafeInteger(offset) && offset >= first)) {
    throw new DataError(path, `vox_offset of at least ${first}`, String(offset))
  }
  // nifti1.h: scl_slope = 0 means that there is no scaling; NaN is taken alike, as nibabel does.
  const scaled = Number.isFinite(header.scl_slope) && header.scl_slope !== 0
  if (scaled && !Number.isFinite(header.scl_inter)) {
    throw new DataError(path, 'a finite scl_inter', String(header.scl_inter))
  }
  return {
    ...sizes(path, header.dims),
    type: name,
    littleEndian: header.littleEndian,
    offset,
    slope: scaled ? header.scl_slope : 1,
    intercept: scaled ? header.scl_inter : 0,
    affine: affineOf(path, bytes, header),
  }
}

/** The bytes up to the first voxel of a little-endian file of the given version, with the affine as sform. */
export function makeHeader(header: Omit<NiftiHeader, 'offset' | 'littleEndian'>, version: 1 | 2): Uint8Array {
  const result = version === 1 ? new NIFTI1() : new NIFTI2()
  const { shape, channels, affine } = header
  const { code, bytes } = niftiTypes[header.type]
  result.littleEndian = true
  result.magic = version === 1 ? NIFTI1_MAGIC : NIFTI2_MAGIC
  result.dims = [channels === 1 ? 3 : 4, ...shape, channels, 1, 1, 1]
  result.pixDims = [1, ...spacingOf(affine), 1, 1, 1, 1]
  result.datatypeCode = code
  result.numBitsPerVoxel = 8 * bytes
  result.vox_offset = (version === 1 ? NIFTI1_BYTES : NIFTI2_BYTES) + 4
  result.scl_slope = header.slope
  result.scl_inter = header.intercept
  result.xyzt_units = NIFTI1.UNITS_MM
  result.sform_code = NIFTI1.XFORM_SCANNER_ANAT
  result.affine = [0, 4, 8, 12].map((start) => [...affine.subarray(start, start + 4)])
  return new Uint8Array(result.toArrayBuffer())
}
