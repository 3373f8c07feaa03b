import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readMaps, volumeName } from '../../src/data/label-maps.js'
import { type VoxelArray, writeNifti } from '../../src/data/nifti.js'
import { temporaryFolder } from '../study/tiny.js'

const affine = Float64Array.of(2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1)
const folder = () => temporaryFolder()

function write(path: string, data: VoxelArray, channels = 1): string {
  writeNifti(path, { shape: [2, 1, 1], channels, data, affine })
  return path
}

describe('readMaps', () => {
  test('stacks files in their order, channels last', () => {
    const root = folder()
    const a = write(join(root, 'a.nii.gz'), Float32Array.of(0.25, 0.5, 0.75, 1), 2)
    const b = write(join(root, 'b.nii.gz'), Float32Array.of(0, 0, 0, 0.125), 2)
    const { shape, data } = readMaps([a, b])
    expect(shape).toEqual([2, 2, 1, 1, 2])
    expect(data).toEqual(Float32Array.of(0.25, 0.5, 0.75, 1, 0, 0, 0, 0.125))
  })

  test('makes a channel of each set of labels', () => {
    const path = write(join(folder(), 'seg.nii'), Uint8Array.of(4, 2))
    const { shape, data } = readMaps([path], { labels: [[1, 2, 4], [4], [7]] })
    expect(shape).toEqual([1, 2, 1, 1, 3])
    expect([...data]).toEqual([1, 1, 0, 1, 0, 0])
  })

  test('keeps float64 values that float32 cannot hold', () => {
    const path = write(join(folder(), 'p.nii'), Float64Array.of(0.1, 1 / 3))
    expect(readMaps([path]).data).toEqual(Float64Array.of(0.1, 1 / 3))
  })

  test('refuses by name what does not fit', () => {
    const root = folder()
    const one = write(join(root, 'one.nii'), Float32Array.of(0, 1))
    const two = write(join(root, 'two.nii'), Float32Array.of(0, 1, 0, 1), 2)
    const logits = write(join(root, 'logits.nii'), Float32Array.of(-3.5, 1))
    const labels = write(join(root, 'labels.nii'), Uint8Array.of(4, 2))
    expect(() => readMaps([one, two])).toThrow(/two\.nii\] expected X×Y×Z×C of 2×1×1×1 as in .*one\.nii, got 2×1×1×2/)
    expect(() => readMaps([logits])).toThrow(/logits\.nii\] expected values in \[0, 1\] \(logits need .*got -3\.5/)
    expect(() => readMaps([labels])).toThrow(/labels\.nii\] expected values in \[0, 1\] \(label maps need .*got 4/)
    expect(readMaps([logits], { unitInterval: false }).data[0]).toBe(-3.5)
    expect(() => readMaps([two], { labels: [[1]] })).toThrow(/two\.nii\] expected a label map of one channel/)
    expect(() => readMaps([logits], { labels: [[1]] })).toThrow(/logits\.nii\] expected a label map of integers/)
    expect(() => readMaps([])).toThrow(/at least one file/)
  })
})

test('a volume is named by its file, without folder and ending', () => {
  expect(['x/y/a_seg.nii.gz', 'b.nii', 'c.d.nii.gz'].map(volumeName)).toEqual(['a_seg', 'b', 'c.d'])
})
