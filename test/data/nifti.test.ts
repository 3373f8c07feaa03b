import { fc, test } from '@fast-check/vitest'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { describe, expect } from 'vitest'
import { z } from 'zod'
import { readJson } from '../../src/data/files.js'
import type { NiftiType, VoxelArray } from '../../src/data/nifti.js'
import { readNifti, writeNifti } from '../../src/data/nifti.js'
import { ConfigError, DataError, ShapeError } from '../../src/tensor/errors.js'
import { filesIn, temporaryFolder } from './folder.js'

const fixtures = join(import.meta.dirname, 'fixtures', 'nifti')
// What nibabel 5.4.2 reads from each fixture: fixtures/make_nifti.py.
const expected = readJson(
  join(fixtures, 'expected.json'),
  z.record(
    z.string(),
    z.object({ shape: z.array(z.number()), affine: z.array(z.number()), data: z.array(z.number()) }),
  ),
)
const entries = Object.entries(expected)

const affine = Float64Array.of(-1.5, 0.25, 0, 90, 0, 2, 0.5, -126, 0.125, 0, 3, -72, 0, 0, 0, 1)

const typeNames: NiftiType[] = [
  'uint8',
  'int8',
  'int16',
  'uint16',
  'int32',
  'uint32',
  'int64',
  'uint64',
  'float32',
  'float64',
]

const views: Record<NiftiType, new (values: Iterable<number>) => VoxelArray> = {
  uint8: Uint8Array,
  int8: Int8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: Float64Array,
  uint64: Float64Array,
  float32: Float32Array,
  float64: Float64Array,
}

const limits: Record<NiftiType, [number, number]> = {
  uint8: [0, 255],
  int8: [-128, 127],
  int16: [-32768, 32767],
  uint16: [0, 65535],
  int32: [-(2 ** 31), 2 ** 31 - 1],
  uint32: [0, 2 ** 32 - 1],
  int64: [-(2 ** 53), 2 ** 53],
  uint64: [0, 2 ** 53],
  float32: [-1e30, 1e30],
  float64: [-1e300, 1e300],
}

const size = fc.integer({ min: 1, max: 4 })

/** A stored type and a volume (X, Y, Z, C) of values that it holds exactly. */
const volumes = fc
  .tuple(fc.constantFrom(...typeNames), fc.tuple(size, size, size), fc.integer({ min: 1, max: 3 }))
  .chain(([dtype, shape, channels]) => {
    const [min, max] = limits[dtype]
    const value = dtype.startsWith('float') ? fc.double({ min, max, noNaN: true }) : fc.maxSafeInteger()
    const count = shape[0] * shape[1] * shape[2] * channels
    return fc.array(value, { minLength: count, maxLength: count }).map((values) => ({
      ...{ dtype, shape, channels },
      data: new views[dtype](values.map((v) => (dtype.startsWith('float') ? v : Math.min(max, Math.max(min, v))))),
    }))
  })

