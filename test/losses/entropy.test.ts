/** Cross-entropy over exclusive classes and the focal loss. The binary cross-entropy has a file of its own. */
import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import {
  ConfigError,
  Generator,
  ShapeError,
  type Tensor,
  gradcheck,
  gradgradcheck,
  scope,
  tensor,
  zeros,
} from '../../src/index.js'
import {
  type CrossEntropyOptions,
  type FocalOptions,
  binaryCrossEntropyLoss,
  crossEntropyLoss,
  focalLoss,
} from '../../src/losses/index.js'
import { distance } from './problem.js'

/** (B, X, C) = (2, 2, 3): four voxels. */
const shape = [2, 2, 3]
const logits = Float64Array.from({ length: 12 }, (_, i) => ((i * 5) % 12) / 3 - 2)
const labels = Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0.3, 0.7, 0, 0, 1)
const probabilities = scope(() => Float64Array.from(tensor(logits, { shape }).softmax().data()))
const rows = <T>(values: ArrayLike<T>): T[][] => [0, 1, 2, 3].map((v) => Array.from(values).slice(3 * v, 3 * v + 3))
const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length
const bool = (values: readonly number[], of: readonly number[]): Tensor =>
  tensor(Uint8Array.from(values), { shape: of, dtype: 'bool' })

/** Σ_c w_c y_c (1 − p_c)^γ (−log p_c) of each voxel. */
function perVoxel(weights: readonly number[] = [1, 1, 1], gamma = 0): number[] {
  return rows(probabilities).map((p, v) =>
    p.reduce((sum, pc, c) => {
      const y = labels[3 * v + c] ?? 0
      return sum - (weights[c] ?? 0) * y * (1 - pc) ** gamma * Math.log(pc)
    }, 0),
  )
}

function crossEntropy(options: CrossEntropyOptions, from: 'logits' | 'probabilities' = 'logits'): number {
  return scope(() => {
    const own = from === 'logits' ? { fromLogits: 'softmax' as const, ...options } : options
    const x = tensor(from === 'logits' ? logits : probabilities, { shape })
    return crossEntropyLoss(x, tensor(labels, { shape }), own).item()
  })
}

function focal(options: FocalOptions, values = logits): number {
  return scope(() => focalLoss(tensor(values, { shape }), tensor(labels, { shape }), options).item())
}

describe('crossEntropyLoss', () => {
  test('is the mean over voxels of −Σ y log p, from logits and probabilities', () => {
    expect(crossEntropy({})).toBeCloseTo(mean(perVoxel()), 14)
    expect(crossEntropy({}, 'probabilities')).toBeCloseTo(mean(perVoxel()), 14)
    expect(crossEntropy({ fromLogits: true })).toBe(crossEntropy({}))
  })

  test('class weights are factors; the mean divides by voxels or by Σ w y', () => {
    const weights = [0.5, 2, 3]
    const total = perVoxel(weights).reduce((a, b) => a + b)
    expect(crossEntropy({ classWeights: weights })).toBeCloseTo(total / 4, 14)
    // Labels: one voxel of class 0, 1.3 of class 1, 1.7 of class 2.
    const weight = 0.5 + 2 * 1.3 + 3 * 1.7
    expect(crossEntropy({ classWeights: weights, normalize: 'weights' })).toBeCloseTo(total / weight, 14)
    expect(crossEntropy({ ignoreBackground: true })).toBeCloseTo(mean(perVoxel([0, 1, 1])), 14)
  })

  test('a mask of voxels, and one of elements; nothing of a masked voxel comes back', () => {
    scope(() => {
      const mask = bool([1, 0, 1, 1], [2, 2, 1])
      const kept = perVoxel().filter((_, v) => v !== 1)
      expect(crossEntropy({ mask })).toBeCloseTo(mean(kept), 14)
      const elements = bool([1, 1, 1, 0, 0, 0, 1, 0, 1, 1, 1, 1], shape)
      const partial = kept.map((x, v) => (v === 1 ? -0.7 * Math.log(rows(probabilities)[2]?.[2] ?? 0) : x))
      expect(crossEntropy({ mask: elements })).toBeCloseTo(mean(partial), 14)
      const z = tensor(
        logits.map((x, i) => (i === 4 ? Number.NaN : x)),
        { shape, requiresGrad: true },
      )
      const loss = crossEntropyLoss(z, tensor(labels, { shape }), { fromLogits: 'softmax', mask })
      loss.backward()
      expect(loss.item()).toBe(crossEntropy({ mask }))
      expect(
        Array.from(z.grad?.data() ?? [])
          .slice(3, 6)
          .map(Math.abs),
      ).toEqual([0, 0, 0])
      expect(crossEntropy({ mask: bool([0, 0, 0, 0], [2, 2, 1]) })).toBe(0)
      z.dispose()
    })
  })

  test('reduction none gives one value per voxel', () => {
    scope(() => {
      const options = { fromLogits: 'softmax', reduction: 'none' } as const
      const each = crossEntropyLoss(tensor(logits, { shape }), tensor(labels, { shape }), options)
      expect(each.shape).toEqual([2, 2, 1])
      expect(distance(each.data(), perVoxel())).toBeLessThan(1e-14)
    })
  })

  test('one channel is the binary loss', () => {
    scope(() => {
      const [x, y] = [tensor([[[0.3], [-2]]], { dtype: 'float64' }), tensor([[[1], [0]]], { dtype: 'float64' })]
      for (const fromLogits of ['sigmoid', true] as const) {
        expect(crossEntropyLoss(x, y, { fromLogits }).item()).toBe(binaryCrossEntropyLoss(x, y, { fromLogits }).item())
      }
      expect(() => crossEntropyLoss(x, y, { fromLogits: 'softmax' })).toThrow(ConfigError)
    })
  })

  test('a nearly certain answer keeps its digits in float32', () => {
    scope(() => {
      const z = tensor(Float32Array.of(12, 0), { shape: [1, 1, 2] })
      const y = tensor(Float32Array.of(1, 0), { shape: [1, 1, 2] })
      const exact = Math.log1p(Math.exp(-12))
      expect(crossEntropyLoss(z, y, { fromLogits: 'softmax' }).item() / exact).toBeCloseTo(1, 6)
      const one = tensor(Float32Array.of(12), { shape: [1, 1, 1] })
      const binary = binaryCrossEntropyLoss(one, tensor(Float32Array.of(1), { shape: [1, 1, 1] }), { fromLogits: true })
      expect(binary.item() / exact).toBeCloseTo(1, 6)
    })
  })
})

