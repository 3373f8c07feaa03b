import { mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { BratsVolumes } from '../../src/data/brats.js'
import { bratsModalities, listBrats, readBratsCase, writeBratsCase } from '../../src/data/brats.js'
import { orderBrats, readCohort, writeCohort } from '../../src/data/cohort.js'
import { writeNifti } from '../../src/data/nifti.js'
import { DataError, ShapeError } from '../../src/tensor/errors.js'
import { Generator } from '../../src/tensor/random.js'
import { filesIn, temporaryFolder } from './folder.js'

const shape = [3, 2, 4] as const
const affine = Float64Array.of(2, 0, 0, -3, 0, 2, 0, -2, 0, 0, 2, -4, 0, 0, 0, 1)

/** Random modalities with a margin of zeros at x = 0, and every label value. */
function volumes(seed: number): BratsVolumes {
  const random = new Generator(seed)
  const modality = (): Float32Array =>
    Float32Array.from({ length: 24 }, (_, i) => (i < 8 ? 0 : 100 + 20 * random.normal()))
  return {
    ...{ shape, affine },
    modalities: { flair: modality(), t1: modality(), t1ce: modality(), t2: modality() },
    segmentation: Uint8Array.from({ length: 24 }, (_, i) => [0, 1, 2, 4][i % 4] ?? 0),
  }
}

/** A data set of two HGG and one LGG. */
function dataSet(): string {
  const root = temporaryFolder()
  writeBratsCase(root, { id: 'B', group: 'HGG' }, volumes(1))
  writeBratsCase(root, { id: 'A', group: 'HGG' }, volumes(2))
  writeBratsCase(root, { id: 'C', group: 'LGG' }, volumes(3))
  return root
}

function readFirst(root: string) {
  return () => listBrats(root).map((entry) => readBratsCase(entry))
}

describe('a data set in the layout of BraTS 2018', () => {
  test('is listed HGG first, each group by name, whatever else lies there', () => {
    const root = dataSet()
    writeFileSync(join(root, 'survival_data.csv'), '')
    writeFileSync(join(root, 'HGG', 'notes.txt'), '')
    mkdirSync(join(root, 'HGG', '.cache'))
    expect(listBrats(root).map(({ id, group }) => `${group} ${id}`)).toEqual(['HGG A', 'HGG B', 'LGG C'])
  })

  test('reads back the voxels that were written, as channels of (X,Y,Z,C)', () => {
    const root = dataSet()
    const original = volumes(2)
    const [entry] = listBrats(root)
    if (entry === undefined) throw new Error('no case')
    const item = readBratsCase(entry, { normalize: false, regions: ['whole', 'core', 'enhancing'] })
    expect(item).toMatchObject({ id: 'A', group: 'HGG', shape: [3, 2, 4], channels: 4, classes: 3, spacing: [2, 2, 2] })
    expect(item.voxelVolumeMl).toBeCloseTo(0.008, 12)
    expect([...item.affine]).toEqual([...affine])
    expect(item.annotated).toEqual([true, true, true])
    for (const [channel, name] of bratsModalities.entries()) {
      expect([...item.image].filter((_, i) => i % 4 === channel)).toEqual([...original.modalities[name]])
    }
    // Whole tumour is 1, 2 and 4; its core 1 and 4; its enhancing part 4 (Menze et al., 2015).
    const regions: Record<number, number[]> = { 0: [0, 0, 0], 1: [1, 1, 0], 2: [1, 0, 0], 4: [1, 1, 1] }
    for (const [voxel, value] of original.segmentation.entries()) {
      expect([...item.label.subarray(3 * voxel, 3 * voxel + 3)]).toEqual(regions[value])
    }
  })

  test('is normalised to mean 0 and deviation 1 over non-zero voxels, with zeros kept', () => {
    for (const { image } of readFirst(dataSet())()) {
      for (let channel = 0; channel < 4; channel++) {
        const values = [...image].filter((_, i) => i % 4 === channel)
        expect(values.slice(0, 8)).toEqual(new Array(8).fill(0))
        const inside = values.slice(8)
        const mean = inside.reduce((sum, v) => sum + v, 0) / inside.length
        const variance = inside.reduce((sum, v) => sum + (v - mean) ** 2, 0) / inside.length
        expect(mean).toBeCloseTo(0, 5)
        expect(variance).toBeCloseTo(1, 5)
      }
    }
  })

  test('may hold plain .nii files', () => {
    const root = dataSet()
    rmSync(join(root, 'LGG', 'C', 'C_t2.nii.gz'))
    writeNifti(join(root, 'LGG', 'C', 'C_t2.nii'), { shape, affine, data: volumes(3).modalities.t2 })
    expect(readFirst(root)()).toHaveLength(3)
  })

  test('a constant channel becomes zeros, not NaN', () => {
    const root = dataSet()
    writeNifti(join(root, 'LGG', 'C', 'C_t1.nii.gz'), { shape, affine, data: new Float32Array(24).fill(7) })
    expect(readFirst(root)().every(({ image }) => image.every(Number.isFinite))).toBe(true)
  })
})

describe('bad input names its file', () => {
  const bad: [string, RegExp, (root: string) => void][] = [
    [
      'a missing modality',
      /C_t1ce\.nii\.gz\] expected a file that can be read, got nothing there/,
      (root) => rmSync(join(root, 'LGG', 'C', 'C_t1ce.nii.gz')),
    ],
    [
      'a truncated file',
      /C_t1\.nii\.gz\] expected a whole gzip stream/,
      (root) => truncateSync(join(root, 'LGG', 'C', 'C_t1.nii.gz'), 60),
    ],
    [
      'a file that is not gzip',
      /C_t2\.nii\.gz\] expected gzip/,
      (root) => writeFileSync(join(root, 'LGG', 'C', 'C_t2.nii.gz'), 'hello'),
    ],
    [
      'another shape',
      /C_t2\.nii\.gz\] expected dim 3×2×4 as in .*C_flair\.nii\.gz, got 3×4×2/,
      (root) =>
        writeNifti(join(root, 'LGG', 'C', 'C_t2.nii.gz'), { shape: [3, 4, 2], affine, data: new Int16Array(24) }),
    ],
    [
      'another affine',
      /C_seg\.nii\.gz\] expected the affine of .*C_flair\.nii\.gz, got one that differs by 1 mm/,
      (root) => {
        const shifted = affine.map((value, i) => (i === 7 ? value + 1 : value))
        writeNifti(join(root, 'LGG', 'C', 'C_seg.nii.gz'), { shape, affine: shifted, data: new Uint8Array(24) })
      },
    ],
    [
      'several values per voxel',
      /C_t1\.nii\.gz\] expected one value per voxel, got 2/,
      (root) =>
        writeNifti(join(root, 'LGG', 'C', 'C_t1.nii.gz'), { shape, channels: 2, affine, data: new Uint8Array(48) }),
    ],
    [
      'a label value of 3',
      /C_seg\.nii\.gz\] expected label values 0, 1, 2 and 4, got 3/,
      (root) => writeNifti(join(root, 'LGG', 'C', 'C_seg.nii.gz'), { shape, affine, data: new Uint8Array(24).fill(3) }),
    ],
    [
      'a label value between two',
      /C_seg\.nii\.gz\] expected label values 0, 1, 2 and 4, got 0\.5/,
      (root) =>
        writeNifti(join(root, 'LGG', 'C', 'C_seg.nii.gz'), { shape, affine, data: new Float32Array(24).fill(0.5) }),
    ],
    ['no such folder', /none\] expected a folder of cases, got nothing there/, () => undefined],
  ]

  test.each(bad)('%s', (what, message, spoil) => {
    const root = dataSet()
    spoil(root)
    const read = readFirst(what === 'no such folder' ? join(root, 'none') : root)
    expect(read).toThrow(DataError)
    expect(read).toThrow(message)
  })

  test('a folder without HGG or LGG says what was found', () => {
    const root = temporaryFolder()
    expect(() => listBrats(root)).toThrow(/expected cases in HGG\/<case>\/ or LGG\/<case>\/.* got no folders/)
    mkdirSync(join(root, 'images'))
    expect(() => listBrats(root)).toThrow(/got folders images/)
  })

  test('volumes that do not fit their shape are not written', () => {
    const root = temporaryFolder()
    const write = () => writeBratsCase(root, { id: 'D', group: 'HGG' }, { ...volumes(1), shape: [3, 2, 5] })
    expect(write).toThrow(ShapeError)
    expect(filesIn(root)).toEqual([])
  })
})

