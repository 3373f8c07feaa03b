/** Each option of the overlap losses: what it means, in value and in derivative, and what it refuses. */
import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import {
  ConfigError,
  DTypeError,
  NumericalError,
  ShapeError,
  type Tensor,
  full,
  gradcheck,
  gradgradcheck,
  scope,
  tensor,
  zeros,
} from '../../src/index.js'
import { type OverlapOptions, Partition, diceGradient, diceLoss } from '../../src/losses/index.js'
import { distance, naiveGradient, naiveLoss, namedProblems, names, problems, sizeOf, tensorsOf } from './problem.js'

/** (B, X, C) = (2, 3, 2); map (0,1) is empty. */
const shape = [2, 3, 2]
const prediction = Float64Array.of(0.9, 0.1, 0.2, 0.3, 0.6, 0.2, 0.4, 0.7, 0.5, 0.8, 0.3, 0.6)
const labels = Float64Array.of(1, 0, 0, 0, 1, 0, 0, 1, 1, 1, 0, 0)

const make = (): { p: Tensor; y: Tensor } => ({ p: tensor(prediction, { shape }), y: tensor(labels, { shape }) })
const bools = (values: readonly number[], of: readonly number[]): Tensor =>
  tensor(Uint8Array.from(values), { shape: of, dtype: 'bool' })

function loss(options: OverlapOptions): number {
  return scope(() => diceLoss(make().p, make().y, options).item())
}
function each(options: OverlapOptions): number[] {
  return scope(() => Array.from(diceLoss(make().p, make().y, { ...options, reduction: 'none' }).data()))
}
function gradient(options: OverlapOptions): number[] {
  return scope(() => Array.from(diceGradient(make().p, make().y, options).data()))
}
function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length
}

describe('reduction', () => {
  test('none gives (B,C), (B), (C), () and (|Φ|)', () => {
    scope(() => {
      const { p, y } = make()
      const of = (phi: OverlapOptions['phi']): readonly number[] =>
        diceLoss(p, y, { phi, epsilon: 1, reduction: 'none' }).shape
      expect(names.map(of)).toEqual([[2, 2], [2], [2], []])
      expect(
        of(
          Partition.labels(
            Int32Array.from(labels, (_, i) => i % 5),
            { shape },
          ),
        ),
      ).toEqual([5])
      expect(of(Partition.reduce({ axes: [0] }))).toEqual([6])
    })
  })

  test.prop([problems])('the mean of the losses of none is the mean loss', (problem) => {
    scope(() => {
      const { p, y } = tensorsOf(problem)
      const options = { phi: problem.phi, epsilon: problem.epsilon }
      const all = Array.from(diceLoss(p, y, { ...options, reduction: 'none' }).data())
      const expected = all.length === 0 ? 0 : mean(all)
      expect(diceLoss(p, y, options).item()).toBeCloseTo(expected, 14)
    })
  })

  test('a cotangent per subset weighs the gradient of each', () => {
    scope(() => {
      const { p, y } = make()
      const leaf = p.detach().requireGrad()
      const cotangent = tensor(Float64Array.of(1, 0, 0, -3), { shape: [2, 2] })
      diceLoss(leaf, y, { phi: 'I', epsilon: 1, reduction: 'none' }).backward({ cotangent })
      const own = diceGradient(p, y, { phi: 'I', epsilon: 1, reduction: 'none' }).data()
      const factor = own.map((g, i) => g * (i < 6 ? (i % 2 === 0 ? 1 : 0) : i % 2 === 0 ? 0 : -3))
      expect(distance(leaf.grad?.data() ?? [], factor, 1e-12)).toBeLessThan(1e-14)
      leaf.dispose()
    })
  })
})