describe('focalLoss', () => {
  test('of exclusive classes is Σ −α y (1 − p)^γ log p, mean over voxels; γ = 0 is cross-entropy', () => {
    expect(focal({ fromLogits: 'softmax', gamma: 1.5 })).toBeCloseTo(mean(perVoxel([1, 1, 1], 1.5)), 14)
    expect(focal({ gamma: 1.5 }, probabilities)).toBeCloseTo(mean(perVoxel([1, 1, 1], 1.5)), 14)
    expect(focal({ fromLogits: 'softmax', gamma: 0 })).toBeCloseTo(crossEntropy({}), 14)
    expect(focal({ fromLogits: 'softmax', alpha: 0.8 })).toBeCloseTo(mean(perVoxel([0.2, 0.8, 0.8], 2)), 14)
    const weighted = { fromLogits: 'softmax', classWeights: [1, 2, 3], ignoreBackground: true } as const
    expect(focal(weighted)).toBeCloseTo(mean(perVoxel([0, 2, 3], 2)), 14)
  })

  test('of independent channels is the binary one in each element', () => {
    const element = (z: number, y: number, alpha = 1, other = 1): number => {
      const p = 1 / (1 + Math.exp(-z))
      return -alpha * y * (1 - p) ** 2 * Math.log(p) - other * (1 - y) * p ** 2 * Math.log(1 - p)
    }
    const all = Array.from(logits, (z, i) => element(z, labels[i] ?? 0))
    expect(focal({ fromLogits: 'sigmoid' })).toBeCloseTo(mean(all), 14)
    const weighted = Array.from(logits, (z, i) => element(z, labels[i] ?? 0, 0.3, 0.7))
    expect(focal({ fromLogits: 'sigmoid', alpha: 0.3 })).toBeCloseTo(mean(weighted), 14)
    const foreground = all.filter((_, i) => i % 3 !== 0)
    expect(focal({ fromLogits: 'sigmoid', ignoreBackground: true })).toBeCloseTo(mean(foreground), 14)
    const sigmoid = logits.map((z) => 1 / (1 + Math.exp(-z)))
    expect(focal({ channels: 'independent' }, sigmoid)).toBeCloseTo(mean(all), 13)
    scope(() => {
      const mask = bool([1, 0, 1, 1], [2, 2, 1])
      const kept = all.filter((_, i) => i < 3 || i >= 6)
      expect(focal({ fromLogits: 'sigmoid', mask })).toBeCloseTo(mean(kept), 14)
    })
  })

  test('what contradicts itself is refused', () => {
    expect(() => focal({ gamma: -1 })).toThrow(/gamma/)
    expect(() => focal({ alpha: 2 })).toThrow(/alpha/)
    expect(() => focal({ fromLogits: 'softmax', channels: 'independent' })).toThrow(ConfigError)
    scope(() => {
      const one = zeros([1, 2, 1])
      expect(() => focalLoss(one, one, { fromLogits: 'softmax' })).toThrow(ConfigError)
      expect(() => focalLoss(one, one, { fromLogits: 'sigmoid', ignoreBackground: true })).toThrow(ConfigError)
      expect(() => crossEntropyLoss(one, zeros([1, 2, 2]))).toThrow(ShapeError)
      const unknown: unknown = { label_smoothing: 0.1 }
      expect(() => crossEntropyLoss(one, one, unknown as CrossEntropyOptions)).toThrow(/label_smoothing/)
    })
  })
})

