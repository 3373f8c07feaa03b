import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { grad, scope, tensor, type Tensor } from '../../src/index.js'
import {
  diceLoss,
  gradientReport,
  jaccardLoss,
  type OverlapOptions,
  renderGradientReport,
} from '../../src/losses/index.js'
import { distance, labelProblems, naiveSubsets, namedProblems, type Problem, problems, tensorsOf } from './problem.js'

const optionsOf = ({ phi, epsilon }: Problem): OverlapOptions => ({ phi, epsilon })

/** Σ|g| */
function sizeOfAll(values: ArrayLike<number>): number {
  return Array.from(values).reduce((total, value) => total + Math.abs(value), 0)
}

const derivative = (p: Tensor, y: Tensor, options: OverlapOptions): Tensor =>
  scope(() => grad((q: Tensor) => diceLoss(q, y, options))(p))

/** Two images of 4 voxels and 2 classes; class 1 of image 1 is empty. */
const TARGET = Uint8Array.of(1, 0, 1, 1, 0, 1, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0)
const PREDICTION = Float64Array.of(0.9, 0.2, 0.7, 0.8, 0.3, 0.6, 0.1, 0.1, 0.2, 0.5, 0.8, 0.25, 0.9, 0.125, 0.1, 0.125)
const SHAPE = [2, 4, 2]

function batch(): { p: Tensor; y: Tensor } {
  return { p: tensor(PREDICTION, { shape: SHAPE }), y: tensor(TARGET, { shape: SHAPE }) }
}

