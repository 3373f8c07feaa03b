/** The family at its extremes: no NaN for any finite input with any policy, and float32 next to float64 in large volumes. */
import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { Generator, NumericalError, type Tensor, ones, scope, tensor } from '../../src/index.js'
import {
  type OverlapOptions,
  binaryCrossEntropyLoss,
  crossEntropyLoss,
  diceLoss,
  diceSemimetricLoss,
  focalLoss,
  focalTverskyLoss,
  generalizedDiceLoss,
  jaccardLoss,
  labelSetDiceLoss,
  leafDiceLoss,
  marginalDiceLoss,
  tverskyLoss,
} from '../../src/losses/index.js'
import { names, shapes, sizeOf } from './problem.js'

type Loss = (p: Tensor, y: Tensor, options: OverlapOptions) => Tensor

const one = (shape: readonly number[], length: number): Tensor => ones([shape[0] ?? 1, length], { dtype: 'bool' })

const family: Record<string, Loss> = {
  dice: diceLoss,
  'dice L2': (p, y, o) => diceLoss(p, y, { ...o, norm: 'L2' }),
  jaccard: jaccardLoss,
  tversky: (p, y, o) => tverskyLoss(p, y, { ...o, alpha: 0.2, beta: 0.8 }),
  'focal tversky': (p, y, o) => focalTverskyLoss(p, y, { ...o, alpha: 0.2, beta: 0.8, gamma: 3 }),
  'generalized dice': (p, y, o) => generalizedDiceLoss(p, y, o),
  'generalized dice, zero': (p, y, o) => generalizedDiceLoss(p, y, { ...o, absentClass: 'zero' }),
  'generalized dice, simple': (p, y, o) => generalizedDiceLoss(p, y, { ...o, weights: 'simple', absentClass: 1e6 }),
  semimetric: (p, y, o) => diceSemimetricLoss(p, y, o),
  leaf: (p, y, { emptySubsets: _, epsilonEmpty: __, ...o }) => leafDiceLoss(p, y, o),
  'label sets': (p, y, { fromLogits, ...o }) => {
    const labelSets = Array.from({ length: y.shape.at(-1) ?? 1 }, (_, c) => (c === 0 ? [0] : [0, c]))
    return labelSetDiceLoss(p, y, { ...o, labelSets, ...(fromLogits !== undefined && { fromLogits: 'softmax' }) })
  },
  marginal: (p, y, { fromLogits, present: _, ...o }) => {
    const channels = y.shape.at(-1) ?? 1
    if (channels < 2) return diceLoss(p, y, { ...o, ...(fromLogits !== undefined && { fromLogits }) })
    const present = one(y.shape, channels)
    return marginalDiceLoss(p, y, { ...o, present, ...(fromLogits !== undefined && { fromLogits: 'softmax' }) })
  },
}

const policies: readonly Partial<OverlapOptions>[] = [
  {},
  { emptySubsets: 'perfect' },
  { emptySubsets: 'drop' },
  { epsilonEmpty: 2 },
]

const extremes = [0, 5e-324, 1e-300, 1e-38, 0.5, 1 - 2 ** -53, 1]
const logits = [-1.7e308, -1e4, -750, -1, 0, 1e4, 1.7e308]

describe.each(Object.entries(family))('%s', (name, loss) => {
  test.prop(
    [
      shapes,
      fc.constantFrom(...names),
      fc.constantFrom(0, 1e-300, 1e-7, 1),
      fc.constantFrom(...policies),
      fc.constantFrom('empty' as const, 'binary' as const, 'soft' as const),
      fc.nat(),
      fc.constantFrom('none' as const, 'some' as const, 'all' as const),
      fc.constantFrom(undefined, 'sigmoid' as const, 'softmax' as const),
    ],
    { numRuns: 150 },
  )(
    'gives finite numbers, or a NumericalError for 0/0, never NaN',
    (shape, phi, epsilon, policy, kind, seed, masked, fromLogits) => {
      scope(() => {
        const generator = new Generator(seed)
        const size = sizeOf(shape)
        const draw = (choices: readonly number[]): Tensor =>
          tensor(
            Float64Array.from({ length: size }, () => choices[generator.integer(choices.length)] ?? 0),
            { shape },
          )
        const y = draw({ empty: [0], binary: [0, 1], soft: extremes }[kind])
          .detach()
          .requireGrad()
        const x = draw(fromLogits === undefined ? extremes : logits)
          .detach()
          .requireGrad()
        const spatial = [...shape.slice(0, -1), 1]
        const mask = tensor(
          Uint8Array.from({ length: sizeOf(spatial) }, (_, i) => (masked === 'all' ? 0 : i % 2)),
          { shape: spatial, dtype: 'bool' },
        )
        const options: OverlapOptions = {
          phi,
          epsilon,
          ...policy,
          ...(masked !== 'none' && { mask }),
          ...(fromLogits !== undefined && { fromLogits }),
        }
        try {
          const value = loss(x, y, options)
          value.backward()
          const found = [value, x.grad, y.grad].flatMap((each) => (each === null ? [] : Array.from(each.data())))
          expect(found.some(Number.isNaN), name).toBe(false)
          expect(Number.isFinite(value.item())).toBe(true)
        } catch (error) {
          if (!(error instanceof NumericalError)) throw error
          expect(epsilon).toBe(0)
        }
        for (const each of [x, y]) each.dispose()
      })
    },
  )
})

