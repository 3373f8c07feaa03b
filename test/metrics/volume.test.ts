import { fc, test } from '@fast-check/vitest'
import { expect } from 'vitest'
import { volumeDifferenceMl, volumeMl } from '../../src/metrics/index.js'
import { ConfigError, DataError, ShapeError } from '../../src/tensor/errors.js'

const bits = fc.array(fc.integer({ min: 0, max: 1 }), { minLength: 1, maxLength: 50 })

test.prop([bits, bits, fc.double({ min: 1e-3, max: 10, noNaN: true })])(
  'the volume difference is the difference of the volumes and changes sign with its arguments',
  (a, b, voxelVolume) => {
    const length = Math.min(a.length, b.length)
    const prediction = Uint8Array.from(a.slice(0, length))
    const reference = Uint8Array.from(b.slice(0, length))
    const difference = volumeDifferenceMl(prediction, reference, voxelVolume)
    expect(difference).toBeCloseTo(volumeMl(prediction, voxelVolume) - volumeMl(reference, voxelVolume), 10)
    expect(difference).toBeCloseTo(-volumeDifferenceMl(reference, prediction, voxelVolume), 10)
  },
)

test('a prediction that is too small has a negative difference', () => {
  expect(volumeDifferenceMl(Uint8Array.of(1, 0, 0), Uint8Array.of(1, 1, 1), 0.512)).toBe(-1.024)
})

test('refuses a voxel without volume, maps of different length and values other than 0 and 1', () => {
  expect(() => volumeMl(Uint8Array.of(1), 0)).toThrow(ConfigError)
  expect(() => volumeDifferenceMl(Uint8Array.of(1), Uint8Array.of(1), Number.NaN)).toThrow(ConfigError)
  expect(() => volumeDifferenceMl(Uint8Array.of(1), Uint8Array.of(1, 0), 1)).toThrow(ShapeError)
  expect(() => volumeMl(Uint8Array.of(255), 1)).toThrow(DataError)
})
