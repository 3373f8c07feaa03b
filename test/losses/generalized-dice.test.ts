/** The generalized Dice loss against its formula, its policies for absent classes, and what makes it free of scale. */
import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { ConfigError, type Tensor, gradcheck, gradgradcheck, scope, tensor } from '../../src/index.js'
import { type GeneralizedDiceOptions, Partition, diceLoss, generalizedDiceLoss } from '../../src/losses/index.js'
import { type Problem, distance, namedProblems, problems, tensorsOf } from './problem.js'

const kinds = ['square', 'simple', 'uniform'] as const
const policies = ['max', 'zero', 0.3] as const
const exponent = { square: 2, simple: 1, uniform: 0 }

/** Per subset and class, I, Y, P; then the ratio, in the unit of 1/Y² throughout. */
function naive(problem: Problem, kind: (typeof kinds)[number], absent: (typeof policies)[number]): number {
  const channels = problem.shape.at(-1) ?? 1
  const subsets = new Map<number, Map<number, { i: number; y: number; p: number }>>()
  problem.subsetOf.forEach((subset, at) => {
    if (subset < 0) return
    const classes = subsets.get(subset) ?? new Map<number, { i: number; y: number; p: number }>()
    subsets.set(subset, classes)
    const sums = classes.get(at % channels) ?? { i: 0, y: 0, p: 0 }
    const [y, p] = [problem.target[at] ?? 0, problem.prediction[at] ?? 0]
    classes.set(at % channels, { i: sums.i + y * p, y: sums.y + y, p: sums.p + p })
  })
  const losses = [...subsets.values()].map((classes) => {
    const all = [...classes.values()]
    const present = all.filter(({ y }) => y > 0).map(({ y }) => y ** -exponent[kind])
    const forAbsent = kind === 'uniform' ? 1 : absent === 'zero' ? 0 : absent === 'max' ? Math.max(...present) : absent
    const weights = all.map(({ y }) => {
      if (y > 0) return y ** -exponent[kind]
      return forAbsent === -Infinity ? 1 : forAbsent
    })
    const taking = weights.filter((w) => w > 0)
    if (taking.length === 0) return 0
    const epsilon = (problem.epsilon * taking.reduce((a, b) => a + b, 0)) / taking.length
    const total = (f: (sums: { i: number; y: number; p: number }) => number): number =>
      all.reduce((sum, each, k) => sum + (weights[k] ?? 0) * f(each), 0)
    return 1 - (2 * total(({ i }) => i) + epsilon) / (total(({ y, p }) => y + p) + epsilon)
  })
  return losses.length === 0 ? 0 : losses.reduce((a, b) => a + b, 0) / losses.length
}

describe.each(kinds)('with weights %s', (weights) => {
  describe.each(policies)('and absent classes %s', (absentClass) => {
    test.prop([problems], { numRuns: 50 })('is its formula', (problem) => {
      scope(() => {
        const { p, y } = tensorsOf(problem)
        const options = { phi: problem.phi, epsilon: problem.epsilon, weights, absentClass }
        expect(generalizedDiceLoss(p, y, options).item()).toBeCloseTo(naive(problem, weights, absentClass), 12)
      })
    })

    test.prop([problems, fc.boolean()], { numRuns: 6 })('has right first and second derivatives', (problem, isNone) => {
      scope(() => {
        const { p, y } = tensorsOf(problem)
        const options: GeneralizedDiceOptions = {
          phi: problem.phi,
          epsilon: Math.max(0.5, problem.epsilon),
          weights,
          absentClass,
          reduction: isNone ? 'none' : 'mean',
        }
        const f = (x: Tensor): Tensor => generalizedDiceLoss(x, y, options)
        gradcheck(f, [p])
        gradgradcheck(f, [p])
        // The weights follow the target; away from Y = 0.
        const soft = y.mul(0.6).add(0.2)
        gradcheck((x, t) => generalizedDiceLoss(x, t, options), [p, soft])
        gradgradcheck((x, t) => generalizedDiceLoss(x, t, options), [p, soft], { tolerance: 1e-5 })
      })
    })
  })
})

test('a class that is absent under max follows the smallest object, in value and in the target derivative', () => {
  scope(() => {
    const shape = [1, 3, 3]
    const p = tensor(Float64Array.of(0.6, 0.2, 0.2, 0.3, 0.5, 0.2, 0.7, 0.1, 0.2), { shape })
    const y = tensor(Float64Array.of(1, 0, 0, 0.2, 0.8, 0, 1, 0, 0), { shape })
    // Class 2 is absent; its elements of y are left alone, so that the weight it borrows is differentiated.
    const f = (t: Tensor): Tensor => {
      const kept = t.slice([null, null, [0, 2]])
      return generalizedDiceLoss(
        p,
        kept.pad([
          [0, 0],
          [0, 0],
          [0, 1],
        ]),
        { phi: 'CI', epsilon: 0.7 },
      )
    }
    gradcheck(f, [y])
    gradgradcheck(f, [y])
  })
})

test.prop([namedProblems], { numRuns: 50 })('under I and BI it is the Dice loss', (problem) => {
  scope(() => {
    const { p, y } = tensorsOf(problem)
    for (const phi of ['I', 'BI'] as const) {
      const options = { phi, epsilon: problem.epsilon }
      expect(generalizedDiceLoss(p, y, options).item()).toBeCloseTo(diceLoss(p, y, options).item(), 12)
    }
  })
})

