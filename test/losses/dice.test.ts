/** The Dice loss against Eq. 3 and Eq. 4 of the paper, for every named Φ and for random set partitions. */
import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { type Tensor, grad, gradcheck, gradgradcheck, ones, scope, tensor, zeros } from '../../src/index.js'
import { type OverlapOptions, Partition, diceGradient, diceLoss } from '../../src/losses/index.js'
import {
  distance,
  labelProblems,
  naiveGradient,
  naiveLoss,
  naiveSubsets,
  namedProblems,
  names,
  problems,
  shapes,
  sizeOf,
  tensorsOf,
} from './problem.js'

const RUNS = process.env['PHIGRAD_DEEP'] === '1' ? 1000 : 60

test.prop([problems], { numRuns: RUNS })('the loss is Eq. 3', (problem) => {
  scope(() => {
    const { p, y } = tensorsOf(problem)
    const loss = diceLoss(p, y, { phi: problem.phi, epsilon: problem.epsilon })
    expect(loss.shape).toEqual([])
    expect(Math.abs(loss.item() - naiveLoss(problem))).toBeLessThan(1e-14)
  })
})

describe.each([
  ['a named Φ', namedProblems],
  ['a random set partition', labelProblems],
])('under %s', (_, arbitrary) => {
  test.prop([arbitrary], { numRuns: RUNS })(
    'the closed form, the fused backward and Eq. 4 are one gradient',
    (problem) => {
      scope(() => {
        const { p, y } = tensorsOf(problem)
        const options = { phi: problem.phi, epsilon: problem.epsilon }
        const expected = naiveGradient(problem)
        const floor = 1e-12
        expect(distance(diceGradient(p, y, options).data(), expected, floor)).toBeLessThan(1e-12)
        const leaf = p.detach().requireGrad()
        diceLoss(leaf, y, options).backward()
        expect(distance(leaf.grad?.data() ?? [], expected, floor)).toBeLessThan(1e-12)
        const composed = grad((x: Tensor) => diceLoss(x, y, options), { createGraph: true })(p)
        expect(distance(composed.data(), expected, floor)).toBeLessThan(1e-10)
        leaf.dispose()
      })
    },
  )

  test.prop([arbitrary], { numRuns: 15 })('finite differences give the first and second derivative', (problem) => {
    const { p, y } = tensorsOf(problem)
    const f = (x: Tensor): Tensor => diceLoss(x, y, { phi: problem.phi, epsilon: Math.max(0.5, problem.epsilon) })
    gradcheck(f, [p])
    gradgradcheck(f, [p])
    for (const each of [p, y]) each.dispose()
  })

  test.prop([arbitrary], { numRuns: RUNS })('loss and score are symmetric in prediction and target', (problem) => {
    scope(() => {
      const { p, y } = tensorsOf(problem)
      const options = { phi: problem.phi, epsilon: problem.epsilon }
      const [a, b] = [diceLoss(p, y, options).item(), diceLoss(y, p, options).item()]
      expect(Math.abs(a - b)).toBeLessThan(1e-14)
      const target = y.detach().requireGrad()
      diceLoss(p, target, options).backward()
      expect(distance(target.grad?.data() ?? [], diceGradient(y, p, options).data(), 1e-12)).toBeLessThan(1e-12)
      target.dispose()
    })
  })
})

test.prop([problems], { numRuns: RUNS })(
  'binary labels give at most two gradient values in a subset, g1 < 0 ≤ g0',
  (problem) => {
    scope(() => {
      const binary = { ...problem, target: problem.target.map((y) => (y > 0.5 ? 1 : 0)) }
      const { p, y } = tensorsOf(binary)
      const gradient = diceGradient(p, y, { phi: binary.phi, epsilon: binary.epsilon }).data()
      for (const { elements } of naiveSubsets(binary)) {
        const at = (label: number): number[] =>
          elements.filter((i) => binary.target[i] === label).map((i) => gradient[i] ?? 0)
        const [background, foreground] = [new Set(at(0)), new Set(at(1))]
        expect(background.size).toBeLessThanOrEqual(1)
        expect(foreground.size).toBeLessThanOrEqual(1)
        for (const g0 of background) expect(g0).toBeGreaterThanOrEqual(0)
        for (const g1 of foreground) expect(g1).toBeLessThan(0)
      }
    })
  },
)

