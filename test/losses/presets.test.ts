/**
 * Presets against the conventions of their packages, worked out by hand here: plain loops over (B, X, C), no code of the losses. The
 * tables of MONAI have a file of their own.
 */
import { fc, test } from '@fast-check/vitest'
import { describe as group, expect } from 'vitest'
import { ConfigError, Generator, type Tensor, scope, tensor } from '../../src/index.js'
import {
  type PresetName,
  combineLosses,
  crossEntropyLoss,
  describe,
  diceLoss,
  focalLoss,
  generalizedDiceLoss,
  leafDiceLoss,
  preset,
  presetNames,
  withOptions,
  Partition,
} from '../../src/losses/index.js'

const [B, X, C] = [2, 5, 3]
const shape = [B, X, C]

interface Data {
  readonly p: number[][][]
  readonly y: number[][][]
}

/** Softmax probabilities and one-hot labels; class 2 is empty in image 1, and with `sparse` class 1 too. */
function draw(seed: number, sparse = false): Data & { readonly z: number[][][] } {
  const generator = new Generator(seed)
  const cells = <T>(f: (b: number, x: number) => T): T[][] =>
    Array.from({ length: B }, (_, b) => Array.from({ length: X }, (_, x) => f(b, x)))
  const z = cells(() => Array.from({ length: C }, () => 4 * generator.uniform() - 2))
  const p = z.map((image) => image.map(softmax))
  const y = cells((b) => {
    const label = generator.integer(b === 0 ? C : sparse ? 1 : 2)
    return Array.from({ length: C }, (_, c) => (c === label ? 1 : 0))
  })
  return { z, p, y }
}

function softmax(z: readonly number[]): number[] {
  const e = z.map(Math.exp)
  const total = e.reduce((a, b) => a + b, 0)
  return e.map((value) => value / total)
}

const toTensor = (values: number[][][]): Tensor => tensor(values, { dtype: 'float64' })

/** Σ over the voxels of the maps (b, c) of f(p, y). */
function total(
  { p, y }: Data,
  maps: readonly (readonly [number, number])[],
  f: (p: number, y: number) => number,
): number {
  let sum = 0
  for (const [b, c] of maps) for (let x = 0; x < X; x++) sum += f(p[b]?.[x]?.[c] ?? 0, y[b]?.[x]?.[c] ?? 0)
  return sum
}

type Maps = readonly (readonly [number, number])[]
const images = [0, 1]
const classes = [0, 1, 2]

/** The maps of each subset of Φ. */
const subsets = {
  I: images.flatMap((b) => classes.map((c) => [[b, c]] as Maps)),
  CI: images.map((b) => classes.map((c) => [b, c] as const)),
  BI: classes.map((c) => images.map((b) => [b, c] as const)),
  BCI: [images.flatMap((b) => classes.map((c) => [b, c] as const))],
} as const

const score = (data: Data, maps: Maps, above: number, below = above): number =>
  (2 * total(data, maps, (p, y) => p * y) + above) / (total(data, maps, (p, y) => p + y) + below)
const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length
const isForeground = (maps: Maps): boolean => maps.every(([, c]) => c > 0)

function valueOf(name: PresetName, options: object | undefined, data: Data, batch: object = {}): number {
  return scope(() => preset(name, options)(toTensor(data.p), toTensor(data.y), batch).item())
}

const seeds = fc.nat(1000)