describe('reading', () => {
  test.each(entries)('%s reads as nibabel reads it', (name, { shape, affine: rows, data }) => {
    const volume = readNifti(join(fixtures, name))
    const [X = 1, Y = 1, Z = 1, C = 1] = shape
    expect(volume.shape).toEqual([X, Y, Z])
    expect(volume.channels).toBe(C)
    expect([...volume.data]).toEqual(data)
    for (const [i, value] of rows.entries()) expect(volume.affine[i]).toBeCloseTo(value, 5)
  })

  test('the fixtures hold every dtype in both byte orders and both versions', () => {
    const kinds = entries.map(([name]) => {
      const bytes = readFileSync(join(fixtures, name))
      const header = name.endsWith('.gz') ? gunzipSync(bytes) : bytes
      return `${name.split('_')[0]} ${header.subarray(0, 4).toString('hex')}`
    })
    for (const name of typeNames) {
      expect(kinds).toContain(`${name} 5c010000`)
      expect(kinds).toContain(`${name} 0000021c`)
    }
  })

  test('data keep their stored type, and are float64 once scaled or of 64-bit integers', () => {
    expect(readNifti(join(fixtures, 'int16_nifti2_big.nii')).data).toBeInstanceOf(Int16Array)
    expect(readNifti(join(fixtures, 'scaled_int16.nii')).data).toBeInstanceOf(Float64Array)
    expect(readNifti(join(fixtures, 'uint64_nifti2_big.nii')).data).toBeInstanceOf(Float64Array)
  })

  test('spacing is the length of the affine’s columns in mm', () => {
    const { spacing } = readNifti(join(fixtures, 'qform_only.nii'))
    // pixdim of the fixture: 1.5, 2 and 3 mm along the rotated axes, in voxel order.
    for (const [axis, mm] of [1.5, 2, 3].entries()) expect(spacing[axis]).toBeCloseTo(mm, 5)
  })

  test('without sform and qform the affine is pixdim alone', () => {
    const path = join(temporaryFolder(), 'bare.nii')
    const bytes = readFileSync(join(fixtures, 'int16_nifti1_little.nii.gz'))
    const header = gunzipSync(bytes)
    header.writeInt16LE(0, 252)
    header.writeInt16LE(0, 254)
    for (const [axis, mm] of [2, 3, 4].entries()) header.writeFloatLE(mm, 80 + 4 * axis)
    writeFileSync(path, header)
    expect([...readNifti(path).affine]).toEqual([2, 0, 0, 0, 0, 3, 0, 0, 0, 0, 4, 0, 0, 0, 0, 1])
  })

  test('metres and micrometres become millimetres', () => {
    const folder = temporaryFolder()
    for (const [unit, factor] of [
      [1, 1000],
      [3, 0.001],
    ] as const) {
      const bytes = readFileSync(join(fixtures, 'scaled_int16.nii'))
      bytes.writeUInt8(unit, 123)
      writeFileSync(join(folder, 'unit.nii'), bytes)
      expect(readNifti(join(folder, 'unit.nii')).affine[3]).toBeCloseTo(90 * factor, 6)
    }
  })
})

