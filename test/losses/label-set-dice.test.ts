/** Partial annotation: marginal Dice, and labels that stand for sets of classes. */
import { fc, test } from '@fast-check/vitest'
import { expect } from 'vitest'
import {
  ConfigError,
  DTypeError,
  ShapeError,
  type Tensor,
  concat,
  gradcheck,
  gradgradcheck,
  scope,
  tensor,
  zeros,
} from '../../src/index.js'
import {
  type LabelSetDiceOptions,
  type MarginalDiceOptions,
  diceLoss,
  labelSetDiceLoss,
  marginalDiceLoss,
} from '../../src/losses/index.js'
import { namedProblems, tensorsOf } from './problem.js'

/** (B, X, C) = (2, 2, 4), rows with sum 1. */
const shape = [2, 2, 4]
const logits = Float64Array.from({ length: 16 }, (_, i) => ((i * 7) % 16) / 5 - 1.5)
const labels = Float64Array.of(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0)
const make = (): { z: Tensor; p: Tensor; y: Tensor } => {
  const z = tensor(logits, { shape })
  return { z, p: z.softmax(), y: tensor(labels, { shape }) }
}
const bool = (values: readonly number[], of: readonly number[]): Tensor =>
  tensor(Uint8Array.from(values), { shape: of, dtype: 'bool' })
const add = (x: Tensor, channels: readonly number[]): Tensor =>
  channels.map((c) => x.slice([null, null, [c, c + 1]])).reduce((a, b) => a.add(b))

test.prop([namedProblems], { numRuns: 40 })(
  'where each label is its own class, and where all is annotated, it is Dice',
  (problem) => {
    scope(() => {
      const { p, y } = tensorsOf(problem)
      const options = { phi: problem.phi, epsilon: problem.epsilon }
      const [batch = 1, channels = 1] = [problem.shape[0], problem.shape.at(-1)]
      const dice = diceLoss(p, y, options).item()
      const labelSets = Array.from({ length: channels }, (_, c) => [c])
      expect(labelSetDiceLoss(p, y, { ...options, labelSets }).item()).toBeCloseTo(dice, 13)
      if (channels === 1) return
      const present = bool(new Array<number>(batch * channels).fill(1), [batch, channels])
      expect(marginalDiceLoss(p, y, { ...options, present }).item()).toBeCloseTo(dice, 13)
    })
  },
)

test('a label is compared with the summed probability of its set', () => {
  scope(() => {
    const { z, p } = make()
    const whole = tensor(Float64Array.of(1, 0, 0, 1, 1, 0, 0, 1), { shape: [2, 2, 2] })
    const options = { phi: 'I', epsilon: 0.5, labelSets: [[0], [1, 2, 3]] } as const
    const summed = concat([add(p, [0]), add(p, [1, 2, 3])], 2)
    const byHand = diceLoss(summed, whole, { phi: 'I', epsilon: 0.5 })
    expect(labelSetDiceLoss(p, whole, options).item()).toBeCloseTo(byHand.item(), 14)
    expect(labelSetDiceLoss(z, whole, { ...options, fromLogits: 'softmax' }).item()).toBeCloseTo(byHand.item(), 14)
  })
})

test('images annotated under different protocols share a batch: unused labels leave Φ there', () => {
  scope(() => {
    const { p, y } = make()
    const target = y.slice([null, null, [0, 3]])
    const labelSets = [
      [[0], [1], [2, 3]],
      [[0], [1, 2, 3], []],
    ]
    const each = labelSetDiceLoss(p, target, { phi: 'I', epsilon: 0.5, labelSets, reduction: 'none' })
    expect(each.shape).toEqual([2, 3])
    const one = (b: number, channels: readonly number[], label: number): number =>
      diceLoss(add(p, channels).slice([[b, b + 1]]), target.slice([[b, b + 1], null, [label, label + 1]]), {
        phi: 'I',
        epsilon: 0.5,
      }).item()
    const expected = [one(0, [0], 0), one(0, [1], 1), one(0, [2, 3], 2), one(1, [0], 0), one(1, [1, 2, 3], 1), 0]
    each.data().forEach((loss, i) => expect(loss).toBeCloseTo(expected[i] ?? 0, 14))
    const mean = labelSetDiceLoss(p, target, { phi: 'I', epsilon: 0.5, labelSets })
    expect(mean.item()).toBeCloseTo(expected.reduce((a, b) => a + b) / 5, 14)
  })
})