group('the paper', () => {
  test.prop([seeds])('I, CI, BI and BCI are Eq. 3 with ε = 1e-7', (seed) => {
    const data = draw(seed)
    for (const phi of ['I', 'CI', 'BI', 'BCI'] as const) {
      const expected = 1 - mean(subsets[phi].map((maps) => score(data, maps, 1e-7)))
      expect(valueOf(`paper:${phi}`, undefined, data)).toBeCloseTo(expected, 14)
    }
  })

  test.prop([seeds])('I_eps has ε per class, and may ignore the background', (seed) => {
    const data = draw(seed)
    const epsilon = [7, 11, 13]
    const each = subsets.I.map((maps) => score(data, maps, epsilon[maps[0]?.[1] ?? 0] ?? 0))
    expect(valueOf('paper:I_eps', { epsilon }, data)).toBeCloseTo(1 - mean(each), 14)
    const foreground = each.filter((_, i) => isForeground(subsets.I[i] ?? []))
    expect(valueOf('paper:I_eps', { epsilon, ignoreBackground: true }, data)).toBeCloseTo(1 - mean(foreground), 14)
    expect(() => preset('paper:I_eps')).toThrow(/epsilon/)
  })

  test.prop([seeds])('leaf counts empty maps as perfect; marginal adds missing classes to the background', (seed) => {
    const data = draw(seed)
    const leaf = subsets.I.map((maps) => (total(data, maps, (_, y) => y) === 0 ? 1 : score(data, maps, 1e-7)))
    expect(valueOf('paper:leaf', undefined, data)).toBeCloseTo(1 - mean(leaf), 14)
    const merged = [data.p, data.y].map((values) =>
      values.map((image, b) => image.map(([p0 = 0, p1 = 0, p2 = 0]) => (b === 0 ? [p0, p1, p2] : [p0 + p2, p1, 0]))),
    )
    const marginal = { p: merged[0] ?? [], y: merged[1] ?? [] }
    const expected = subsets.I.slice(0, 5).map((maps) => score(marginal, maps, 1e-7))
    scope(() => {
      const present = tensor(Uint8Array.of(1, 1, 1, 1, 1, 0), { shape: [B, C], dtype: 'bool' })
      expect(valueOf('paper:marginal', undefined, data, { present })).toBeCloseTo(1 - mean(expected), 14)
    })
  })
})

group('DeepVoxNet2', () => {
  test.prop([seeds, fc.boolean(), fc.boolean()])(
    'is 1 − mean of (2I + ε)/(U + ε) over its axes',
    (seed, batch, features) => {
      const data = draw(seed)
      const phi = batch ? (features ? 'BCI' : 'BI') : features ? 'CI' : 'I'
      const expected = 1 - mean(subsets[phi].map((maps) => score(data, maps, 1e-7)))
      const options = { reduce_along_batch: batch, reduce_along_features: features }
      expect(valueOf('deepvoxnet2:dice_loss', options, data)).toBeCloseTo(expected, 14)
    },
  )

  test.prop([seeds])('weights are on the scores: (0, 1, 1) leaves ⅓ + ⅔ of the foreground loss', (seed) => {
    const data = draw(seed)
    const each = subsets.I.map((maps) => (isForeground(maps) ? score(data, maps, 1e-7) : 0))
    const value = valueOf('deepvoxnet2:dice_loss', { weights: [0, 1, 1] }, data)
    expect(value).toBeCloseTo(1 - mean(each), 14)
    const foreground = 1 - mean(each.filter((_, i) => isForeground(subsets.I[i] ?? [])))
    expect(value).toBeCloseTo(1 / 3 + (2 / 3) * foreground, 14)
  })

  test.prop([seeds])('eps_neg stands where the label is empty; feature weights are on the sums', (seed) => {
    const data = draw(seed, true)
    const each = subsets.I.map((maps) => score(data, maps, total(data, maps, (_, y) => y) === 0 ? 9 : 0.1))
    expect(valueOf('deepvoxnet2:dice_loss', { eps: 0.1, eps_neg: 9 }, data)).toBeCloseTo(1 - mean(each), 14)
    const weights = [0.5, 1, 2]
    const weigh = (b: number, f: (p: number, y: number) => number): number =>
      classes.reduce((sum, c) => sum + (weights[c] ?? 0) * total(data, [[b, c]], f), 0)
    const scores = images.map((b) => (2 * weigh(b, (p, y) => p * y) + 0.1) / (weigh(b, (p, y) => p + y) + 0.1))
    const options = { reduce_along_features: true, feature_weights: weights, eps: 0.1 }
    expect(valueOf('deepvoxnet2:dice_loss', options, data)).toBeCloseTo(1 - mean(scores), 14)
    expect(() => preset('deepvoxnet2:dice_loss', { feature_weights: weights })).toThrow(ConfigError)
  })

  test.prop([seeds])('the semimetric is 1 − mean of (U − Σ|p − y| + ε)/(U + ε)', (seed) => {
    const data = draw(seed)
    const soft = { p: data.p, y: draw(seed + 1).p }
    const each = subsets.BI.map((maps) => {
      const union = total(soft, maps, (p, y) => p + y)
      return (union - total(soft, maps, (p, y) => Math.abs(p - y)) + 0.3) / (union + 0.3)
    })
    const options = { reduce_along_batch: true, eps: 0.3 }
    expect(valueOf('deepvoxnet2:dice_semimetric_loss', options, soft)).toBeCloseTo(1 - mean(each), 14)
  })
})