describe('writing', () => {
  test.prop([volumes, fc.constantFrom('.nii', '.nii.gz'), fc.constantFrom(1 as const, 2 as const)])(
    'what is written is read back, for every dtype, version and suffix',
    ({ dtype, shape, channels, data }, suffix, version) => {
      const path = join(temporaryFolder(), `volume${suffix}`)
      writeNifti(path, { shape, channels, data, affine }, { dtype, version })
      const volume = readNifti(path)
      expect(volume.shape).toEqual(shape)
      expect(volume.channels).toBe(channels)
      expect(volume.data).toEqual(data)
      expect([...volume.affine]).toEqual([...affine])
    },
  )

  test('slope and intercept lose at most half a step', () => {
    const path = join(temporaryFolder(), 'scaled.nii.gz')
    const data = Float64Array.from({ length: 24 }, (_, i) => 10 + Math.sin(i))
    writeNifti(path, { shape: [2, 3, 4], data, affine }, { dtype: 'int16', slope: 0.001, intercept: 10 })
    for (const [i, value] of readNifti(path).data.entries()) {
      expect(Math.abs(value - (data[i] ?? 0))).toBeLessThan(0.00051)
    }
  })

  test.each(['uint8_nifti1_little.nii.gz', 'int16_nifti1_little.nii.gz', 'float64_nifti1_little.nii.gz'])(
    'the fields that place and type the voxels of %s, and the voxels, have the bytes that nibabel writes',
    (name) => {
      const original = gunzipSync(readFileSync(join(fixtures, name)))
      const path = join(temporaryFolder(), 'copy.nii')
      writeNifti(path, readNifti(join(fixtures, name)))
      const copy = readFileSync(path)
      // Offsets of nifti1.h: sizeof_hdr, dim to dim[4], datatype and bitpix, pixdim[1…3], vox_offset, srow, magic, voxels.
      const fields = [
        [0, 4],
        [40, 50],
        [70, 74],
        [80, 92],
        [280, 328],
        [344, 348],
        [352, original.length],
      ] as const
      for (const [start, end] of fields) {
        expect(copy.toString('hex', start, end)).toBe(original.toString('hex', start, end))
      }
      expect(copy.length).toBe(original.length)
    },
  )

  test('equal volumes give equal files, without a time', () => {
    const folder = temporaryFolder()
    const volume = { shape: [2, 2, 2] as const, data: Float32Array.from({ length: 8 }, (_, i) => Math.sqrt(i)), affine }
    writeNifti(join(folder, 'a.nii.gz'), volume)
    writeNifti(join(folder, 'b.nii.gz'), volume)
    const bytes = readFileSync(join(folder, 'a.nii.gz'))
    expect(bytes.equals(readFileSync(join(folder, 'b.nii.gz')))).toBe(true)
    // RFC 1952: bytes 4 to 7 are the time, byte 9 the operating system.
    expect(bytes.toString('hex', 4, 8)).toBe('00000000')
    expect(bytes[9]).toBe(255)
  })

  test('sizes above 32767 are written as NIfTI-2', () => {
    const path = join(temporaryFolder(), 'long.nii')
    writeNifti(path, { shape: [40000, 1, 1], data: new Uint8Array(40000), affine })
    expect(readFileSync(path).readInt32LE(0)).toBe(540)
    expect(readNifti(path).shape).toEqual([40000, 1, 1])
  })

  test('a value that does not fit its type names file and voxel, and nothing is written', () => {
    const folder = temporaryFolder()
    const data = Float32Array.of(1, 2, 300, 4)
    const write = (dtype: NiftiType) =>
      writeNifti(join(folder, 'a.nii.gz'), { shape: [1, 2, 2], data, affine }, { dtype })
    expect(() => write('uint8')).toThrow(DataError)
    expect(() => write('uint8')).toThrow(/a\.nii\.gz\] expected voxels that fit uint8, got 300 at voxel \(0,1,0\)/)
    data[0] = NaN
    expect(() => write('float32')).toThrow(/got NaN at voxel \(0,0,0\)/)
    expect(filesIn(folder)).toEqual([])
  })

  test('a wrong length, slope or intercept is named', () => {
    const path = join(temporaryFolder(), 'a.nii')
    const volume = { shape: [1, 2, 2] as const, data: new Uint8Array(4), affine }
    expect(() => writeNifti(path, { ...volume, shape: [2, 2, 2] })).toThrow(ShapeError)
    expect(() => writeNifti(path, volume, { slope: 0 })).toThrow(ConfigError)
    expect(() => writeNifti(path, volume, { intercept: NaN })).toThrow(/writeNifti\.intercept/)
  })
})

