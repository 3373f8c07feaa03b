/**
 * Volumes in NIfTI-1 and NIfTI-2 files, plain or gzipped. A file holds x fastest (Fortran order); a Volume holds its
 * last axis fastest (C order), as every tensor here. Headers are in nifti-header.ts; nothing is resampled.
 */
import { constants, gunzipSync, gzipSync } from 'node:zlib'
import { ConfigError, DataError, ShapeError } from '../tensor/errors.js'
import { sizeOf } from '../tensor/shape.js'
import { describeCause, readBytes, writeFileWhole } from './files.js'
import type { NiftiHeader, NiftiType, VoxelArray } from './nifti-header.js'
import { makeHeader, NIFTI1_LARGEST_SIZE, niftiTypes, parseHeader, spacingOf } from './nifti-header.js'

export type { NiftiType, VoxelArray }

export interface Volume {
  /** (X, Y, Z) in voxels. */
  readonly shape: readonly [number, number, number]
  /** Values per voxel; 1 for a plain image. */
  readonly channels: number
  /** (X, Y, Z, C) in C order; with one channel that is (X, Y, Z). */
  readonly data: VoxelArray
  /** 4×4, row-major: voxel index (i, j, k, 1) → position in mm. */
  readonly affine: Float64Array
  /** Distance in mm between neighbours along each voxel axis. */
  readonly spacing: readonly [number, number, number]
}

/** What writeNifti needs of a volume: spacing follows from the affine. */
export type VolumeContent = Pick<Volume, 'shape' | 'data' | 'affine'> & { readonly channels?: number }

export interface NiftiOptions {
  /** Stored type; by default that of the data. */
  readonly dtype?: NiftiType
  /** stored × slope + intercept = value; by default 1 and 0. */
  readonly slope?: number
  readonly intercept?: number
  /** By default 1, or 2 where a size is above 32767. */
  readonly version?: 1 | 2
}

/** The file's bytes, uncompressed. A .gz that is no gzip or is cut off is a DataError. */
function readUncompressed(path: string): Buffer<ArrayBuffer> {
  const bytes = readBytes(path)
  const gzipped = bytes[0] === 0x1f && bytes[1] === 0x8b
  if (!gzipped) {
    if (!path.endsWith('.gz')) return bytes
    throw new DataError(path, 'gzip (bytes 1f 8b at byte 0)', `bytes ${bytes.toString('hex', 0, 2) || 'none'}`)
  }
  try {
    return gunzipSync(bytes)
  } catch (error) {
    const cause = describeCause(error)
    throw new DataError(path, `a whole gzip stream in ${bytes.length} bytes`, cause, { cause: error })
  }
}

/** The stored numbers in file order and the machine's byte order. */
function storedValues(path: string, bytes: Buffer<ArrayBuffer>, header: NiftiHeader): VoxelArray {
  const { bytes: width, view } = niftiTypes[header.type]
  const end = header.offset + sizeOf(header.shape) * header.channels * width
  if (bytes.length < end) {
    const size = [...header.shape, header.channels].join('×')
    throw new DataError(path, `${end} bytes for ${size} voxels of ${header.type}`, `${bytes.length} bytes: truncated`)
  }
  const copy = Buffer.from(new Uint8Array(bytes.subarray(header.offset, end)).buffer)
  if (!header.littleEndian) {
    if (width === 2) copy.swap16()
    else if (width === 4) copy.swap32()
    else if (width === 8) copy.swap64()
  }
  const values = view(copy.buffer)
  // 64-bit integers become the nearest float64: exact up to 2^53.
  if (values instanceof BigInt64Array || values instanceof BigUint64Array) return Float64Array.from(values, Number)
  return values
}

type VoxelVisitor = (fileIndex: number, index: number) => void

/** Visits the voxels of (X, Y, Z, C): position in file order (x fastest) and in C order (c fastest). */
function forEachVoxel([X, Y, Z]: Volume['shape'], C: number, visit: VoxelVisitor): void {
  for (let c = 0, fileIndex = 0; c < C; c++)
    for (let z = 0; z < Z; z++)
      for (let y = 0; y < Y; y++) for (let x = 0; x < X; x++) visit(fileIndex++, ((x * Y + y) * Z + z) * C + c)
}

/** `(x,y,z,c)` of a position in C order: how voxels stand in messages. */
function showVoxel([, Y, Z]: Volume['shape'], C: number, index: number): string {
  const voxel = Math.floor(index / C)
  const position = [Math.floor(voxel / (Y * Z)), Math.floor(voxel / Z) % Y, voxel % Z]
  return `(${(C === 1 ? position : [...position, index % C]).join(',')})`
}