describe('epsilon', () => {
  test('numerator and denominator may differ: 1 − (2I + a)/(U + b)', () => {
    // BCI: I = 0.9 + 0.6 + 0.7 + 0.5 + 0.8 = 3.5, Y = 5, P = 5.6.
    expect(loss({ phi: 'BCI', epsilon: { numerator: 0, denominator: 2 } })).toBeCloseTo(1 - 7 / 12.6, 14)
    expect(loss({ phi: 'BCI', epsilon: { numerator: 1, denominator: 0 } })).toBeCloseTo(1 - 8 / 10.6, 14)
  })

  test('C numbers give each class its own, where subsets are single-class', () => {
    const [first, second] = [1, 30].map((epsilon) => each({ phi: 'I', epsilon }))
    const both = each({ phi: 'I', epsilon: [1, 30] })
    expect(both).toEqual([first?.[0], second?.[1], first?.[2], second?.[3]])
    expect(each({ phi: 'BI', epsilon: { numerator: [1, 2], denominator: 3 } })).toHaveLength(2)
  })

  test.each([
    ['two classes share a subset', { phi: 'CI', epsilon: [1, 2] }],
    ['there are more numbers than classes', { phi: 'I', epsilon: [1, 2, 3] }],
    ['the denominator has too few', { phi: 'I', epsilon: { numerator: 1, denominator: [1] } }],
    ['epsilonEmpty has too few', { phi: 'I', epsilon: 1, epsilonEmpty: [1] }],
  ] as const)('is a ShapeError where %s', (_, options) => {
    expect(() => loss(options)).toThrow(ShapeError)
  })

  test('nested numbers, negative ones and NaN are refused', () => {
    const nested: unknown = [[1], [2]]
    expect(() => loss({ phi: 'I', epsilon: nested as number[] })).toThrow(ShapeError)
    expect(() => loss({ phi: 'I', epsilon: -1 })).toThrow(ConfigError)
    expect(() => loss({ phi: 'I', epsilon: { numerator: 1, denominator: Number.NaN } })).toThrow(/epsilon\.denominator/)
  })

  test('of zero works where subsets have labels or predictions, and names the subset that has neither', () => {
    expect(loss({ phi: 'BCI', epsilon: 0 })).toBeCloseTo(1 - 7 / 10.6, 14)
    scope(() => {
      const y = zeros(shape, { dtype: 'float64' })
      expect(() => diceLoss(y, y, { phi: 'I', epsilon: 0 })).toThrow(NumericalError)
      expect(() => diceLoss(y, y, { phi: 'I', epsilon: 0 })).toThrow(/subset 0 of 4/)
      for (const emptySubsets of ['perfect', 'drop'] as const) {
        const leaf = y.detach().requireGrad()
        const value = diceLoss(leaf, y, { phi: 'I', epsilon: 0, emptySubsets })
        expect(value.item()).toBe(0)
        value.backward()
        expect(leaf.grad?.data()).toEqual(new Float64Array(12))
        leaf.dispose()
      }
      expect(diceLoss(y, y, { phi: 'I', epsilon: 0, epsilonEmpty: 1 }).item()).toBe(0)
    })
  })
})

describe('subsets without a label', () => {
  // Map (0,1): P = 0.6, so Eq. 3 gives 1 − ε/(0.6 + ε).
  test('are kept by default, with Eq. 3', () => {
    expect(each({ phi: 'I', epsilon: 1 })[1]).toBeCloseTo(0.6 / 1.6, 14)
  })

  test('take epsilonEmpty, and others do not', () => {
    const [plain, other] = [each({ phi: 'I', epsilon: 1 }), each({ phi: 'I', epsilon: 1, epsilonEmpty: 0.2 })]
    expect(other[1]).toBeCloseTo(0.6 / 0.8, 14)
    expect(other.filter((_, i) => i !== 1)).toEqual(plain.filter((_, i) => i !== 1))
    expect(gradient({ phi: 'I', epsilon: 1, epsilonEmpty: 0 }).filter((_, i) => i < 6 && i % 2 === 1)).toEqual([
      0, 0, 0,
    ])
  })

  test('perfect: count with s = 1 and no gradient, |Φ| unchanged', () => {
    const kept = each({ phi: 'I', epsilon: 1 })
    expect(loss({ phi: 'I', epsilon: 1, emptySubsets: 'perfect' })).toBeCloseTo(
      (mean(kept) * 4 - (kept[1] ?? 0)) / 4,
      14,
    )
    const g = gradient({ phi: 'I', epsilon: 1, emptySubsets: 'perfect' })
    expect(g).toEqual(gradient({ phi: 'I', epsilon: 1 }).map((x, i) => (i < 6 && i % 2 === 1 ? 0 : x)))
  })

  test('drop: leave |Φ|, so that the others weigh more', () => {
    const kept = each({ phi: 'I', epsilon: 1 })
    expect(loss({ phi: 'I', epsilon: 1, emptySubsets: 'drop' })).toBeCloseTo((mean(kept) * 4 - (kept[1] ?? 0)) / 3, 14)
    expect(each({ phi: 'I', epsilon: 1, emptySubsets: 'drop' })[1]).toBe(0)
    const g = gradient({ phi: 'I', epsilon: 1, emptySubsets: 'drop' })
    expect(
      distance(
        g,
        gradient({ phi: 'I', epsilon: 1, emptySubsets: 'perfect' }).map((x) => (x * 4) / 3),
      ),
    ).toBeLessThan(1e-15)
  })
})

