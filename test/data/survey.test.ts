import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { listBrats, readBratsCase } from '../../src/data/brats.js'
import { labelledVoxels } from '../../src/data/case.js'
import { type VoxelArray, writeNifti } from '../../src/data/nifti.js'
import { type Survey, surveyLabels } from '../../src/data/survey.js'
import { temporaryFolder, tinyCohort, writeJson } from '../study/tiny.js'

/** 8 voxels of 2 mm: 0.008 ml each. */
const affine = Float64Array.of(2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1)

function write(path: string, data: VoxelArray, channels = 1): void {
  writeNifti(path, { shape: [2, 2, 2], channels, data, affine })
}

function labelFolder(): string {
  const folder = temporaryFolder()
  write(join(folder, 'ann.nii.gz'), Uint8Array.of(0, 0, 3, 3, 10, 0, 0, 0))
  write(join(folder, 'bob.nii.gz'), Uint8Array.of(0, 3, 0, 0, 0, 0, 0, 0))
  writeFileSync(join(folder, 'notes.txt'), 'not a volume')
  return folder
}

const states = ({ maps }: Survey) => maps.map((map) => `${map.case} ${map.class} ${map.state} ${map.voxels}`)

describe('surveyLabels', () => {
  test('counts what readBratsCase reads', () => {
    const cohort = tinyCohort(temporaryFolder())
    const survey = surveyLabels(cohort)
    expect(survey).toMatchObject({ layout: 'brats', cases: 12, classes: ['whole', 'core', 'enhancing'] })
    for (const entry of listBrats(cohort)) {
      const item = readBratsCase(entry, { regions: ['whole', 'core', 'enhancing'] })
      for (const [k, name] of survey.classes.entries()) {
        const map = survey.maps.find((one) => one.case === entry.id && one.class === name)
        const voxels = labelledVoxels(item, k)
        expect(map).toMatchObject({ group: entry.group, voxels, state: voxels > 0 ? 'labelled' : 'empty' })
        expect(map?.ml).toBeCloseTo(voxels * item.voxelVolumeMl, 9)
      }
    }
  })

  test('a BraTS case without segmentation is missing, not empty', () => {
    const cohort = tinyCohort(temporaryFolder())
    const [entry] = listBrats(cohort)
    if (entry === undefined) throw new Error('no case')
    rmSync(join(entry.folder, `${entry.id}_seg.nii.gz`))
    const survey = surveyLabels(cohort)
    expect(survey.tellsMissing).toBe(true)
    const own = survey.maps.filter((map) => map.case === entry.id)
    expect(own.map(({ state }) => state)).toEqual(['missing', 'missing', 'missing'])
    expect(survey.maps.filter(({ state }) => state === 'missing')).toHaveLength(3)
  })

  test('label maps: every value that occurs anywhere is a class, in numerical order', () => {
    const survey = surveyLabels(labelFolder())
    expect(survey).toMatchObject({ layout: 'labels', cases: 2, classes: ['label 3', 'label 10'], tellsMissing: false })
    expect(states(survey)).toEqual([
      'ann label 3 labelled 2',
      'ann label 10 labelled 1',
      'bob label 3 labelled 1',
      'bob label 10 empty 0',
    ])
    expect(survey.maps[0]?.ml).toBeCloseTo(0.016, 12)
  })

  test('a list of what was annotated turns maps of zeros, and only its own, into missing ones', () => {
    const folder = labelFolder()
    const annotated = writeJson(join(temporaryFolder(), 'annotated.json'), { bob: [3] })
    const survey = surveyLabels(folder, { annotated })
    expect(survey.tellsMissing).toBe(true)
    expect(states(survey).at(-1)).toBe('bob label 10 missing 0')
    expect(states(survey).slice(0, 3)).toEqual(states(surveyLabels(folder)).slice(0, 3))
  })

  test('channels are classes', () => {
    const folder = temporaryFolder()
    write(join(folder, 'a.nii'), Uint8Array.of(1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), 2)
    expect(states(surveyLabels(folder))).toEqual(['a class 0 labelled 2', 'a class 1 empty 0'])
  })

  test('tells how far it is', () => {
    const seen: string[] = []
    surveyLabels(labelFolder(), { onProgress: (done, total) => seen.push(`${done}/${total}`) })
    expect(seen).toEqual(['0/2', '1/2', '2/2'])
  })

  test('refuses by name what is no data set of labels', () => {
    const empty = temporaryFolder()
    expect(() => surveyLabels(empty)).toThrow(/\] expected HGG\/ and LGG\/ as in BraTS 2018, or NIfTI label maps, got/)
    expect(() => surveyLabels('/nowhere')).toThrow(/\[\/nowhere\] expected a folder of label maps, got nothing there/)
    const folder = labelFolder()
    const list = (content: unknown) => ({ annotated: writeJson(join(empty, 'annotated.json'), content) })
    expect(() => surveyLabels(folder, list({ eve: [3] }))).toThrow(/annotated\.json\] expected a case .*got eve/)
    expect(() => surveyLabels(folder, list({ bob: [5] }))).toThrow(/expected classes of label 3, label 10 .*bob, got 5/)
    expect(() => surveyLabels(folder, list({ bob: 3 }))).toThrow(
      /annotated\.json\] expected valid content in field bob/,
    )
    write(join(folder, 'image.nii'), Float32Array.of(0.5, 0, 0, 0, 0, 0, 0, 0))
    expect(() => surveyLabels(folder)).toThrow(/image\.nii\] expected labels that are integers from 0 on, got 0\.5/)
    write(join(folder, 'image.nii'), new Uint8Array(16), 2)
    expect(() => surveyLabels(folder)).toThrow(/image\.nii\] expected 1 channels as in .*ann\.nii\.gz, got 2/)
    const zeros = temporaryFolder()
    write(join(zeros, 'a.nii'), new Uint8Array(8))
    expect(() => surveyLabels(zeros)).toThrow(/expected label maps with a label, got zeros only/)
  })
})