test.prop([
  shapes,
  fc.constantFrom(...names),
  fc.constantFrom(1e-7, 1e-3, 1, 1e3),
  fc.double({ min: 0.01, max: 0.99, noNaN: true }),
])('the gradient on an empty subset is ε / (N (v + ε)²), to full relative accuracy', (shape, phi, epsilon, level) => {
  scope(() => {
    const p = tensor(new Float64Array(sizeOf(shape)).fill(level), { shape })
    const y = zeros(shape, { dtype: 'uint8' })
    const gradient = diceGradient(p, y, { phi, epsilon }).data()
    const [b = 1, c = 1] = [shape[0], shape.at(-1)]
    const count = { I: b * c, CI: b, BI: c, BCI: 1 }[phi]
    const v = (level * sizeOf(shape)) / count
    for (const g of gradient) expect(g / (epsilon / (count * (v + epsilon) ** 2))).toBeCloseTo(1, 11)
  })
})

test.prop([namedProblems], { numRuns: RUNS })(
  'with one image I is BI and CI is BCI, with one class I is CI and BI is BCI, bit by bit',
  (problem) => {
    scope(() => {
      const single = (axis: number): readonly number[] => problem.shape.map((n, i) => (i === axis ? 1 : n))
      const same = (shape: readonly number[], a: 'I' | 'CI' | 'BI', b: 'CI' | 'BI' | 'BCI'): void => {
        const cut = (values: Float64Array): Tensor => tensor(values.slice(0, sizeOf(shape)), { shape })
        const [p, y] = [cut(problem.prediction), cut(problem.target)]
        const options = { epsilon: problem.epsilon, classWeights: new Float64Array(shape.at(-1) ?? 1).fill(1) }
        expect(diceLoss(p, y, { ...options, phi: a }).item()).toBe(diceLoss(p, y, { ...options, phi: b }).item())
        expect(diceGradient(p, y, { ...options, phi: a }).data()).toEqual(
          diceGradient(p, y, { ...options, phi: b }).data(),
        )
      }
      same(single(0), 'I', 'BI')
      same(single(0), 'CI', 'BCI')
      same(single(problem.shape.length - 1), 'I', 'CI')
      same(single(problem.shape.length - 1), 'BI', 'BCI')
    })
  },
)

test.prop([problems], { numRuns: RUNS })(
  'Σ g and Σ p·g over a subset are (n s − 2Y)/(N D) and (ε − s(Y + ε))/(N D)',
  (problem) => {
    scope(() => {
      const { p, y } = tensorsOf(problem)
      const { epsilon, phi } = problem
      const gradient = diceGradient(p, y, { phi, epsilon }).data()
      const subsets = naiveSubsets(problem)
      for (const { elements, score, denominator, target } of subsets) {
        const scale = subsets.length * denominator
        const sum = elements.reduce((total, i) => total + (gradient[i] ?? 0), 0)
        const weighted = elements.reduce((total, i) => total + (gradient[i] ?? 0) * (problem.prediction[i] ?? 0), 0)
        expect(sum * scale).toBeCloseTo(elements.length * score - 2 * target, 9)
        expect(weighted * scale).toBeCloseTo(epsilon - score * (target + epsilon), 9)
      }
    })
  },
)