describe('present', () => {
  test('a subset that is not annotated leaves |Φ|, empty or not', () => {
    scope(() => {
      const kept = each({ phi: 'I', epsilon: 1 })
      const present = bools([1, 1, 0, 1], [2, 2])
      expect(loss({ phi: 'I', epsilon: 1, present })).toBeCloseTo((mean(kept) * 4 - (kept[2] ?? 0)) / 3, 14)
      expect(gradient({ phi: 'I', epsilon: 1, present }).filter((g, i) => i >= 6 && i % 2 === 0 && g !== 0)).toEqual([])
      const flat = bools([1, 1, 0, 1], [4])
      expect(loss({ phi: 'I', epsilon: 1, present: flat })).toBe(loss({ phi: 'I', epsilon: 1, present }))
    })
  })

  test('missing is not empty: present drops what emptySubsets keeps', () => {
    scope(() => {
      const present = bools([1, 0, 1, 1], [2, 2])
      const drop = loss({ phi: 'I', epsilon: 1, emptySubsets: 'drop' })
      expect(loss({ phi: 'I', epsilon: 1, present })).toBe(drop)
      expect(loss({ phi: 'I', epsilon: 1, present })).not.toBe(loss({ phi: 'I', epsilon: 1 }))
    })
  })

  test('by maps under BI: the elements of a missing map count in no sum', () => {
    scope(() => {
      const present = bools([1, 1, 0, 1], [2, 2])
      const { p, y } = make()
      const first = diceLoss(p.slice([[0, 1]]), y.slice([[0, 1]]), { phi: 'BI', epsilon: 1, reduction: 'none' }).data()
      expect(each({ phi: 'BI', epsilon: 1, present })).toEqual([first[0], each({ phi: 'BI', epsilon: 1 })[1]])
      expect(each({ phi: 'BI', epsilon: 1, present: bools([0, 1, 0, 1], [2, 2]) })[0]).toBe(0)
    })
  })

  test('may be disposed of before a second derivative is taken', () => {
    scope(() => {
      const { p, y } = make()
      const present = bools([1, 1, 0, 1], [4])
      const leaf = p.detach().requireGrad()
      const value = diceLoss(leaf, y, { phi: 'I', epsilon: 1, present })
      present.dispose()
      value.backward({ createGraph: true })
      expect(
        distance(leaf.grad?.data() ?? [], gradient({ phi: 'I', epsilon: 1, present: bools([1, 1, 0, 1], [4]) }), 1e-9),
      ).toBeLessThan(1e-9)
      leaf.dispose()
    })
  })

  test('has one of its two shapes and is bool', () => {
    scope(() => {
      expect(() => loss({ phi: 'I', epsilon: 1, present: bools([1, 1], [2]) })).toThrow(ShapeError)
      expect(() => loss({ phi: 'BI', epsilon: 1, present: bools([1, 1, 1, 1], [4]) })).toThrow(ShapeError)
      expect(() => loss({ phi: 'I', epsilon: 1, present: bools([1, 1, 1, 1], [1, 4]) })).toThrow(ShapeError)
      expect(() => loss({ phi: 'I', epsilon: 1, present: tensor(Uint8Array.of(1, 1, 1, 1)) })).toThrow(DTypeError)
    })
  })
})