group('nnU-Net', () => {
  test.prop([seeds, fc.boolean(), fc.boolean(), fc.constantFrom(0, 1e-5, 1)])(
    'SoftDiceLoss is −mean of (2I + smooth)/max(U + smooth, 1e-8)',
    (seed, batch_dice, do_bg, smooth) => {
      const data = draw(seed)
      const all = batch_dice ? subsets.BI : subsets.I
      const dc = all
        .filter((maps) => do_bg || isForeground(maps))
        .map((maps) => {
          const above = 2 * total(data, maps, (p, y) => p * y) + smooth
          return above / Math.max(total(data, maps, (p, y) => p + y) + smooth, 1e-8)
        })
      expect(valueOf('nnunet:SoftDiceLoss', { batch_dice, do_bg, smooth }, data)).toBeCloseTo(-mean(dc), 14)
    },
  )

  test('with smooth = 0 an empty map that is predicted empty scores 0, without NaN', () => {
    const nothing = { p: [[[0]]], y: [[[0]]] }
    expect(valueOf('nnunet:SoftDiceLoss', { smooth: 0 }, nothing)).toBe(0)
  })

  test.prop([seeds])('DC_and_CE_loss adds cross-entropy, a mean over voxels; from logits and label maps', (seed) => {
    const { z, p, y } = draw(seed)
    const dc = subsets.I.filter(isForeground).map((maps) => score({ p, y }, maps, 1e-5))
    const entropy = mean(
      p.flatMap((image, b) => image.map((row, x) => -Math.log(row[(y[b]?.[x] ?? []).indexOf(1)] ?? 0))),
    )
    scope(() => {
      const loss = preset('nnunet:DC_and_CE_loss', { weight_ce: 0.5, weight_dice: 2 })
      const map = tensor(
        y.map((image) => image.map((row) => [row.indexOf(1)])),
        { dtype: 'int32' },
      )
      for (const target of [toTensor(y), map]) {
        expect(loss(toTensor(z), target).item()).toBeCloseTo(-2 * mean(dc) + 0.5 * entropy, 13)
      }
    })
  })

  test.prop([seeds])('DC_and_BCE_loss is of sigmoids, background and all', (seed) => {
    const { z, y } = draw(seed)
    const p = z.map((image) => image.map((row) => row.map((value) => 1 / (1 + Math.exp(-value)))))
    const dc = subsets.I.map((maps) => score({ p, y }, maps, 1e-5))
    const entropy =
      total({ p, y }, subsets.BCI[0], (a, b) => -b * Math.log(a) - (1 - b) * Math.log(1 - a)) / (B * X * C)
    scope(() => {
      const value = preset('nnunet:DC_and_BCE_loss')(toTensor(z), toTensor(y)).item()
      expect(value).toBeCloseTo(entropy - mean(dc), 13)
    })
  })
})

