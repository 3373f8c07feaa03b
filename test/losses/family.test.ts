/** The overlap losses beside Dice: against their formulas written out naively, their relations, and their derivatives. */
import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { ConfigError, type Tensor, gradcheck, gradgradcheck, scope, tensor, zeros } from '../../src/index.js'
import {
  type OverlapOptions,
  diceGradient,
  diceLoss,
  diceSemimetricLoss,
  finish,
  focalTverskyLoss,
  jaccardLoss,
  leafDiceLoss,
  merge,
  overlapGradient,
  overlapStatistics,
  semimetricFormula,
  diceFormula,
  tverskyLoss,
} from '../../src/losses/index.js'
import { type Problem, distance, naiveSubsets, namedProblems, problems, tensorsOf } from './problem.js'

type Loss = (p: Tensor, y: Tensor, options: OverlapOptions) => Tensor

const tversky: Loss = (p, y, options) => tverskyLoss(p, y, { ...options, alpha: 0.3, beta: 0.9 })
const focal: Loss = (p, y, options) => focalTverskyLoss(p, y, { ...options, alpha: 0.3, beta: 0.9, gamma: 4 / 3 })
const semimetric: Loss = (p, y, options) => diceSemimetricLoss(p, y, options)

const tverskyIndex = (problem: Problem, alpha: number, beta: number): number[] =>
  naiveSubsets(problem).map(({ intersection: i, target: y, prediction: p }) => {
    const half = problem.epsilon / 2
    return (i + half) / (i + alpha * (p - i) + beta * (y - i) + half)
  })

const naive: Record<string, readonly [Loss, (problem: Problem) => number[]]> = {
  jaccard: [jaccardLoss, (problem) => tverskyIndex(problem, 1, 1).map((j) => 1 - j)],
  tversky: [tversky, (problem) => tverskyIndex(problem, 0.3, 0.9).map((t) => 1 - t)],
  'focal Tversky': [focal, (problem) => tverskyIndex(problem, 0.3, 0.9).map((t) => Math.max(0, 1 - t) ** 0.75)],
  leaf: [leafDiceLoss, (problem) => naiveSubsets(problem).map(({ target, score }) => (target === 0 ? 0 : 1 - score))],
  semimetric: [
    semimetric,
    (problem) =>
      naiveSubsets(problem).map(({ elements, denominator }) => {
        const { prediction, target } = problem
        return elements.reduce((sum, i) => sum + Math.abs((prediction[i] ?? 0) - (target[i] ?? 0)), 0) / denominator
      }),
  ],
}

describe.each(Object.entries(naive))('%s', (_, [loss, perSubset]) => {
  test.prop([problems], { numRuns: 60 })('is its formula in every subset, and their mean', (problem) => {
    scope(() => {
      const { p, y } = tensorsOf(problem)
      const options = { phi: problem.phi, epsilon: problem.epsilon }
      const expected = perSubset(problem)
      expect(distance(loss(p, y, { ...options, reduction: 'none' }).data(), expected)).toBeLessThan(1e-12)
      const mean = expected.length === 0 ? 0 : expected.reduce((a, b) => a + b, 0) / expected.length
      expect(loss(p, y, options).item()).toBeCloseTo(mean, 12)
    })
  })

  test.prop([problems, fc.boolean()], { numRuns: 8 })('has right first and second derivatives', (problem, isNone) => {
    scope(() => {
      const { p, y } = tensorsOf(problem)
      const options: OverlapOptions = {
        phi: problem.phi,
        epsilon: Math.max(0.5, problem.epsilon),
        reduction: isNone ? 'none' : 'mean',
      }
      const f = (x: Tensor): Tensor => loss(x, y, options)
      gradcheck(f, [p])
      gradgradcheck(f, [p])
      // Away from Y = 0, where policies jump, and from p = y.
      const soft = p.mul(-0.9).add(0.97)
      gradcheck((t) => loss(p, t, options), [soft])
      gradgradcheck((t) => loss(p, t, options), [soft])
    })
  })

  test.prop([problems, fc.constantFrom('sigmoid' as const, 'softmax' as const)], { numRuns: 20 })(
    'fuses the activation',
    (problem, fromLogits) => {
      scope(() => {
        const { p, y } = tensorsOf(problem)
        const z = p.mul(8).sub(4).detach().requireGrad()
        const apart = z.detach().requireGrad()
        const options = { phi: problem.phi, epsilon: problem.epsilon }
        const fused = loss(z, y, { ...options, fromLogits })
        const other = loss(fromLogits === 'sigmoid' ? apart.sigmoid() : apart.softmax(), y, options)
        expect(fused.item()).toBeCloseTo(other.item(), 12)
        fused.backward()
        other.backward()
        expect(distance(z.grad?.data() ?? [], apart.grad?.data() ?? [], 1e-6)).toBeLessThan(1e-9)
        for (const each of [z, apart]) each.dispose()
      })
    },
  )
})

