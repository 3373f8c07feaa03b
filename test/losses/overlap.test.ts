/** statistics → merge → finish → gradient: the same arithmetic over one process, micro-batches and shards. */
import { fc, test } from '@fast-check/vitest'
import { expect } from 'vitest'
import { overlapSumNames } from '../../src/backend/overlap.js'
import { ConfigError, ShapeError, type Tensor, gradcheck, gradgradcheck, scope, tensor } from '../../src/index.js'
import {
  Partition,
  type OverlapStatistics,
  type SubsetFormula,
  diceGradient,
  diceLoss,
  finish,
  merge,
  overlapGradient,
  overlapStatistics,
} from '../../src/losses/index.js'
import { overlapLossOf } from '../../src/losses/overlap.js'
import { distance, naiveSubsets, namedProblems, problems, sizeOf, tensorsOf } from './problem.js'

test.prop([problems])('statistics are I, Y, P and the number of elements of each subset', (problem) => {
  scope(() => {
    const { p, y } = tensorsOf(problem)
    const { sums, counts } = overlapStatistics(p, y, { phi: problem.phi })
    const naive = naiveSubsets(problem)
    expect(
      distance(
        sums.intersection,
        naive.map((s) => s.intersection),
      ),
    ).toBeLessThan(1e-14)
    expect(
      distance(
        sums.target,
        naive.map((s) => s.target),
      ),
    ).toBeLessThan(1e-14)
    expect(
      distance(
        sums.prediction,
        naive.map((s) => s.prediction),
      ),
    ).toBeLessThan(1e-14)
    expect(Array.from(counts)).toEqual(naive.map((s) => s.elements.length))
    expect(sums.predictionSquares).toBeNull()
  })
})

test.prop([problems, fc.constantFrom('L1' as const, 'L2' as const)])(
  'finish gives the loss, and the map that it names gives its gradient',
  (problem, norm) => {
    scope(() => {
      const { p, y } = tensorsOf(problem)
      const { phi, epsilon } = problem
      const { loss, losses, gradient } = finish(overlapStatistics(p, y, { phi, norm }), { epsilon })
      expect(loss).toBe(diceLoss(p, y, { phi, epsilon, norm }).item())
      expect(losses).toEqual(diceLoss(p, y, { phi, epsilon, norm, reduction: 'none' }).data())
      const g = problem.subsetOf.map((s, i) => {
        const own = 2 * (gradient.predictionSquares?.[s] ?? 0) * (problem.prediction[i] ?? 0)
        return (gradient.intersection[s] ?? 0) * (problem.target[i] ?? 0) + (gradient.prediction[s] ?? 0) + own
      })
      expect(distance(diceGradient(p, y, { phi, epsilon, norm }).data(), g, 1e-9)).toBeLessThan(1e-11)
    })
  },
)

test.prop([namedProblems, fc.constantFrom('L1' as const, 'L2' as const)])(
  'micro-batches of one image: merged statistics give the loss and each part its gradient, in every Φ',
  (problem, norm) => {
    scope(() => {
      const { p, y } = tensorsOf(problem)
      const { phi, epsilon, shape } = problem
      const options = { phi: problem.phi, epsilon, norm }
      const images = Array.from({ length: shape[0] ?? 1 }, (_, b) => b)
      const cut = (x: Tensor, b: number): Tensor => x.slice([[b, b + 1]])
      const parts = images.map((b) => overlapStatistics(cut(p, b), cut(y, b), { phi, norm }))
      const whole = parts.reduce((a, b) => merge(a, b))
      const expected = overlapStatistics(p, y, { phi, norm })
      expect(whole.shape).toEqual(expected.shape)
      expect(whole.classes).toEqual(expected.classes)
      expect(whole.counts).toEqual(expected.counts)
      const { loss, gradient } = finish(whole, { epsilon })
      expect(loss).toBeCloseTo(diceLoss(p, y, options).item(), 13)
      const perImage = whole.separatesImages ? (parts[0]?.counts.length ?? 0) : 0
      const g = images.flatMap((b) =>
        Array.from(overlapGradient(cut(p, b), cut(y, b), gradient, { phi, norm }, b * perImage).data()),
      )
      expect(distance(diceGradient(p, y, options).data(), g, 1e-9)).toBeLessThan(1e-11)
    })
  },
)

test.prop([namedProblems])('merging is exact, bit by bit, where the sums are (binary maps)', (problem) => {
  scope(() => {
    const binary = {
      ...problem,
      target: problem.target.map(Math.round),
      prediction: problem.prediction.map(Math.round),
    }
    const { p, y } = tensorsOf(binary)
    const cut = (x: Tensor, from: number, to: number): Tensor => x.slice([null, [from, to]])
    const [, n = 1] = binary.shape
    const middle = Math.floor(n / 2)
    const [a, b] = [
      [0, middle],
      [middle, n],
    ].map(([from = 0, to = 0]) => overlapStatistics(cut(p, from, to), cut(y, from, to), { phi: binary.phi }))
    const whole = overlapStatistics(p, y, { phi: binary.phi })
    expect(merge(a as OverlapStatistics, b as OverlapStatistics, { over: 'space' })).toEqual(whole)
  })
})