test('marginal: missing classes are part of the background, in prediction and target', () => {
  scope(() => {
    const { p, y } = make()
    // Image 0 lacks class 3, whose voxel becomes background; image 1 lacks classes 1 and 2.
    const present = bool([1, 1, 1, 0, 0, 0, 0, 1], [2, 4])
    const options = { phi: 'I', epsilon: 0.5 } as const
    const each = marginalDiceLoss(p, y, { ...options, present, reduction: 'none' }).data()
    const one = (b: number, channels: readonly number[]): number =>
      diceLoss(add(p, channels).slice([[b, b + 1]]), add(y, channels).slice([[b, b + 1]]), options).item()
    const expected = [one(0, [0, 3]), one(0, [1]), one(0, [2]), 0, one(1, [0, 1, 2]), 0, 0, one(1, [3])]
    each.forEach((loss, i) => expect(loss).toBeCloseTo(expected[i] ?? 0, 14))
    const mean = marginalDiceLoss(p, y, { ...options, present }).item()
    expect(mean).toBeCloseTo(expected.reduce((a, b) => a + b) / 5, 14)
    expect(marginalDiceLoss(p, y.cast('uint8'), { ...options, present }).item()).toBe(mean)
  })
})

test.prop([fc.constantFrom('I' as const, 'CI' as const, 'BI' as const, 'BCI' as const)], { numRuns: 4 })(
  'first and second derivatives are right, from logits and in the target',
  (phi) => {
    scope(() => {
      const { z, p, y } = make()
      const soft = y.mul(0.7).add(0.1)
      const present = bool([1, 1, 1, 0, 1, 0, 0, 1], [2, 4])
      const marginal: MarginalDiceOptions = { phi, epsilon: 0.5, present }
      const sets: LabelSetDiceOptions = { phi, epsilon: 0.5, labelSets: [[0], [1, 2], [1, 2, 3], []] }
      for (const check of [gradcheck, gradgradcheck]) {
        check((x, t) => marginalDiceLoss(x, t, marginal), [p, soft])
        check((x) => marginalDiceLoss(x, y, { ...marginal, fromLogits: 'softmax' }), [z])
        check((x, t) => labelSetDiceLoss(x, t, sets), [p, soft])
        check((x) => labelSetDiceLoss(x, y, { ...sets, fromLogits: 'softmax' }), [z])
      }
    })
  },
)

test('what does not fit is refused', () => {
  scope(() => {
    const { p, y } = make()
    const of =
      (options: object): (() => Tensor) =>
      () =>
        labelSetDiceLoss(p, y, { phi: 'I', epsilon: 1, ...options } as LabelSetDiceOptions)
    expect(of({})).toThrow(/labelSets/)
    expect(of({ labelSets: [[0], [1], [2]] })).toThrow(ShapeError)
    expect(of({ labelSets: [[0], [1], [2], [4]] })).toThrow(ConfigError)
    expect(of({ labelSets: [[0], [1], [2], [3, 3]] })).toThrow(ConfigError)
    expect(of({ labelSets: [[[0], [1], [2], [3]]] })).toThrow(/2 images/)
    expect(of({ labelSets: [[0], [1], [2], [3]], fromLogits: 'sigmoid' })).toThrow(/softmax/)
    const present = bool([1, 1], [2])
    const marginal: unknown = { phi: 'I', epsilon: 1 }
    expect(() => marginalDiceLoss(p, y, marginal as MarginalDiceOptions)).toThrow(/present/)
    expect(() => marginalDiceLoss(p, y, { phi: 'I', epsilon: 1, present })).toThrow(ShapeError)
    const one = zeros([1, 2, 1])
    expect(() => marginalDiceLoss(one, one, { phi: 'I', epsilon: 1, present: bool([1], [1, 1]) })).toThrow(ShapeError)
    expect(() => marginalDiceLoss(p, zeros(shape), { phi: 'I', epsilon: 1, present })).toThrow(DTypeError)
  })
})