describe('the order that folds are cut from', () => {
  const cohort = { recipe: 'test', version: 1, seed: 0, grid: [3, 2, 4], subjects: { HGG: 2, LGG: 1 }, truth: {} }
  const write = (root: string, order: string[]): void => writeCohort(root, { ...cohort, grid: [3, 2, 4], order })

  test('is that of cohort.json where there is one', () => {
    const root = dataSet()
    expect(readCohort(root)).toBeUndefined()
    write(root, ['C', 'B', 'A'])
    expect(orderBrats(root, 5).map(({ id }) => id)).toEqual(['C', 'B', 'A'])
  })

  test('is a permutation by the seed where there is none', () => {
    const root = dataSet()
    const orders = Array.from({ length: 20 }, (_, seed) => orderBrats(root, seed).map(({ id }) => id))
    for (const order of orders) expect([...order].sort()).toEqual(['A', 'B', 'C'])
    expect(new Set(orders.map(String)).size).toBeGreaterThan(3)
    expect(orderBrats(root, 4).map(({ id }) => id)).toEqual(orders[4])
  })

  test('and the folders must name the same cases', () => {
    const root = dataSet()
    write(root, ['C', 'B', 'A', 'Z'])
    expect(() => orderBrats(root, 0)).toThrow(/cohort\.json\] expected a folder for every case .* none for Z/)
    write(root, ['C', 'B', 'B'])
    expect(() => orderBrats(root, 0)).toThrow(/none for B/)
    write(root, ['C', 'B'])
    expect(() => orderBrats(root, 0)).toThrow(/A is not there/)
    writeFileSync(join(root, 'cohort.json'), '{ "recipe": 1 }')
    expect(() => orderBrats(root, 0)).toThrow(/cohort\.json\] expected valid content in field recipe/)
  })
})