describe('a bad file is named with its byte or field', () => {
  /** Alters the bytes in place, or returns others. */
  type Change = (bytes: Buffer) => unknown

  /** Writes an altered copy of a plain NIfTI-1 fixture (int16 of 3×4×2: 352 + 48 bytes) and returns its path. */
  function altered(change: Change, suffix = '.nii'): string {
    const path = join(temporaryFolder(), `bad${suffix}`)
    const bytes = readFileSync(join(fixtures, 'sform_and_qform.nii'))
    const changed = change(bytes)
    writeFileSync(path, changed instanceof Uint8Array ? changed : bytes)
    return path
  }

  const cases: [string, RegExp, Change, string?][] = [
    ['not gzip', /bad\.nii\.gz\] expected gzip .* got bytes 5c01/, (bytes) => bytes, '.nii.gz'],
    ['an empty .gz', /bad\.nii\.gz\] expected gzip .* got bytes none/, () => new Uint8Array(0), '.nii.gz'],
    [
      'a gzip cut off',
      /bad\.nii\.gz\] expected a whole gzip stream .* got unexpected end of file/,
      (bytes) => gzipSync(bytes).subarray(0, -9),
      '.nii.gz',
    ],
    [
      'a gzip with a flipped byte',
      /expected a whole gzip stream/,
      (bytes) => {
        const packed = gzipSync(bytes)
        packed.writeUInt8(packed.readUInt8(packed.length - 6) ^ 1, packed.length - 6)
        return packed
      },
      '.nii.gz',
    ],
    ['an empty file', /expected a NIfTI header of 348 or 540 bytes, got 0 bytes/, () => new Uint8Array(0)],
    ['half a header', /expected a NIfTI header of 348 bytes, got 200 bytes/, (bytes) => bytes.subarray(0, 200)],
    ['voxels cut off', /expected 400 bytes for 3×4×2×1 .* got 399 bytes: truncated/, (bytes) => bytes.subarray(0, 399)],
    ['sizeof_hdr', /sizeof_hdr \(byte 0\)/, (bytes) => bytes.writeInt32LE(347, 0)],
    ['magic', /magic \(byte 344\) "n\+1/, (bytes) => bytes.write('ni1', 344)],
    ['rank', /dim\[0\] from 1 to 7, got 9/, (bytes) => bytes.writeInt16LE(9, 40)],
    ['a size', /dim\[2\] of at least 1, got -4/, (bytes) => bytes.writeInt16LE(-4, 44)],
    [
      'a second axis of channels',
      /three spatial axes and one of channels, got dim 6,3,4,2,1,1,2/,
      (bytes) => {
        bytes.writeInt16LE(6, 40)
        bytes.writeInt16LE(2, 52)
      },
    ],
    ['datatype', /datatype of a real number \(uint8.*got code 32/, (bytes) => bytes.writeInt16LE(32, 70)],
    ['bitpix', /bitpix 16 for int16, got 8/, (bytes) => bytes.writeInt16LE(8, 72)],
    ['vox_offset', /vox_offset of at least 352, got 100/, (bytes) => bytes.writeFloatLE(100, 108)],
    [
      'scl_inter',
      /a finite scl_inter, got NaN/,
      (bytes) => {
        bytes.writeFloatLE(2, 112)
        bytes.writeFloatLE(NaN, 116)
      },
    ],
    ['a flat affine', /an invertible affine in field srow/, (bytes) => bytes.fill(0, 280, 296)],
    ['an affine that is not finite', /an invertible affine/, (bytes) => bytes.writeFloatLE(NaN, 292)],
  ]

  test.each(cases)('%s', (_, message, change, suffix) => {
    const path = altered(change, suffix)
    expect(() => readNifti(path)).toThrow(DataError)
    expect(() => readNifti(path)).toThrow(message)
  })

  test('a voxel that is not finite', () => {
    const path = join(temporaryFolder(), 'nan.nii')
    writeNifti(path, { shape: [2, 3, 4], data: new Float32Array(24), affine })
    const bytes = readFileSync(path)
    bytes.writeFloatLE(NaN, 352 + 4 * (1 + 2 * (2 + 3 * 3)))
    writeFileSync(path, bytes)
    expect(() => readNifti(path)).toThrow(/nan\.nii\] expected finite voxels, got NaN at voxel \(1,2,3\)/)
  })

  test('a file that is missing, or a folder', () => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'a.nii'))
    expect(() => readNifti(join(folder, 'b.nii'))).toThrow(/b\.nii\] expected a file .* got nothing there/)
    expect(() => readNifti(join(folder, 'a.nii'))).toThrow(/a\.nii\] expected a file .* got a folder/)
  })

  test.prop([fc.uint8Array({ maxLength: 400 }), fc.integer({ min: 0, max: 399 })])(
    'garbage over a header is a DataError or a volume, never anything else',
    (garbage, start) => {
      const path = altered((bytes) => {
        bytes.set(garbage.subarray(0, Math.max(0, 400 - start)), start)
      })
      try {
        expect(readNifti(path).data.length).toBeGreaterThan(0)
      } catch (error) {
        expect(error).toBeInstanceOf(DataError)
      }
    },
  )
})