test('shards under a label map add up where their labels name the same subsets', () => {
  scope(() => {
    const labels = [Int32Array.of(0, 2, 2), Int32Array.of(2, 1, -1)]
    const values = [Float64Array.of(1, 0.5, 0.25), Float64Array.of(0.125, 1, 1)]
    const [a, b] = [0, 1].map((k) => {
      const x = tensor(values[k] ?? [], { shape: [1, 3, 1] })
      return overlapStatistics(x, x, {
        phi: Partition.labels(labels[k] ?? new Int32Array(3), { shape: [1, 3, 1], subsets: 3 }),
      })
    })
    const whole = merge(a as OverlapStatistics, b as OverlapStatistics)
    expect(whole.sums.target).toEqual(Float64Array.of(1, 1, 0.875))
    expect(Array.from(whole.classes)).toEqual([0, 0, 0])
  })
})

test('the loss of BI is not the mean of its micro-batches, which is what merging is for', () => {
  scope(() => {
    const p = tensor(Float64Array.of(0.9, 0.8, 0.3, 0.1), { shape: [2, 2, 1] })
    const y = tensor(Float64Array.of(1, 1, 0, 0), { shape: [2, 2, 1] })
    const local = [0, 1].map((b) =>
      diceLoss(p.slice([[b, b + 1]]), y.slice([[b, b + 1]]), { phi: 'BI', epsilon: 1e-7 }).item(),
    )
    const whole = diceLoss(p, y, { phi: 'BI', epsilon: 1e-7 }).item()
    // By hand: 1 − 3.4/4.1 against (1 − 3.4/3.7 + 1)/2.
    expect(whole).toBeCloseTo(0.7 / 4.1, 6)
    expect(((local[0] ?? 0) + (local[1] ?? 0)) / 2).toBeCloseTo((0.3 / 3.7 + 1) / 2, 6)
  })
})

/** 2·I + 3·Y − 5·P + Σ y² − 4·Σ p² + 6·Σ |p − y|: nothing in it is symmetric, so that each sum must find its own derivative. */
const linear: SubsetFormula = {
  evaluate(sums, i, _, partials) {
    const factors = {
      intersection: 2,
      target: 3,
      prediction: -5,
      targetSquares: 1,
      predictionSquares: -4,
      difference: 6,
    } as const
    let total = 0
    for (const name of overlapSumNames) {
      const [values, out] = [sums[name], partials[name]]
      if (values === null || out === null) continue
      total += factors[name] * (values[i] ?? 0)
      out[i] = factors[name]
    }
    return total
  },
  compose({ intersection, target, prediction, targetSquares, predictionSquares, difference }) {
    const linear = intersection.mul(2).add(target.mul(3)).sub(prediction.mul(5))
    const plain = difference === null ? linear : linear.add(difference.mul(6))
    if (targetSquares === null || predictionSquares === null) return plain
    return plain.add(targetSquares).sub(predictionSquares.mul(4))
  },
}

test.prop([problems, fc.constantFrom('L1' as const, 'L2' as const), fc.boolean()], { numRuns: 20 })(
  'a formula of the sums is all that a new loss gives: its derivatives in prediction and target follow',
  (problem, norm, difference) => {
    scope(() => {
      const { p, y } = tensorsOf(problem)
      const f = (x: Tensor, t: Tensor): Tensor =>
        overlapLossOf(
          'test',
          x,
          t,
          { phi: problem.phi, epsilon: 1, norm, ...(difference && { subgradient: 'inward' }) },
          linear,
          ['subgradient'],
        )
      gradcheck(f, [p, y])
      gradgradcheck(f, [p, y])
    })
  },
)

test('what does not belong together is refused', () => {
  scope(() => {
    const of = (shape: number[], options: Parameters<typeof overlapStatistics>[2]): OverlapStatistics => {
      const x = tensor(new Float64Array(sizeOf(shape)), { shape })
      return overlapStatistics(x, x, options)
    }
    const one = of([1, 2, 2], { phi: 'I' })
    expect(() => merge(one, of([1, 2, 3], { phi: 'I' }))).toThrow(ShapeError)
    expect(() => merge(one, of([1, 2, 2], { phi: 'BI' }))).toThrow(ShapeError)
    expect(() => merge(one, of([1, 2, 2], { phi: 'I', norm: 'L2' }))).toThrow(ConfigError)
    expect(() => merge(one, of([2, 2, 2], { phi: 'I' }), { over: 'space' })).toThrow(ShapeError)
    const missing: unknown = {}
    expect(() => finish(one, missing as { epsilon: number })).toThrow(/epsilon/)
    const x = tensor(new Float64Array(8), { shape: [2, 2, 2] })
    const { gradient } = finish(one, { epsilon: 1 })
    expect(() => overlapGradient(x, x, gradient, { phi: 'I' })).toThrow(ShapeError)
    expect(() => overlapGradient(x, x, gradient, { phi: 'BI', norm: 'L2' })).toThrow(ConfigError)
  })
})

test('class weights cannot be merged where a part did not know that a subset has several classes', () => {
  scope(() => {
    const x = tensor(new Float64Array(2), { shape: [1, 1, 2] })
    const of = (a: number, b: number): OverlapStatistics =>
      overlapStatistics(x, x, {
        phi: Partition.labels(Int32Array.of(a, b), { shape: [1, 1, 2], subsets: 2 }),
        classWeights: [1, 2],
      })
    expect(() => merge(of(0, -1), of(0, 0))).toThrow(ConfigError)
    expect(merge(of(0, -1), of(0, -1)).counts).toEqual(Float64Array.of(2, 0))
  })
})