const cases: Record<string, readonly ['logits' | 'probabilities', (x: Tensor, t: Tensor) => Tensor]> = {
  'cross-entropy of logits': [
    'logits',
    (x, t) => crossEntropyLoss(x, t, { fromLogits: 'softmax', classWeights: [1, 2, 3] }),
  ],
  'cross-entropy of probabilities': ['probabilities', (x, t) => crossEntropyLoss(x, t, { reduction: 'none' })],
  'focal of softmax logits': ['logits', (x, t) => focalLoss(x, t, { fromLogits: 'softmax', gamma: 1.5, alpha: 0.3 })],
  'focal of sigmoid logits': ['logits', (x, t) => focalLoss(x, t, { fromLogits: 'sigmoid', gamma: 0.5, alpha: 0.3 })],
  'focal of probabilities': ['probabilities', (x, t) => focalLoss(x, t, { gamma: 2 })],
  'focal of independent probabilities': ['probabilities', (x, t) => focalLoss(x, t, { channels: 'independent' })],
}

test.each(Object.entries(cases))('%s: first and second derivatives in prediction and target', (_, [from, f]) => {
  scope(() => {
    const x = tensor(from === 'logits' ? logits : probabilities, { shape })
    const y = tensor(
      labels.map((v) => 0.8 * v + 0.1),
      { shape },
    )
    gradcheck(f, [x, y])
    gradgradcheck(f, [x, y], { tolerance: 1e-5 })
  })
})

const largest = { float32: 3e38, float64: 1.7e308 } as const

test.prop([
  fc.constantFrom('float32' as const, 'float64' as const),
  fc.nat(),
  fc.constantFrom(0, 0.5, 1, 2),
  fc.constantFrom('mean' as const, 'none' as const),
])(
  'any finite logits, and probabilities of exactly 0 and 1, give no NaN in value or derivative',
  (dtype, seed, gamma, reduction) => {
    scope(() => {
      const generator = new Generator(seed)
      const draw = (choices: readonly number[]): Tensor =>
        tensor(
          Float64Array.from({ length: 12 }, () => choices[generator.integer(choices.length)] ?? 0),
          { shape, dtype },
        )
      const y = draw([0, 1, 0.4])
      const z = draw([-largest[dtype], -1e4, -40, 0, 40, 1e4, largest[dtype]])
      const p = draw([0, 1, 5e-324, 1e-38, 0.5, 1 - 2 ** -24])
      const losses: ((x: Tensor) => Tensor)[] = [
        (x) => crossEntropyLoss(x, y, { fromLogits: 'softmax', reduction }),
        (x) => focalLoss(x, y, { fromLogits: 'softmax', gamma, reduction }),
        (x) => focalLoss(x, y, { fromLogits: 'sigmoid', gamma, reduction }),
        (x) => binaryCrossEntropyLoss(x, y, { fromLogits: 'sigmoid', reduction }),
        (x) => crossEntropyLoss(x, y, { reduction }),
        (x) => focalLoss(x, y, { gamma, reduction }),
        (x) => focalLoss(x, y, { gamma, channels: 'independent', reduction }),
        (x) => binaryCrossEntropyLoss(x, y, { reduction }),
      ]
      losses.forEach((loss, i) => {
        const leaf = (i < 4 ? z : p).detach().requireGrad()
        const value = loss(leaf)
        value.sum().backward()
        expect([...value.data(), ...(leaf.grad?.data() ?? [])].some(Number.isNaN), `loss ${i}`).toBe(false)
        leaf.dispose()
      })
    })
  },
)