describe('mask', () => {
  test.prop([namedProblems, fc.nat(), fc.constantFrom('none' as const, 'sigmoid' as const, 'softmax' as const)])(
    'masked voxels have no gradient, and neither their values nor their labels change the loss',
    (problem, seed, activation) => {
      scope(() => {
        const { p, y } = tensorsOf(problem)
        const spatial = [...problem.shape.slice(0, -1), 1]
        const channels = problem.shape.at(-1) ?? 1
        const mask = bools(
          Array.from({ length: sizeOf(spatial) }, (_, i) => ((i * 7 + seed) % 3 === 0 ? 0 : 1)),
          spatial,
        )
        const out = (i: number): boolean => mask.data()[Math.floor(i / channels)] === 0
        const options: OverlapOptions = {
          phi: problem.phi,
          epsilon: problem.epsilon,
          mask,
          ...(activation !== 'none' && { fromLogits: activation }),
        }
        const other = tensor(
          problem.prediction.map((v, i) => (out(i) ? 0.77 : v)),
          { shape: problem.shape },
        )
        const otherY = tensor(
          problem.target.map((v, i) => (out(i) ? 0.4 : v)),
          { shape: problem.shape },
        )
        expect(diceLoss(other, otherY, options).item()).toBe(diceLoss(p, y, options).item())
        const g = diceGradient(p, y, options).data()
        expect(g.every((value, i) => !out(i) || value === 0)).toBe(true)
      })
    },
  )

  test.prop([namedProblems, fc.nat()])(
    'is Eq. 3 on the elements that count; a subset with none left leaves |Φ|',
    (problem, seed) => {
      scope(() => {
        const { p, y } = tensorsOf(problem)
        const kept = problem.target.map((_, i) => ((i * 5 + seed) % 4 === 0 ? 0 : 1))
        const mask = bools(Array.from(kept), problem.shape)
        const left = problem.subsetOf.map((s, i) => (kept[i] === 0 ? -1 : s))
        const seen = [...new Set(left.filter((s) => s >= 0))]
        const naive = { ...problem, subsetOf: left.map((s) => (s < 0 ? -1 : seen.indexOf(s))) }
        const options = { phi: problem.phi, epsilon: problem.epsilon, mask }
        expect(diceLoss(p, y, options).item()).toBeCloseTo(naiveLoss(naive), 13)
        expect(distance(diceGradient(p, y, options).data(), naiveGradient(naive), 1e-12)).toBeLessThan(1e-12)
      })
    },
  )

  test.each(names)('with everything masked the loss and its gradient are 0 (%s)', (phi) => {
    scope(() => {
      const { p, y } = make()
      const mask = bools(new Array<number>(6).fill(0), [2, 3, 1])
      const leaf = p.detach().requireGrad()
      for (const epsilon of [0, 1]) {
        const value = diceLoss(leaf, y, { phi, epsilon, mask, fromLogits: 'softmax' })
        expect(value.item()).toBe(0)
        value.backward()
        expect(Array.from(leaf.grad?.data() ?? []).map(Math.abs)).toEqual(new Array(12).fill(0))
      }
      leaf.dispose()
    })
  })

  test('is bool, of one of its two shapes', () => {
    scope(() => {
      expect(() => loss({ phi: 'I', epsilon: 1, mask: bools([1, 1, 1], [3]) })).toThrow(ShapeError)
      expect(() => loss({ phi: 'I', epsilon: 1, mask: bools([1, 1, 1], [1, 3, 1]) })).toThrow(ShapeError)
      expect(() => loss({ phi: 'I', epsilon: 1, mask: zeros([2, 3, 1]) })).toThrow(DTypeError)
    })
  })
})

describe('classWeights', () => {
  test('are factors on the losses of single-class subsets; |Φ| still divides', () => {
    const plain = each({ phi: 'I', epsilon: 1 })
    const weighted = each({ phi: 'I', epsilon: 1, classWeights: [0.5, 3] })
    expect(
      distance(
        weighted,
        plain.map((x, i) => x * (i % 2 === 0 ? 0.5 : 3)),
      ),
    ).toBeLessThan(1e-15)
    expect(loss({ phi: 'I', epsilon: 1, classWeights: [0.5, 3] })).toBeCloseTo(mean(weighted), 14)
    expect(loss({ phi: 'BI', epsilon: 1, classWeights: [2, 2] })).toBeCloseTo(2 * loss({ phi: 'BI', epsilon: 1 }), 14)
  })

  test('are factors on the elements, not on ε, where a subset has several classes', () => {
    // BCI, class 0: I = 2.0, Y = 3, P = 2.9; class 1: I = 1.5, Y = 2, P = 2.7.
    const s = (2 * (0.5 * 2 + 3 * 1.5) + 1) / (0.5 * 5.9 + 3 * 4.7 + 1)
    expect(loss({ phi: 'BCI', epsilon: 1, classWeights: [0.5, 3] })).toBeCloseTo(1 - s, 14)
  })

  test('under a label map each subset follows its own rule', () => {
    // Subset 0: class 0 of image 0; subset 1: all of image 1.
    const phi = Partition.labels(Int32Array.of(0, -1, 0, -1, 0, -1, 1, 1, 1, 1, 1, 1), { shape })
    const classWeights = [0.5, 3]
    const result = each({ phi, epsilon: 1, classWeights })
    expect(result[0]).toBeCloseTo(each({ phi: 'I', epsilon: 1, classWeights })[0] ?? 0, 14)
    expect(result[1]).toBeCloseTo(each({ phi: 'CI', epsilon: 1, classWeights })[1] ?? 0, 14)
  })

  test('are always C', () => {
    expect(() => loss({ phi: 'I', epsilon: 1, classWeights: [1] })).toThrow(ShapeError)
    expect(() => loss({ phi: 'I', epsilon: 1, classWeights: [1], ignoreBackground: true })).toThrow(ShapeError)
    expect(() => loss({ phi: 'I', epsilon: 1, classWeights: [1, -1] })).toThrow(ConfigError)
  })
})