group('MONAI', () => {
  test.prop([seeds])('DiceFocalLoss is Dice plus the sigmoid focal loss, mean over elements', (seed) => {
    const { z, p, y } = draw(seed)
    const dice = 1 - mean(subsets.I.map((maps) => score({ p, y }, maps, 1e-5)))
    const q = z.map((image) => image.map((row) => row.map((value) => 1 / (1 + Math.exp(-value)))))
    const term = (a: number, b: number): number => -b * (1 - a) ** 2 * Math.log(a) - (1 - b) * a ** 2 * Math.log(1 - a)
    const focal = total({ p: q, y }, subsets.BCI[0], term) / (B * X * C)
    scope(() => {
      const loss = preset('monai:DiceFocalLoss', { softmax: true, lambda_focal: 0.5 })
      expect(loss(toTensor(z), toTensor(y)).item()).toBeCloseTo(dice + 0.5 * focal, 13)
    })
  })

  test.prop([seeds])('GeneralizedDiceLoss puts ε beside the weighted sums', (seed) => {
    const data = draw(seed, true)
    const each = images.map((b) => {
      const volumes = classes.map((c) => total(data, [[b, c]], (_, y) => y))
      const finite = volumes.map((v) => (v > 0 ? 1 / v ** 2 : 0))
      const weights = volumes.map((v, c) => (v > 0 ? (finite[c] ?? 0) : Math.max(...finite)))
      const weigh = (f: (p: number, y: number) => number): number =>
        classes.reduce((sum, c) => sum + (weights[c] ?? 0) * total(data, [[b, c]], f), 0)
      return 1 - (2 * weigh((p, y) => p * y) + 0.01) / (weigh((p, y) => p + y) + 0.02)
    })
    const options = { smooth_nr: 0.01, smooth_dr: 0.02 }
    expect(valueOf('monai:GeneralizedDiceLoss', options, data)).toBeCloseTo(mean(each), 13)
  })

  test('all its classes absent, the generalized Dice loss is 0 with derivative 0, whatever is predicted', () => {
    scope(() => {
      const x = tensor([[[0.3, 0.7]]], { dtype: 'float64', requiresGrad: true })
      const loss = preset('monai:GeneralizedDiceLoss')(x, tensor([[[0, 0]]], { dtype: 'float64' }))
      loss.backward()
      expect([loss.item(), ...(x.grad?.data() ?? [])].map(Math.abs)).toEqual([0, 0, 0])
      x.dispose()
    })
  })
})

group('names and options', () => {
  test('every preset evaluates with its defaults, or says what it needs', () => {
    scope(() => {
      const { p, y } = draw(1)
      for (const name of presetNames) {
        if (name === 'paper:I_eps') continue
        const present = tensor(Uint8Array.of(1, 1, 1, 1, 1, 1), { shape: [B, C], dtype: 'bool' })
        const batch = name === 'paper:marginal' ? { present } : {}
        const value = preset(name)(toTensor(p), toTensor(y), batch)
        expect(Number.isFinite(value.item()), name).toBe(true)
        expect(preset(name).describe(), name).not.toMatch(/\n|undefined|NaN/)
      }
    })
  })

  test('unknown names and options are refused', () => {
    const name: unknown = 'monai:Dice'
    expect(() => preset(name as PresetName)).toThrow(/monai:DiceLoss/)
    const options: unknown = { smooth: 1 }
    expect(() => preset('monai:DiceLoss', options as object)).toThrow(/smooth_nr/)
    const inherited: unknown = 'toString'
    expect(() => preset(inherited as PresetName)).toThrow(ConfigError)
  })
})