describe('gradientReport', () => {
  test.prop([problems])('has the sums of each subset and the two values of Eq. 4', (problem) => {
    const { p, y } = tensorsOf(problem)
    const report = gradientReport(optionsOf(problem), p, y)
    const naive = naiveSubsets(problem)
    expect(report.size).toBe(naive.length)
    for (const [i, { intersection, target, prediction, score, denominator }] of naive.entries()) {
      const subset = report.subsets[i]
      if (subset === undefined) throw new Error('a subset is not reported')
      const N = naive.length
      const wanted = [intersection, target, prediction, score, denominator, score / (N * denominator), (score - 2) / (N * denominator)] // prettier-ignore
      const found = [subset.I, subset.Y, subset.P, subset.s ?? NaN, subset.D, subset.g0, subset.g1]
      expect(distance(found, wanted, 1e-12)).toBeLessThan(1e-9)
      expect(subset.ratio).toBeCloseTo(-(2 - score) / score, 6)
    }
    ;[p, y].forEach((each) => each.dispose())
  })

  test.prop([problems])("g0 and g1 are the values of autodiff's derivative where y is 0 and 1", (problem) => {
    const { p, y } = tensorsOf(problem)
    const { subsets, mass } = gradientReport(optionsOf(problem), p, y)
    const measured = derivative(p, y, optionsOf(problem))
    const values = measured.data()
    // The derivative is affine in y, so that soft targets lie between the two.
    const wanted = problem.target.map((target, i) => {
      const subset = subsets[problem.subsetOf[i] ?? -1]
      return subset === undefined ? 0 : subset.g0 + target * (subset.g1 - subset.g0)
    })
    expect(distance(values, wanted, 1e-9)).toBeLessThan(1e-9)
    expect(mass).toBeCloseTo(sizeOfAll(values), 9)
    ;[p, y, measured].forEach((each) => each.dispose())
  })

  test.prop([problems])('shares of the mass sum to 1 over subsets, maps, images and classes', (problem) => {
    const { p, y } = tensorsOf(problem)
    const report = gradientReport(optionsOf(problem), p, y)
    const total = report.mass === 0 ? 0 : 1
    const sum = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0)
    expect(sum(report.subsets.map(({ share }) => share))).toBeCloseTo(total, 9)
    expect(sum(report.maps.map(({ share }) => share))).toBeCloseTo(total, 9)
    expect(sum(report.imageShares)).toBeCloseTo(total, 9)
    expect(sum(report.classShares)).toBeCloseTo(total, 9)
    ;[p, y].forEach((each) => each.dispose())
  })

  test.prop([namedProblems])('a subset is empty exactly where its label sums to 0', (problem) => {
    const { p, y } = tensorsOf(problem)
    const report = gradientReport(optionsOf(problem), p, y)
    for (const [i, { target }] of naiveSubsets(problem).entries()) {
      expect(report.subsets[i]?.state).toBe(target === 0 ? 'empty' : 'labelled')
    }
    const empty = report.maps.filter(({ state }) => state === 'empty')
    expect(report.empty).toMatchObject({ maps: empty.length, annotated: report.maps.length })
    expect(report.empty.inEmptySubsets).toBe(empty.filter(({ sharesSubset }) => !sharesSubset).length)
    if (problem.phi === 'I') expect(empty.every(({ sharesSubset }) => !sharesSubset)).toBe(true)
    ;[p, y].forEach((each) => each.dispose())
  })

  test.prop([namedProblems, fc.nat()])(
    'a missing map has no derivative and leaves the others alone',
    (problem, seed) => {
      const { p, y } = tensorsOf(problem)
      const [B = 1, C = 1] = [problem.shape[0], problem.shape.at(-1)]
      const flags = Uint8Array.from({ length: B * C }, (_, i) => ((seed >> (i % 8)) % 2 === 0 ? 1 : 0))
      const present = tensor(flags, { shape: [B, C], dtype: 'bool' })
      const options = { ...optionsOf(problem), present }
      const report = gradientReport(options, p, y)
      for (const [i, map] of report.maps.entries()) {
        expect(map.state === 'missing').toBe(flags[i] === 0)
        if (map.state === 'missing') expect(map.share).toBe(0)
      }
      const measured = derivative(p, y, options)
      expect(report.mass).toBeCloseTo(sizeOfAll(measured.data()), 9)
      ;[p, y, present, measured].forEach((each) => each.dispose())
    },
  )

  test.prop([labelProblems])('another loss is reported by its measured derivative', (problem) => {
    const { p, y } = tensorsOf(problem)
    const options = optionsOf(problem)
    const report = gradientReport({ ...options, loss: jaccardLoss }, p, y)
    const measured = scope(() => grad((q: Tensor) => jaccardLoss(q, y, options))(p))
    const g = measured.data()
    expect(report.values).toBe('means')
    expect(report.mass).toBeCloseTo(sizeOfAll(g), 9)
    for (const [s, { elements }] of naiveSubsets(problem).entries()) {
      const weight = elements.reduce((sum, i) => sum + (problem.target[i] ?? 0), 0)
      const sum = elements.reduce((total, i) => total + (problem.target[i] ?? 0) * (g[i] ?? 0), 0)
      expect(report.subsets[s]?.g1).toBeCloseTo(weight === 0 ? 0 : sum / weight, 9)
    }
    ;[p, y, measured].forEach((each) => each.dispose())
  })

  test('an empty map is negligible image-wise with a small ε, and as strong as any other batch-wise', () => {
    const { p, y } = batch()
    const image = gradientReport({ phi: 'I', epsilon: 1e-7 }, p, y)
    expect(image.subsets[3]).toMatchObject({ state: 'empty', image: 1, class: 1, Y: 0, P: 1 })
    // P6: ε/(N (v + ε)²) with N = 4 and v = 1.
    expect(image.subsets[3]?.g0).toBeCloseTo(1e-7 / 4, 14)
    expect(image.empty).toMatchObject({ maps: 1, inEmptySubsets: 1, verdict: 'negligible' })
    // 20 √(ε v_fg) with v_fg = 2, the labelled volume of class 1.
    expect(image.subsets[3]?.negligibleAbove).toBeCloseTo(20 * Math.sqrt(2e-7), 12)

    const whole = gradientReport({ phi: 'BI', epsilon: 1e-7 }, p, y)
    expect(whole.subsets.map(({ state }) => state)).toEqual(['labelled', 'labelled'])
    expect(whole.empty).toMatchObject({ maps: 1, inEmptySubsets: 0, verdict: 'strong' })
    ;[p, y].forEach((each) => each.dispose())
  })

  test('ε of the size of the predicted volume makes an empty map felt, and dropping it makes it 0', () => {
    const { p, y } = batch()
    const felt = gradientReport({ phi: 'I', epsilon: 1 }, p, y)
    expect(felt.subsets[3]?.g0).toBeCloseTo(1 / 16, 14) // P6: 1/(4 N v), the largest there is
    expect(felt.empty.verdict).toBe('strong')
    const dropped = gradientReport({ phi: 'I', epsilon: 1, emptySubsets: 'drop' }, p, y)
    expect(dropped).toMatchObject({ size: 3, empty: { verdict: 'zero', share: 0 } })
    expect(dropped.subsets[3]).toMatchObject({ state: 'empty', counted: false, g0: 0 })
    ;[p, y].forEach((each) => each.dispose())
  })

  test('from logits g0 and g1 stay those of Eq. 4 while the mass is that of the logits', () => {
    const { p, y } = batch()
    const logits = tensor(
      PREDICTION.map((q) => Math.log(q / (1 - q))),
      { shape: SHAPE },
    )
    const plain = gradientReport({ phi: 'I', epsilon: 1 }, p, y)
    const fused = gradientReport({ phi: 'I', epsilon: 1, fromLogits: 'sigmoid' }, logits, y)
    expect(fused.variable).toBe('logits')
    for (const [i, { g0, g1 }] of plain.subsets.entries()) {
      expect(fused.subsets[i]?.g0).toBeCloseTo(g0, 9)
      expect(fused.subsets[i]?.g1).toBeCloseTo(g1, 9)
    }
    const wanted = PREDICTION.reduce((sum, q, i) => {
      const subset = plain.subsets[Math.floor(i / 8) * 2 + (i % 2)]
      return sum + Math.abs((TARGET[i] === 1 ? subset?.g1 : subset?.g0) ?? NaN) * q * (1 - q)
    }, 0)
    expect(fused.mass).toBeCloseTo(wanted, 9)
    ;[p, y, logits].forEach((each) => each.dispose())
  })

  test('a masked-out map is neither empty nor missing', () => {
    const { p, y } = batch()
    const mask = tensor(
      TARGET.map((_, i) => (i >= 8 && i % 2 === 1 ? 0 : 1)),
      { shape: SHAPE, dtype: 'bool' },
    )
    const report = gradientReport({ phi: 'I', epsilon: 1, mask }, p, y)
    expect(report.subsets[3]).toMatchObject({ state: 'masked', counted: false, share: 0 })
    expect(report.empty.maps).toBe(0)
    ;[p, y, mask].forEach((each) => each.dispose())
  })

  test('is plain data that survives JSON', () => {
    const { p, y } = batch()
    const report = gradientReport({ phi: 'CI', epsilon: 1, norm: 'L2' }, p, y)
    expect(JSON.parse(JSON.stringify(report))).toEqual(report)
    ;[p, y].forEach((each) => each.dispose())
  })

  test('refuses what diceLoss refuses, under its own name', () => {
    const { p, y } = batch()
    expect(() => gradientReport({ phi: 'I' } as never, p, y)).toThrow(/\[gradientReport\] expected the option epsilon/)
    expect(() => gradientReport({ phi: 'I', epsilon: [1] }, p, y)).toThrow(/\[gradientReport\] expected epsilon: 2/)
    const zeros = tensor(new Float64Array(16), { shape: SHAPE })
    expect(() => gradientReport({ phi: 'I', epsilon: 0 }, zeros, y)).toThrow(
      /\[gradientReport\] expected a denominator/,
    )
    ;[p, y, zeros].forEach((each) => each.dispose())
  })
})