const DEEP = process.env['PHIGRAD_DEEP'] === '1'

/** One channel per image for the overlap losses and the binary ones; CE at the same number of elements in two channels. */
const accuracy: Record<string, readonly [channels: 1 | 2, (p: Tensor, y: Tensor) => Tensor]> = {
  ...Object.fromEntries(
    Object.entries(family)
      .filter(([name]) => name !== 'label sets' && name !== 'marginal')
      .map(([name, loss]) => [name, [1, (p: Tensor, y: Tensor) => loss(p, y, { phi: 'I', epsilon: 1e-7 })]] as const),
  ),
  'dice from logits': [1, (p, y) => diceLoss(p, y, { phi: 'I', epsilon: 1e-7, fromLogits: 'sigmoid' })],
  'dice from softmax logits': [2, (p, y) => diceLoss(p, y, { phi: 'I', epsilon: 1e-7, fromLogits: 'softmax' })],
  'label sets': [2, (p, y) => labelSetDiceLoss(p, y, { phi: 'I', epsilon: 1e-7, labelSets: [[0], [0, 1]] })],
  marginal: [2, (p, y) => marginalDiceLoss(p, y, { phi: 'I', epsilon: 1e-7, present: one(y.shape, 2) })],
  // These have temporaries of the volume's size: at 2^27 they are left to machines with more memory.
  ...(!DEEP &&
    ({
      'binary cross-entropy': [1, (p, y) => binaryCrossEntropyLoss(p, y)],
      'binary cross-entropy from logits': [1, (p, y) => binaryCrossEntropyLoss(p, y, { fromLogits: 'sigmoid' })],
      'cross-entropy from logits': [2, (p, y) => crossEntropyLoss(p, y, { fromLogits: 'softmax' })],
      focal: [1, (p, y) => focalLoss(p, y)],
      'focal from logits': [1, (p, y) => focalLoss(p, y, { fromLogits: 'sigmoid' })],
      'focal from softmax logits': [2, (p, y) => focalLoss(p, y, { fromLogits: 'softmax' })],
    } as const)),
}

const inputs = new Map<string, { labels: Uint8Array; values: Float32Array }>()

/** One in ten elements labelled; probabilities within 0.01 of the label, logits from 2 to 10 on its side. */
function inputsOf(channels: 1 | 2, areLogits: boolean): { labels: Uint8Array; values: Float32Array } {
  const key = `${channels} ${String(areLogits)}`
  const known = inputs.get(key)
  if (known !== undefined) return known
  const size = 2 ** (DEEP ? 27 : 22)
  const generator = new Generator(5)
  const made = { labels: new Uint8Array(size), values: new Float32Array(size) }
  for (let i = 0; i < size; i += channels) {
    const label = generator.uniform() < 0.1 ? 1 : 0
    for (let c = 0; c < channels; c++) {
      const y = channels === 1 ? label : label === c ? 1 : 0
      const u = generator.uniform()
      made.labels[i + c] = y
      made.values[i + c] = areLogits ? (2 * y - 1) * (2 + 8 * u) : y === 1 ? 1 - 0.01 * u : 0.01 * u
    }
  }
  inputs.set(key, made)
  return made
}

/** Inputs are the same numbers in both dtypes; what differs is the arithmetic. Logits are near-certain and right, where it is hardest. */
test.each(Object.entries(accuracy))(
  `%s: float32 is within 1e-6 of float64 at 2^${DEEP ? 27 : 22} elements`,
  (name, [channels, loss]) => {
    const { labels, values } = inputsOf(channels, name.includes('logits'))
    const shape = [1, values.length / channels, channels]
    const of = (dtype: 'float32' | 'float64'): number =>
      scope(() => {
        const y = tensor(labels, { shape, dtype: 'uint8' })
        return loss(tensor(values, { shape, dtype }), y).item()
      })
    expect(Math.abs(of('float32') / of('float64') - 1)).toBeLessThan(1e-6)
  },
  DEEP ? 600_000 : 120_000,
)