describe('ignoreBackground', () => {
  test.each(names)('gives what the other channels alone give (%s)', (phi) => {
    scope(() => {
      const { p, y } = make()
      const cut = (x: Tensor): Tensor => x.slice([null, null, [1, 2]])
      const options = { phi, epsilon: 1 }
      expect(loss({ ...options, ignoreBackground: true })).toBeCloseTo(diceLoss(cut(p), cut(y), options).item(), 14)
      const g = gradient({ ...options, ignoreBackground: true })
      expect(g.filter((value, i) => i % 2 === 0 && value !== 0)).toEqual([])
      expect(g.filter((_, i) => i % 2 === 1)).toEqual(Array.from(diceGradient(cut(p), cut(y), options).data()))
      expect(diceLoss(p, y, { ...options, ignoreBackground: true, reduction: 'none' }).shape).toEqual(
        { I: [2, 1], CI: [2], BI: [1], BCI: [] }[phi],
      )
    })
  })

  test('keeps the meaning of class weights and ε per class', () => {
    const all = each({ phi: 'I', epsilon: [1, 9], classWeights: [5, 3] })
    const foreground = each({ phi: 'I', epsilon: [1, 9], classWeights: [5, 3], ignoreBackground: true })
    expect(foreground).toEqual([all[1], all[3]])
  })

  test('is refused where there is nothing else', () => {
    scope(() => {
      const x = zeros([1, 2, 1])
      expect(() => diceLoss(x, x, { phi: 'I', epsilon: 1, ignoreBackground: true })).toThrow(ConfigError)
    })
  })
})

test("the norm 'L2' has squares in the denominator, and its gradient is 2(s p − y)/(N D)", () => {
  const y2 = labels.reduce((sum, y) => sum + y * y, 0)
  const p2 = prediction.reduce((sum, p) => sum + p * p, 0)
  const [whole, score] = [y2 + p2 + 1, (2 * 3.5 + 1) / (y2 + p2 + 1)]
  expect(loss({ phi: 'BCI', epsilon: 1, norm: 'L2' })).toBeCloseTo(1 - score, 14)
  const expected = prediction.map((p, i) => (2 * (score * p - (labels[i] ?? 0))) / whole)
  expect(distance(gradient({ phi: 'BCI', epsilon: 1, norm: 'L2' }), expected)).toBeLessThan(1e-15)
})

test('a uint8 target is a float one', () => {
  scope(() => {
    const { p, y } = make()
    const options: OverlapOptions = { phi: 'I', epsilon: 1 }
    expect(diceLoss(p, y.cast('uint8'), options).item()).toBe(diceLoss(p, y, options).item())
  })
})

const everyOption: Record<string, () => Partial<OverlapOptions>> = {
  'no option': () => ({}),
  'ε apart': () => ({ epsilon: { numerator: 0.3, denominator: 1.5 } }),
  epsilonEmpty: () => ({ epsilonEmpty: 4 }),
  perfect: () => ({ emptySubsets: 'perfect' }),
  drop: () => ({ emptySubsets: 'drop' }),
  'present by maps': () => ({ present: bools([1, 0, 1, 1], [2, 2]) }),
  'a mask of voxels': () => ({ mask: bools([1, 0, 1, 1, 1, 0], [2, 3, 1]) }),
  'a mask of elements': () => ({ mask: bools([1, 0, 1, 1, 1, 0, 0, 1, 1, 1, 1, 1], shape) }),
  classWeights: () => ({ classWeights: [0.4, 2] }),
  ignoreBackground: () => ({ ignoreBackground: true }),
  L2: () => ({ norm: 'L2' }),
  none: () => ({ reduction: 'none' }),
  sigmoid: () => ({ fromLogits: 'sigmoid' }),
  softmax: () => ({ fromLogits: 'softmax' }),
}
const partitions: Record<string, () => OverlapOptions['phi']> = {
  ...Object.fromEntries(names.map((name) => [name, () => name])),
  'a label map': () => Partition.labels(Int32Array.of(0, 1, 2, 0, 1, -1, 1, 1, 0, 0, 2, 2), { shape }),
}