/**
 * Reads a volume: value = stored × scl_slope + scl_inter. The data keep the stored type where nothing is scaled (64-bit
 * integers become float64), and are float64 where it is. The affine is sform, else qform, else pixdim, in mm.
 *
 * Throws DataError, naming the file and the byte, field or voxel: file missing, not gzip, truncated, wrong magic, sizes
 * or datatype, an affine that is not invertible, a voxel that is not finite.
 *
 * Source: nifti1.h, nifti2.h.
 *
 * @example const { shape, data, spacing } = readNifti('case_flair.nii.gz')
 */
export function readNifti(path: string): Volume {
  const bytes = readUncompressed(path)
  const header = parseHeader(path, bytes)
  const { shape, channels, slope, intercept, affine } = header
  const stored = storedValues(path, bytes, header)
  const scaled = slope !== 1 || intercept !== 0
  const data = scaled ? new Float64Array(stored.length) : stored.slice()
  forEachVoxel(shape, channels, (fileIndex, index) => {
    const raw = stored[fileIndex] ?? 0
    const value = scaled ? raw * slope + intercept : raw
    if (!Number.isFinite(value)) {
      throw new DataError(path, 'finite voxels', `${value} at voxel ${showVoxel(shape, channels, index)}`)
    }
    data[index] = value
  })
  return { shape, channels, data, affine, spacing: spacingOf(affine) }
}

function defaultType(data: VoxelArray): NiftiType {
  const name = data[Symbol.toStringTag].replace('Array', '').toLowerCase()
  return (Object.keys(niftiTypes) as NiftiType[]).find((candidate) => candidate === name) ?? 'float64'
}

/** The voxels as they stand in the file: x fastest, little-endian, stored = (value − intercept) / slope. */
function encode(path: string, volume: VolumeContent, header: Omit<NiftiHeader, 'offset' | 'littleEndian'>): Uint8Array {
  const { bytes: width, range, view } = niftiTypes[header.type]
  const isFloat = header.type.startsWith('float')
  const stored = view(new ArrayBuffer(volume.data.length * width))
  forEachVoxel(header.shape, header.channels, (fileIndex, index) => {
    const exact = ((volume.data[index] ?? 0) - header.intercept) / header.slope
    const value = isFloat ? exact : Math.round(exact)
    if (!(value >= range[0] && value <= range[1])) {
      const where = showVoxel(header.shape, header.channels, index)
      throw new DataError(path, `voxels that fit ${header.type}`, `${volume.data[index]} at voxel ${where}`)
    }
    if (stored instanceof BigInt64Array || stored instanceof BigUint64Array) stored[fileIndex] = BigInt(value)
    else stored[fileIndex] = value
  })
  return new Uint8Array(stored.buffer)
}

/** gzip with neither time nor operating system in its header, so that equal volumes give equal files. */
function gzip(bytes: Uint8Array): Uint8Array {
  const result = gzipSync(bytes, { level: constants.Z_BEST_SPEED })
  result[9] = 255 // RFC 1952: operating system unknown; the time is 0 already
  return result
}

/**
 * Writes a volume whole, little-endian, gzipped where the name ends in .gz, with the affine as sform (mm).
 * Integer types round (value − intercept) / slope to the nearest.
 *
 * Throws ShapeError where data and shape differ, ConfigError for a slope that is 0 or not finite, DataError naming the
 * file where a voxel does not fit the type or the file cannot be written.
 *
 * @example writeNifti('prediction.nii.gz', { shape: [80, 80, 48], data: mask, affine }, { dtype: 'uint8' })
 */
export function writeNifti(path: string, volume: VolumeContent, options: NiftiOptions = {}): void {
  const { shape, channels = 1, affine } = volume
  if (volume.data.length !== sizeOf(shape) * channels || affine.length !== 16) {
    const expected = `${sizeOf(shape) * channels} voxels for ${[...shape, channels].join('×')} and an affine of 16`
    throw new ShapeError('writeNifti', expected, `${volume.data.length} and ${affine.length}`)
  }
  const version = options.version ?? (Math.max(...shape, channels) > NIFTI1_LARGEST_SIZE ? 2 : 1)
  // NIfTI-1 stores both as float32; encoding with the rounded values makes reading give the voxels back.
  const round = version === 1 ? Math.fround : Number
  const slope = round(options.slope ?? 1)
  const intercept = round(options.intercept ?? 0)
  if (!Number.isFinite(slope) || slope === 0) throw new ConfigError('writeNifti.slope', 'a number ≠ 0', String(slope))
  if (!Number.isFinite(intercept)) throw new ConfigError('writeNifti.intercept', 'a finite number', String(intercept))
  const header = { shape, channels, affine, slope, intercept, type: options.dtype ?? defaultType(volume.data) }
  const bytes = Buffer.concat([makeHeader(header, version), encode(path, volume, header)])
  writeFileWhole(path, path.endsWith('.gz') ? gzip(bytes) : bytes)
}
