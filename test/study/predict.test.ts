import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Tensor, mul } from '../../src/index.js'
import type { Case } from '../../src/data/case.js'
import { readNifti } from '../../src/data/nifti.js'
import { measureCase, predictCase, writePrediction } from '../../src/study/predict.js'
import { temporaryFolder } from './tiny.js'

const affine = Float64Array.of(-8, 0, 0, 76, 0, 8, 0, -76, 0, 0, 8, -44, 0, 0, 0, 1)

/** Eight voxels in a row; `label` is of one class. */
function caseOf(image: readonly number[], label: readonly number[]): Case {
  return {
    ...{ id: 'case_1', group: 'LGG', shape: [2, 2, 2], channels: 1, classes: 1, affine, spacing: [8, 8, 8] },
    image: Float32Array.from(image),
    label: Uint8Array.from(label),
    annotated: [true],
    voxelVolumeMl: 0.512,
  }
}

const labelled = caseOf([0, 0.2, 0.5, 0.6, 1, 0, 0.4, 0.7], [0, 0, 1, 1, 1, 1, 0, 0])
const identity = { call: (x: Tensor) => mul(x, 1) }

describe('a prediction', () => {
  test('is 1 where the probability is above one half', () => {
    expect([...predictCase(identity, labelled)]).toEqual([0, 0, 0, 1, 1, 0, 0, 1])
  })

  test('shows the network the whole volume as one image', () => {
    let shape: readonly number[] = []
    const spy = { call: (x: Tensor) => ((shape = x.shape), mul(x, 1)) }
    predictCase(spy, labelled)
    expect(shape).toEqual([1, 2, 2, 2, 1])
  })

  test("is written as uint8 on the case's own grid", () => {
    const path = join(temporaryFolder(), 'case_1.nii.gz')
    writePrediction(path, labelled, Uint8Array.of(0, 0, 0, 1, 1, 0, 0, 1))
    const volume = readNifti(path)
    expect(volume.data).toEqual(Uint8Array.of(0, 0, 0, 1, 1, 0, 0, 1))
    expect(volume.shape).toEqual([2, 2, 2])
    expect([...volume.affine]).toEqual([...affine])
  })
})

describe('the metrics of a case', () => {
  test('are DSC 2·2/(4 + 3) and volumes of 0.512 ml a voxel', () => {
    expect(measureCase(labelled, predictCase(identity, labelled))).toEqual({
      id: 'case_1',
      group: 'LGG',
      dsc: 4 / 7,
      deltaVolumeMl: expect.closeTo(-0.512, 12) as number,
      predictedVolumeMl: expect.closeTo(1.536, 12) as number,
      referenceVolumeMl: expect.closeTo(2.048, 12) as number,
    })
  })

  test('have DSC 0 for an empty prediction, and none where both maps are empty', () => {
    expect(measureCase(labelled, new Uint8Array(8)).dsc).toBe(0)
    expect(measureCase(caseOf([], [0, 0, 0, 0, 0, 0, 0, 0]), new Uint8Array(8)).dsc).toBeNull()
  })
})