describe('renderGradientReport', () => {
  test('says which maps are empty, how they compare, and what becomes of them', () => {
    const { p, y } = batch()
    const text = renderGradientReport(gradientReport({ phi: 'I', epsilon: 1e-7 }, p, y), {
      images: ['ann', 'bob'],
      classes: ['core', 'oedema'],
    })
    expect(text).toMatch(/^loss \S+ {3}Φ = I, \|Φ\| = 4 {3}L1 {3}g0, g1: Eq\. 4, per voxel\n/)
    expect(text).toMatch(/\nbob, oedema +empty +1e-7 +0 +0 +1 +1\.00e-7 +1 +2\.50e-8 +– +– +<0\.1 %\n/)
    expect(text).toContain('Empty maps: 1 of 4 annotated. It is in a subset without any label.')
    expect(text).toContain('negligible: the network hardly notices')
    ;[p, y].forEach((each) => each.dispose())
  })

  test('counts the rows that it leaves out', () => {
    const { p, y } = batch()
    const text = renderGradientReport(gradientReport({ phi: 'I', epsilon: 1 }, p, y), { rows: 1 })
    expect(text).toContain('and 3 more subsets')
    expect(text).not.toContain('image 1, class 1')
    ;[p, y].forEach((each) => each.dispose())
  })
})