group('describe', () => {
  test('says Φ, |Φ|, ε, the norm and the policies in one line', () => {
    expect(describe(preset('paper:BI'))).toBe('Dice (L1): Φ = BI, |Φ| = C; ε = 1e-7; empty subsets keep Eq. 3')
    expect(describe(preset('paper:I', { ignoreBackground: true }), [2, 8, 8, 8, 4])).toBe(
      'Dice (L1): Φ = I, |Φ| = 6; ε = 1e-7; empty subsets keep Eq. 3; channel 0 ignored',
    )
    expect(describe(preset('paper:leaf'))).toBe(
      'leaf Dice (L1): Φ = I, |Φ| = B·C; ε = 1e-7; empty subsets count as perfect',
    )
    expect(describe(preset('monai:DiceLoss', { squared_pred: true, smooth_nr: 0, softmax: true }))).toBe(
      'Dice (L2): Φ = I, |Φ| = B·C; ε = 0 above, 1e-5 below; empty subsets keep Eq. 3; from softmax logits',
    )
    expect(describe(preset('nnunet:DC_and_CE_loss', { batch_dice: true }))).toBe(
      '1 × (Dice (L1): Φ = BI, |Φ| = C − 1; ε = 1e-5; empty subsets keep Eq. 3; channel 0 ignored; from softmax logits; ' +
        'less 1) + 1 × (cross-entropy from softmax logits)',
    )
    const own = withOptions(generalizedDiceLoss, {
      phi: Partition.of('CI'),
      epsilon: [1, 2],
      epsilonEmpty: 5,
      emptySubsets: 'drop',
      absentClass: 'zero',
    })
    expect(describe(own)).toBe(
      'generalized Dice (L1): Φ = CI, |Φ| = B; ε = (1, 2); empty subsets leave Φ; ε of empty subsets = 5; absentClass zero',
    )
  })
})

group('combineLosses', () => {
  test.prop([seeds])('is the weighted sum of its terms, mask and all, and its derivative theirs', (seed) => {
    scope(() => {
      const { z, y } = draw(seed)
      const mask = tensor(
        Uint8Array.from({ length: B * X }, (_, i) => (i % 3 === 0 ? 0 : 1)),
        { shape: [B, X, 1], dtype: 'bool' },
      )
      const present = tensor(Uint8Array.of(1, 1, 1, 1, 0, 1), { shape: [B, C], dtype: 'bool' })
      const dice = { phi: 'I', epsilon: 1, fromLogits: 'softmax' } as const
      const terms = [
        { loss: withOptions(diceLoss, dice) },
        { loss: withOptions(crossEntropyLoss, { fromLogits: 'softmax' }), weight: 0.5 },
        { loss: withOptions(focalLoss, { fromLogits: 'softmax', gamma: 1 }), weight: 2 },
        { loss: withOptions(leafDiceLoss, { phi: 'BI', epsilon: 0 }), weight: 0 },
      ]
      const [whole, apart] = [0, 1].map(() => tensor(z, { dtype: 'float64', requiresGrad: true }))
      if (whole === undefined || apart === undefined) throw new Error('two leaves')
      const target = toTensor(y)
      const combined = combineLosses(whole, target, { terms, mask, present })
      const sum = diceLoss(apart, target, { ...dice, mask, present })
        .add(crossEntropyLoss(apart, target, { fromLogits: 'softmax', mask }).mul(0.5))
        .add(focalLoss(apart, target, { fromLogits: 'softmax', gamma: 1, mask }).mul(2))
      expect(combined.item()).toBeCloseTo(sum.item(), 14)
      combined.backward()
      sum.backward()
      whole.grad?.data().forEach((g, i) => expect(g).toBeCloseTo(apart.grad?.data()[i] ?? 0, 14))
      for (const leaf of [whole, apart]) leaf.dispose()
      expect(describe(withOptions(combineLosses, { terms }), shape)).toBe(
        'Dice (L1): Φ = I, |Φ| = 6; ε = 1; empty subsets keep Eq. 3; from softmax logits + ' +
          '0.5 × (cross-entropy from softmax logits) + 2 × (focal from softmax logits; gamma 1)',
      )
    })
  })

  test('refuses no terms, and terms that are no losses', () => {
    scope(() => {
      const x = tensor([[[0.5]]])
      expect(() => combineLosses(x, x, { terms: [] })).toThrow(ConfigError)
      const dice = withOptions(diceLoss, { phi: 'I', epsilon: 1 })
      expect(() => combineLosses(x, x, { terms: [{ loss: dice, weight: -1 }] })).toThrow(/weight/)
      expect(() => combineLosses(x, x, { terms: [{ loss: dice, weight: 0 }] })).toThrow(ConfigError)
    })
  })
})