test.prop([problems])('J = s/(2 − s), and 1 − s ≤ 1 − J ≤ 2 (1 − s), in every subset with the same ε', (problem) => {
  scope(() => {
    const { p, y } = tensorsOf(problem)
    const options = { phi: problem.phi, epsilon: problem.epsilon, reduction: 'none' } as const
    const dice = diceLoss(p, y, options).data()
    jaccardLoss(p, y, options)
      .data()
      .forEach((loss, i) => {
        const d = dice[i] ?? 0
        const s = 1 - d
        expect(1 - loss).toBeCloseTo(s / (2 - s), 13)
        expect(loss).toBeGreaterThanOrEqual(d - 1e-15)
        expect(loss).toBeLessThanOrEqual(2 * d + 1e-15)
      })
  })
})

test.prop([problems, fc.constantFrom('L1' as const, 'L2' as const)])(
  'Tversky with α = β = ½ is Dice and with α = β = 1 Jaccard, at the same ε',
  (problem, norm) => {
    scope(() => {
      const { p, y } = tensorsOf(problem)
      const options = { phi: problem.phi, epsilon: problem.epsilon, norm }
      const of = (weight: number): number => tverskyLoss(p, y, { ...options, alpha: weight, beta: weight }).item()
      expect(of(0.5)).toBeCloseTo(diceLoss(p, y, options).item(), 13)
      expect(of(1)).toBe(jaccardLoss(p, y, options).item())
    })
  },
)

test('Tversky: β > α makes a missed voxel cost more than a false alarm', () => {
  scope(() => {
    const y = tensor([[[1], [1], [0], [0]]], { dtype: 'float64' })
    const missed = tensor([[[1], [0], [0], [0]]], { dtype: 'float64' })
    const alarmed = tensor([[[1], [1], [1], [0]]], { dtype: 'float64' })
    const of = (p: Tensor): number => tverskyLoss(p, y, { phi: 'I', epsilon: 0, alpha: 0.3, beta: 0.7 }).item()
    // 1 − 1/(1 + 0.7) and 1 − 2/(2 + 0.3).
    expect(of(missed)).toBeCloseTo(0.7 / 1.7, 14)
    expect(of(alarmed)).toBeCloseTo(0.3 / 2.3, 14)
  })
})

test.prop([problems], { numRuns: 60 })(
  'on binary labels the semimetric loss and its gradient are those of Dice',
  (problem) => {
    scope(() => {
      // Some predictions equal their labels: there the default subgradient is what makes it Eq. 4.
      const target = problem.target.map((y) => (y > 0.5 ? 1 : 0))
      const prediction = problem.prediction.map((p, i) => (i % 3 === 0 ? (target[i] ?? 0) : p))
      const { p, y } = tensorsOf({ ...problem, prediction, target })
      const options = { phi: problem.phi, epsilon: problem.epsilon }
      expect(diceSemimetricLoss(p, y, options).item()).toBeCloseTo(diceLoss(p, y, options).item(), 13)
      const leaf = p.detach().requireGrad()
      diceSemimetricLoss(leaf, y, options).backward()
      // (s − 1) + sign cancels where s is tiny: to 1e-14 in the unit of the other gradients.
      expect(distance(leaf.grad?.data() ?? [], diceGradient(p, y, options).data())).toBeLessThan(1e-14)
      leaf.dispose()
    })
  },
)

test.prop([problems], { numRuns: 60 })(
  'for soft labels the semimetric is 0 at p = y, and stationary there',
  (problem) => {
    scope(() => {
      const { p } = tensorsOf(problem)
      const leaf = p.detach().requireGrad()
      const options = { phi: problem.phi, epsilon: problem.epsilon }
      const loss = diceSemimetricLoss(leaf, p, options)
      loss.backward()
      expect(loss.item()).toBe(0)
      expect(distance(leaf.grad?.data() ?? [], new Float64Array(p.size))).toBeLessThan(1e-15)
      leaf.dispose()
    })
  },
)

test('subgradient zero leaves binary voxels alone that are right; inward is the default', () => {
  scope(() => {
    const y = tensor([[[1], [0]]], { dtype: 'float64' })
    const of = (subgradient?: 'inward' | 'zero'): number[] => {
      const p = y.detach().requireGrad()
      diceSemimetricLoss(p, y, { phi: 'I', epsilon: 0, ...(subgradient && { subgradient }) }).backward()
      const found = Array.from(p.grad?.data() ?? [])
      p.dispose()
      return found
    }
    expect(of('zero')).toEqual([0, 0])
    // Eq. 4 with s = 1 and D = 2: (1 − 2)/2 and 1/2.
    expect(of()).toEqual([-0.5, 0.5])
    expect(of('inward')).toEqual(of())
  })
})