/** d Σ c·f in prediction and target, c = 1, 2, …: by the fused kernel, or by the composition that further derivatives take. */
function gradients(
  f: (x: Tensor, t: Tensor) => Tensor,
  p: Tensor,
  y: Tensor,
  createGraph: boolean,
): readonly ArrayLike<number>[] {
  const [x, t] = [p.detach().requireGrad(), y.detach().requireGrad()]
  const value = f(x, t)
  const cotangent = tensor(
    Float64Array.from({ length: value.size }, (_, i) => 1 + i),
    { shape: value.shape },
  )
  value.backward({ cotangent, createGraph })
  const found = [x, t].map((each) => each.grad?.data() ?? [])
  for (const each of [x, t]) each.dispose()
  return found
}

describe.each(Object.entries(everyOption))('with %s', (_, option) => {
  test.each(Object.entries(partitions))(
    'first and second derivatives in prediction and target are right (%s)',
    (_, phi) => {
      scope(() => {
        const { p, y } = make()
        const f = (x: Tensor, t: Tensor): Tensor => diceLoss(x, t, { phi: phi(), epsilon: 1, ...option() })
        // Targets away from Y = 0, where the policies jump; the empty map stays a constant.
        const soft = y.mul(0.7).add(0.1)
        for (const target of [y, soft]) {
          const byKernel = gradients(f, p, target, false)
          const byComposition = gradients(f, p, target, true)
          byKernel.forEach((g, i) => expect(distance(byComposition[i] ?? [], g, 1e-6)).toBeLessThan(1e-9))
        }
        gradcheck(f, [p, soft])
        gradgradcheck(f, [p, soft])
        const g = (x: Tensor): Tensor => f(x, y)
        gradcheck(g, [p])
        gradgradcheck(g, [p])
      })
    },
  )
})

describe('what is refused', () => {
  const call = (options: object): (() => Tensor) => {
    const x = full([1, 2, 1], 0.5)
    return () => diceLoss(x, x, options as OverlapOptions)
  }

  test.each([
    [{ epsilon: 1 }, /phi/],
    [{ phi: 'I' }, /epsilon/],
    [{ phi: 'B', epsilon: 1 }, /I, CI, BI, BCI/],
    [{ phi: 7, epsilon: 1 }, /phi/],
    [{ phi: 'I', epsilon: 1, smooth: 1 }, /smooth/],
    [{ phi: 'I', epsilon: 1, norm: 'l2' }, /norm: L1 or L2, got l2/],
    [{ phi: 'I', epsilon: 1, reduction: 'sum' }, /reduction/],
    [{ phi: 'I', epsilon: 1, emptySubsets: 'skip' }, /emptySubsets/],
    [{ phi: 'I', epsilon: 1, fromLogits: true }, /fromLogits/],
    [{ phi: 'I', epsilon: 1, ignoreBackground: 'yes' }, /ignoreBackground/],
    [{ phi: 'I', epsilon: { numerator: 1 } }, /denominator/],
    [{ phi: 'I', epsilon: 'small' }, /epsilon/],
  ])('the options %o are a ConfigError that names what is wrong', (options, name) => {
    scope(() => {
      expect(call(options)).toThrow(ConfigError)
      expect(call(options)).toThrow(name)
    })
  })

  test('no options at all', () => {
    scope(() => {
      const missing: unknown = undefined
      const x = zeros([1, 2, 1])
      expect(() => diceLoss(x, x, missing as OverlapOptions)).toThrow(ConfigError)
    })
  })

  test('shapes and dtypes that do not meet', () => {
    scope(() => {
      const options: OverlapOptions = { phi: 'I', epsilon: 1 }
      expect(() => diceLoss(zeros([1, 2, 1]), zeros([1, 2, 2]), options)).toThrow(ShapeError)
      expect(() => diceLoss(zeros([2, 1]), zeros([2, 1]), options)).toThrow(ShapeError)
      expect(() => diceLoss(zeros([1, 2, 1]), zeros([1, 2, 1], { dtype: 'float64' }), options)).toThrow(DTypeError)
      expect(() =>
        diceLoss(zeros([1, 2, 1], { dtype: 'int32' }), zeros([1, 2, 1], { dtype: 'int32' }), options),
      ).toThrow(DTypeError)
    })
  })
})