test.prop([problems, fc.constantFrom('sigmoid' as const, 'softmax' as const)], { numRuns: RUNS })(
  'from logits, loss and gradient are those of the activation followed by the loss',
  (problem, fromLogits) => {
    scope(() => {
      const options: OverlapOptions = { phi: problem.phi, epsilon: problem.epsilon }
      const y = tensor(problem.target, { shape: problem.shape })
      const logits = (): Tensor =>
        tensor(
          problem.prediction.map((p) => 8 * (p - 0.5)),
          { shape: problem.shape, requiresGrad: true },
        )
      const [fused, apart] = [logits(), logits()]
      const loss = diceLoss(fused, y, { ...options, fromLogits })
      const activated = fromLogits === 'sigmoid' ? apart.sigmoid() : apart.softmax()
      const other = diceLoss(activated, y, options)
      expect(Math.abs(loss.item() - other.item())).toBeLessThan(1e-14)
      const direct = diceGradient(fused, y, { ...options, fromLogits }).data()
      loss.backward()
      other.backward()
      expect(distance(fused.grad?.data() ?? [], apart.grad?.data() ?? [], 1e-10)).toBeLessThan(1e-9)
      expect(direct).toEqual(fused.grad?.data())
      for (const each of [fused, apart]) each.dispose()
    })
  },
)

test('a partition by axes reduces slice by slice', () => {
  scope(() => {
    const shape = [2, 3, 2, 4, 2]
    const p = tensor(
      Float64Array.from({ length: 96 }, (_, i) => ((i * 37) % 96) / 96),
      { shape },
    )
    const y = tensor(
      Uint8Array.from({ length: 96 }, (_, i) => ((i * 5) % 3 === 0 ? 1 : 0)),
      { shape },
    )
    const losses: number[] = []
    for (let b = 0; b < 2; b++) {
      for (let z = 0; z < 4; z++) {
        const cut = (x: Tensor): Tensor => x.slice([[b, b + 1], null, null, [z, z + 1]])
        losses.push(...diceLoss(cut(p), cut(y), { phi: 'BI', epsilon: 1, reduction: 'none' }).data())
      }
    }
    const mean = losses.reduce((a, b) => a + b) / losses.length
    const whole = diceLoss(p, y, { phi: Partition.reduce({ axes: [1, 2] }), epsilon: 1 })
    expect(whole.item()).toBeCloseTo(mean, 14)
    const each = diceLoss(p, y, { phi: Partition.reduce({ axes: [-4, 2] }), epsilon: 1, reduction: 'none' })
    expect(each.shape).toEqual([16])
    expect(distance(each.data(), losses)).toBeLessThan(1e-14)
  })
})

test('a perfect binary prediction has loss 0 and one without overlap has U/(U + ε)', () => {
  scope(() => {
    const y = tensor(Float64Array.of(1, 1, 0, 0), { shape: [1, 4, 1] })
    expect(diceLoss(y, y, { phi: 'I', epsilon: 1e-7 }).item()).toBe(0)
    const wrong = ones([1, 4, 1], { dtype: 'float64' }).sub(y)
    expect(diceLoss(wrong, y, { phi: 'I', epsilon: 1 }).item()).toBeCloseTo(4 / 5, 15)
  })
})

test('strided inputs give what dense ones give', () => {
  scope(() => {
    const shape = [2, 3, 4, 2]
    const p = tensor(
      Float64Array.from({ length: 48 }, (_, i) => i / 48),
      { shape },
    )
    const y = tensor(
      Float64Array.from({ length: 48 }, (_, i) => i % 2),
      { shape },
    )
    const swapped = (x: Tensor): Tensor => x.transpose([0, 2, 1, 3])
    const back = (x: Tensor): Tensor => tensor(swapped(x).data(), { shape: [2, 4, 3, 2] })
    const options: OverlapOptions = { phi: 'I', epsilon: 1 }
    expect(diceLoss(swapped(p), swapped(y), options).item()).toBe(diceLoss(back(p), back(y), options).item())
    expect(diceGradient(swapped(p), swapped(y), options).data()).toEqual(diceGradient(back(p), back(y), options).data())
  })
})
