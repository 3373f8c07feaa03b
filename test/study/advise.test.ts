import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import type { Survey, SurveyedMap } from '../../src/data/survey.js'
import { gradientReport } from '../../src/losses/index.js'
import { renderAdvice } from '../../src/study/advice.js'
import { adviseOn } from '../../src/study/advise.js'
import { tensor } from '../../src/tensor/create.js'

/** One class; a volume of null is a missing map. */
function surveyOf(volumes: readonly (number | null)[], group = ''): Survey {
  const maps = volumes.map((voxels, i): SurveyedMap => {
    const state = voxels === null ? 'missing' : voxels > 0 ? 'labelled' : 'empty'
    return { case: String(i), group, class: 'tumour', state, voxels: voxels ?? 0, ml: (voxels ?? 0) / 2 }
  })
  return { folder: 'data', layout: 'labels', cases: volumes.length, classes: ['tumour'], maps, tellsMissing: true }
}

const volumes = fc
  .array(fc.option(fc.integer({ min: 0, max: 100_000 }), { freq: 4 }), { maxLength: 20 })
  .map((list) => [...list, 500])

describe('adviseOn', () => {
  test.prop([volumes])('the heuristic ε is q·v, and the smaller root of Eq. 5 at half overlap', (list) => {
    const [one] = adviseOn(surveyOf(list)).classes
    const { heuristicEpsilon = null, nonEmptyFraction = null, voxels = null, exactEpsilon } = one ?? {}
    expect(heuristicEpsilon).toBeCloseTo((nonEmptyFraction ?? NaN) * (voxels ?? NaN), 6)
    if (exactEpsilon?.solvable !== true) throw new Error('a = ½, b = 2 is always solvable')
    expect(exactEpsilon.epsilons[0] / (heuristicEpsilon ?? NaN)).toBeCloseTo(1, 6)
  })

  test.prop([volumes])('missing maps do not enter the numbers', (list) => {
    const [all] = adviseOn(surveyOf(list)).classes
    const [known] = adviseOn(surveyOf(list.filter((volume) => volume !== null))).classes
    expect({ ...all, missing: 0 }).toEqual(known)
  })

  test.prop([volumes])('with the ε for ignoring, one predicted voxel makes an empty map negligible', (list) => {
    const { ignoreMissing, classes } = adviseOn(surveyOf(list))
    const v = classes[0]?.voxels ?? NaN
    expect((4 * ignoreMissing.epsilon * v) / 1).toBeLessThanOrEqual(0.01)
    expect(classes[0]?.negligibleAbove).toBeLessThanOrEqual(1)
    expect(ignoreMissing.epsilon).toBeLessThanOrEqual(1e-7)
  })

  test('what it promises of ε is what the derivative does', () => {
    // A labelled map of 40 voxels, half overlapped, and an empty one with 40 predicted.
    const y = tensor(Uint8Array.from({ length: 200 }, (_, i) => (i < 40 ? 1 : 0)), { shape: [2, 100, 1] }) // prettier-ignore
    const p = tensor(
      Float64Array.from({ length: 200 }, (_, i) => ((i >= 20 && i < 60) || (i >= 100 && i < 140) ? 1 : 0)),
      { shape: [2, 100, 1] },
    )
    const advice = adviseOn(surveyOf([40, 0]))
    const [one] = advice.classes
    const at = (epsilon: number) => gradientReport({ phi: 'I', epsilon }, p, y).subsets
    const [plain, learned, ignored] = [1e-12, advice.learnEmpty.imageWise.epsilon[0] ?? NaN, advice.ignoreMissing.epsilon].map(at) // prettier-ignore
    expect((learned?.[1]?.g0 ?? NaN) / (plain?.[0]?.g0 ?? NaN)).toBeCloseTo(one?.emptyStrength ?? NaN, 6)
    expect((learned?.[0]?.g1 ?? NaN) / (plain?.[0]?.g1 ?? NaN)).toBeCloseTo(one?.foregroundLeft ?? NaN, 6)
    expect((ignored?.[1]?.g0 ?? NaN) / (plain?.[0]?.g0 ?? NaN)).toBeLessThan(0.01)
    ;[p, y].forEach((each) => each.dispose())
  })

  test('P20d: at ε = v the empty map has all of a typical derivative, and the foreground keeps 16/27', () => {
    const [one] = adviseOn(surveyOf([300, 500])).classes
    expect(one?.emptyStrength).toBeCloseTo(1, 12)
    expect(one?.foregroundLeft).toBeCloseTo(16 / 27, 12)
  })

  test('the chance that a batch holds a label follows from the share of labelled maps', () => {
    const { chances } = adviseOn(surveyOf([100, 0, 0, 0])).learnEmpty.batchWise
    expect(chances).toEqual([2, 4, 8].map((batch) => ({ batch, chance: 1 - 0.75 ** batch })))
  })

  test('a class that nobody labelled has an ε above 0 all the same', () => {
    const one = surveyOf([200, 100])
    const never = one.maps.map((map): SurveyedMap => ({ ...map, class: 'cyst', state: 'empty', voxels: 0, ml: 0 }))
    const advice = adviseOn({ ...one, classes: ['tumour', 'cyst'], maps: [...one.maps, ...never] })
    expect(advice.learnEmpty.imageWise.epsilon).toEqual([150, 150])
    expect(renderAdvice(advice)).toContain('No label at all for cyst')
  })

  test('without any label there is nothing to advise', () => {
    expect(() => adviseOn(surveyOf([0, null]))).toThrow(/\[data\] expected at least one map with a label, got none/)
  })
})

describe('renderAdvice', () => {
  test('names the groups in which maps are empty or missing, and both choices with their numbers', () => {
    const [a, b] = [surveyOf([100, 300], 'HGG'), surveyOf([0, null], 'LGG')]
    const text = renderAdvice(adviseOn({ ...a, cases: 4, maps: [...a.maps, ...b.maps] }))
    expect(text).toContain('LGG, tumour: 1 empty, 1 missing of 2')
    expect(text).not.toContain('HGG, tumour')
    expect(text).toContain('1 map missing: nobody annotated them.')
    expect(text).toContain("diceLoss(p, y, { phi: 'I', epsilon: 1e-7 })")
    // (100 + 300 + 0)/3
    expect(text).toContain("diceLoss(p, y, { phi: 'I', epsilon: 133.3 })")
    expect(text).toContain('B = 2: 89 %')
  })

  test('says so where files cannot tell empty from missing, and where nothing is either', () => {
    const untold = { ...surveyOf([100, 0]), tellsMissing: false }
    expect(renderAdvice(adviseOn(untold))).toContain('1 map of zeros. The files cannot say')
    expect(renderAdvice(adviseOn(surveyOf([100, 50])))).toContain('Every map has a label')
  })
})