test.prop([namedProblems], { numRuns: 30 })(
  'the three steps make the semimetric too: merged statistics give its loss and gradient',
  (problem) => {
    scope(() => {
      const { p, y } = tensorsOf(problem)
      const { phi, epsilon, shape } = problem
      const options = { phi: problem.phi, epsilon }
      const cut = (x: Tensor, b: number): Tensor => x.slice([[b, b + 1]])
      const images = Array.from({ length: shape[0] ?? 1 }, (_, b) => b)
      const statistics = images.map((b) => overlapStatistics(cut(p, b), cut(y, b), { phi, subgradient: 'inward' }))
      const whole = statistics.reduce((a, b) => merge(a, b))
      const { loss, gradient } = finish(whole, { epsilon }, semimetricFormula(diceFormula('L1')))
      expect(loss).toBeCloseTo(diceSemimetricLoss(p, y, options).item(), 13)
      const step = whole.separatesImages ? (statistics[0]?.counts.length ?? 0) : 0
      const g = images.flatMap((b) =>
        Array.from(overlapGradient(cut(p, b), cut(y, b), gradient, { phi, subgradient: 'inward' }, b * step).data()),
      )
      const leaf = p.detach().requireGrad()
      diceSemimetricLoss(leaf, y, options).backward()
      expect(distance(leaf.grad?.data() ?? [], g, 1e-9)).toBeLessThan(1e-10)
      leaf.dispose()
    })
  },
)

test('the focal Tversky gradient stays finite at a perfect prediction', () => {
  scope(() => {
    const y = tensor([[[1], [0]]], { dtype: 'float64' })
    const p = y.detach().requireGrad()
    const loss = focalTverskyLoss(p, y, { phi: 'I', epsilon: 1, alpha: 0.5, beta: 0.5, gamma: 3 })
    loss.backward()
    expect(loss.item()).toBe(0)
    expect(p.grad?.data().every(Number.isFinite)).toBe(true)
    p.dispose()
  })
})

test('leaf Dice differs from Dice on empty subsets only: no derivative there, |Φ| unchanged', () => {
  scope(() => {
    const shape = [2, 3, 1]
    const p = tensor(Float64Array.of(0.9, 0.4, 0.2, 0.5, 0.1, 0.3), { shape })
      .detach()
      .requireGrad()
    const y = tensor(Float64Array.of(1, 0, 1, 0, 0, 0), { shape })
    const loss = leafDiceLoss(p, y, { phi: 'I', epsilon: 0 })
    loss.backward()
    const s = 2.2 / 3.5
    expect(loss.item()).toBeCloseTo((1 - s) / 2, 14)
    const g = [s - 2, s, s - 2].map((x) => x / (2 * 3.5))
    expect(distance(p.grad?.data() ?? [], [...g, 0, 0, 0])).toBeLessThan(1e-15)
    p.dispose()
  })
})

test('what a loss has no use for is refused', () => {
  scope(() => {
    const x = zeros([1, 2, 1])
    const bad = (options: object): OverlapOptions => ({ phi: 'I', epsilon: 1, ...options })
    expect(() => jaccardLoss(x, x, bad({ alpha: 1 }))).toThrow(ConfigError)
    expect(() => leafDiceLoss(x, x, bad({ emptySubsets: 'perfect' }))).toThrow(/emptySubsets/)
    expect(() => diceSemimetricLoss(x, x, bad({ norm: 'L2' }))).toThrow(/norm/)
    expect(() => diceSemimetricLoss(x, x, bad({ subgradient: 'eq4' }))).toThrow(/subgradient/)
    expect(() => diceLoss(x, x, bad({ subgradient: 'zero' }))).toThrow(/subgradient/)
    expect(() => tversky(x, x, bad({ epsilon: undefined }))).toThrow(/epsilon/)
    expect(() => tverskyLoss(x, x, { phi: 'I', epsilon: 1, alpha: -1, beta: 1 })).toThrow(/alpha/)
    const missing: unknown = { phi: 'I', epsilon: 1, alpha: 1 }
    expect(() => tverskyLoss(x, x, missing as Parameters<typeof tverskyLoss>[2])).toThrow(/beta/)
    expect(() => focalTverskyLoss(x, x, { phi: 'I', epsilon: 1, alpha: 1, beta: 1, gamma: 0 })).toThrow(/gamma/)
    const statistics = overlapStatistics(x, x, { phi: 'I', subgradient: 'zero' })
    const plain = overlapStatistics(x, x, { phi: 'I' })
    expect(() => merge(statistics, plain)).toThrow(ConfigError)
    const { gradient } = finish(statistics, { epsilon: 1 })
    expect(() => overlapGradient(x, x, gradient, { phi: 'I' })).toThrow(ConfigError)
  })
})