test.prop([namedProblems, fc.integer({ min: 2, max: 4 })], { numRuns: 50 })(
  'k-fold replication of the voxels with k·ε changes nothing',
  (problem, k) => {
    scope(() => {
      const { p, y } = tensorsOf(problem)
      const options = { phi: 'CI', epsilon: problem.epsilon } as const
      const [many, labels] = [p, y].map((x) => x.repeat(k, 1)) as [Tensor, Tensor]
      const replicated = generalizedDiceLoss(many, labels, { ...options, epsilon: k * problem.epsilon })
      expect(replicated.item()).toBeCloseTo(generalizedDiceLoss(p, y, options).item(), 12)
    })
  },
)

/** With ε beside the weighted sums this loss falls from 0.995 at 16³ to 0.753 at 64³ and 0.276 at 128³ (MONAI 1.5.0, ε = 1e-5). */
test('a totally wrong prediction has a loss of 1 whatever the volume', () => {
  scope(() => {
    for (const edge of [16, 64]) {
      const voxels = edge ** 3
      const labels = Float32Array.from({ length: 2 * voxels }, (_, i) => ((i >> 1) % 2 === i % 2 ? 1 : 0))
      const y = tensor(labels, { shape: [1, voxels, 2] })
      const p = tensor(
        labels.map((x) => 1 - x),
        { shape: [1, voxels, 2] },
      )
      expect(generalizedDiceLoss(p, y, { phi: 'CI', epsilon: 1e-5 }).item()).toBeGreaterThan(0.9999)
    }
  })
})

test('false positives of an absent class cost under max and nothing under zero', () => {
  scope(() => {
    const shape = [1, 2, 2]
    const y = tensor(Float64Array.of(1, 0, 1, 0), { shape })
    const at = (level: number, absentClass: 'max' | 'zero'): number => {
      const p = tensor(Float64Array.of(1, level, 1, level), { shape })
      return generalizedDiceLoss(p, y, { phi: 'CI', epsilon: 0, absentClass }).item()
    }
    expect(at(0.5, 'zero')).toBe(0)
    // w = ¼ for both: 1 − 2·2/(4 + 1).
    expect(at(0.5, 'max')).toBeCloseTo(0.2, 14)
  })
})

test('where every class is absent, max is the Dice loss of the empty subset and zero counts it as perfect', () => {
  scope(() => {
    const shape = [1, 2, 2]
    const y = tensor(new Float64Array(4), { shape })
    const p = tensor(Float64Array.of(0.5, 0.5, 0.5, 0.5), { shape })
    expect(generalizedDiceLoss(p, y, { phi: 'CI', epsilon: 1 }).item()).toBeCloseTo(2 / 3, 14)
    expect(generalizedDiceLoss(p, y, { phi: 'CI', epsilon: 1, absentClass: 'zero' }).item()).toBe(0)
  })
})

test('class weights are further factors, Φ may be a label map, and the background may be ignored', () => {
  scope(() => {
    const shape = [2, 2, 3]
    const p = tensor(
      Float64Array.from({ length: 12 }, (_, i) => ((i * 5) % 12) / 12),
      { shape },
    )
    const y = tensor(
      Float64Array.from({ length: 12 }, (_, i) => (i % 3 === (i >> 2) % 3 ? 1 : 0)),
      { shape },
    )
    const options = { epsilon: 0.5, weights: 'simple' } as const
    const images = Partition.labels(Int32Array.of(0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1), { shape })
    const each = (phi: 'CI' | Partition, more: object = {}): ArrayLike<number> =>
      generalizedDiceLoss(p, y, { ...options, phi, reduction: 'none', ...more }).data()
    expect(distance(each(images), each('CI'))).toBeLessThan(1e-14)
    expect(distance(each('CI', { classWeights: [1, 1, 1] }), each('CI'))).toBe(0)
    expect(
      distance(each('CI', { classWeights: [0, 1, 1], epsilon: 0 }), each('CI', { ignoreBackground: true, epsilon: 0 })),
    ).toBeLessThan(1e-14)
    const leaf = p.detach().requireGrad()
    const cotangent = tensor(Float64Array.of(0, 1))
    generalizedDiceLoss(leaf, y, { ...options, phi: 'CI', reduction: 'none' }).backward({ cotangent })
    expect(Array.from(leaf.grad?.data() ?? []).slice(0, 6)).toEqual([0, 0, 0, 0, 0, 0])
    expect(
      leaf.grad
        ?.data()
        .slice(6)
        .every((g) => g !== 0),
    ).toBe(true)
    leaf.dispose()
  })
})

test('weights and absent classes that are none are refused', () => {
  scope(() => {
    const x = tensor(new Float64Array(4), { shape: [1, 2, 2] })
    const of = (options: object): GeneralizedDiceOptions => ({ phi: 'CI', epsilon: 1, ...options })
    expect(() => generalizedDiceLoss(x, x, of({ weights: 'cubic' }))).toThrow(ConfigError)
    expect(() => generalizedDiceLoss(x, x, of({ absentClass: -1 }))).toThrow(/absentClass/)
    expect(() => generalizedDiceLoss(x, x, of({ w_type: 'square' }))).toThrow(/w_type/)
  })
})
