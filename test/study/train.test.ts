import { describe, expect, test } from 'vitest'
import { bratsPhantom } from '../../src/data/phantom/brats.js'
import { type Case, markMissing, replaceByEmpty } from '../../src/data/case.js'
import { decodeSafetensors, encodeSafetensors } from '../../src/nn/index.js'
import type { RunConfig } from '../../src/study/config.js'
import { NonFiniteError, Trainer } from '../../src/study/train.js'
import { memory } from '../../src/tensor/storage.js'
import { tinyConfig } from './tiny.js'

const shape = [8, 8, 4] as const
const affine = Float64Array.of(20, 0, 0, -70, 0, 20, 0, -70, 0, 0, 24, -36, 0, 0, 0, 1)

function phantomCases(): Case[] {
  return [...bratsPhantom({ subjects: { HGG: 3, LGG: 2 }, grid: [...shape] })].map(
    ({ id, group, modalities, segmentation }) => {
      const { flair, t1, t1ce, t2 } = modalities
      const image = Float32Array.from(
        { length: 4 * flair.length },
        (_, i) => [flair, t1, t1ce, t2][i % 4]?.[i >> 2] ?? 0,
      )
      const label = segmentation.map((value) => (value > 0 ? 1 : 0))
      const spacing = [20, 20, 24] as const
      const grid = { shape, affine, spacing, voxelVolumeMl: 9.6, channels: 4, classes: 1, annotated: [true] }
      return { id, group, image, label, ...grid }
    },
  )
}

const cases = phantomCases()
const config = tinyConfig('unused', { steps: 8, phi: 'I', loss: 'I' })

/** Trains from `state` (or from the start) up to a step; returns the state's bytes and the losses on the way. */
function advance(to: number, state?: Uint8Array, from: RunConfig = config): { bytes: Uint8Array; losses: number[] } {
  using trainer = disposable(new Trainer(from, cases))
  if (state !== undefined) trainer.value.restore(decodeSafetensors(state, 'state'))
  const losses: number[] = []
  while (trainer.value.step < to) losses.push(trainer.value.advance().loss)
  return { bytes: encodeSafetensors(trainer.value.state().tensors), losses }
}

function disposable(value: Trainer): { value: Trainer } & Disposable {
  return { value, [Symbol.dispose]: () => value.dispose() }
}

describe('training', () => {
  test('from a restored state ends with the bits of training in one go', () => {
    const whole = advance(8)
    const first = advance(3)
    const second = advance(8, first.bytes)
    expect([...first.losses, ...second.losses]).toEqual(whole.losses)
    expect(Buffer.compare(second.bytes, whole.bytes)).toBe(0)
  })

  test('under another seed gives other bits', () => {
    expect(Buffer.compare(advance(2).bytes, advance(2, undefined, { ...config, seed: 1 }).bytes)).not.toBe(0)
  })

  test('lowers the loss', () => {
    const longer = { ...config, steps: 60, optimizer: { ...config.optimizer, learningRate: 0.02 } }
    const { losses } = advance(60, undefined, longer)
    const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
    expect(mean(losses.slice(-10))).toBeLessThan(0.9 * mean(losses.slice(0, 10)))
  })

  test('lets the learning rate fall over the last quarter of the steps', () => {
    const trainer = new Trainer(config, cases)
    const rates = Array.from({ length: 8 }, () => trainer.advance().learningRate)
    trainer.dispose()
    expect(rates).toEqual([3e-3, 3e-3, 3e-3, 3e-3, 3e-3, 3e-3, 3e-3, 1.5e-3])
  })

  test('keeps no tensors from step to step', () => {
    using trainer = disposable(new Trainer(config, cases))
    trainer.value.advance()
    const { tensors } = memory()
    trainer.value.advance()
    trainer.value.advance()
    expect(memory().tensors).toBe(tensors)
  })
})

describe('a case whose label is all zeros', () => {
  const lossOf = (items: readonly Case[]): number => {
    using trainer = disposable(new Trainer(config, items))
    return trainer.value.advance().loss
  }
  const pair = cases.slice(0, 2)

  test('costs image-wise Dice a whole term where it is empty, and none where it is missing', () => {
    // One of the two terms of a batch of B = 2 is 1 − ε/(Ỹ + ε) ≈ 1 for an empty map (Eq. 3), and leaves |Φ| where missing.
    const [present, absent] = pair
    if (present === undefined || absent === undefined) throw new Error('two cases')
    const empty = lossOf([present, replaceByEmpty(absent)])
    const missing = lossOf([present, markMissing(absent)])
    expect(empty).toBeCloseTo((missing + 1) / 2, 5)
    expect(missing).toBeLessThan(1)
  })
})

describe('a loss that is not finite', () => {
  const wild = { ...config, optimizer: { ...config.optimizer, learningRate: 1e38 } }

  test('stops training and names the step and the cases of the batch', () => {
    const trainer = new Trainer(wild, cases)
    const run = () => {
      while (trainer.step < 8) trainer.advance()
    }
    expect(run).toThrow(NonFiniteError)
    expect(run).toThrow(/expected a finite loss, got NaN at step \d, batch of Phantom18_\w+, Phantom18_\w+/)
    trainer.dispose()
  })

  test('is found in the parameters before the next loss', () => {
    const trainer = new Trainer(config, cases)
    expect(() => trainer.checkFinite()).not.toThrow()
    const [weight] = trainer.network.parameters()
    weight?.assign(weight.data().fill(Infinity))
    expect(() => trainer.checkFinite()).toThrow(/finite values in down\.0\.0\.conv\.weight, got Infinity at step 0/)
    trainer.dispose()
  })
})
