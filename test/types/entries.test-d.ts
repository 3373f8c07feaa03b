import { describe, expectTypeOf, test } from 'vitest'
import type { Generator, Tensor } from 'phigrad'
import { diceGradient, diceLoss, heuristicEpsilon, Partition, type PartitionName } from 'phigrad/losses'
import { diceSimilarity } from 'phigrad/metrics'
import { Conv3d, Module, NoNewNet } from 'phigrad/nn'
import { Adam, linearDecay } from 'phigrad/optim'

declare const p: Tensor
declare const y: Tensor
declare const generator: Generator

describe('diceLoss', () => {
  test('has no default for Φ and ε', () => {
    expectTypeOf(diceLoss(p, y, { phi: 'I', epsilon: 1e-7 })).toEqualTypeOf<Tensor>()
    // @ts-expect-error: no options at all
    diceLoss(p, y)
    // @ts-expect-error: ε is missing
    diceLoss(p, y, { phi: 'I' })
    // @ts-expect-error: Φ is missing
    diceLoss(p, y, { epsilon: 1e-7 })
    // @ts-expect-error: the derivative has none either
    diceGradient(p, y, { phi: 'I' })
  })

  test('takes a named Φ or a Partition', () => {
    expectTypeOf<PartitionName>().toEqualTypeOf<'I' | 'CI' | 'BI' | 'BCI'>()
    diceLoss(p, y, { phi: Partition.reduce({ axes: [1, 2] }), epsilon: 1 })
    // @ts-expect-error: the dimensions have their order
    diceLoss(p, y, { phi: 'IB', epsilon: 1 })
    // @ts-expect-error: axes become a Partition by name
    diceLoss(p, y, { phi: [1, 2], epsilon: 1 })
  })

  test('takes ε as a number, as one per class, or apart for numerator and denominator', () => {
    diceLoss(p, y, { phi: 'BI', epsilon: [1, 2] })
    diceLoss(p, y, { phi: 'BI', epsilon: heuristicEpsilon([12, 0]) })
    diceLoss(p, y, { phi: 'BI', epsilon: { numerator: 0, denominator: 1e-5 } })
    // @ts-expect-error: both or neither
    diceLoss(p, y, { phi: 'BI', epsilon: { denominator: 1e-5 } })
    // @ts-expect-error: text is no number
    diceLoss(p, y, { phi: 'BI', epsilon: '1e-7' })
  })

  test('knows its options exactly', () => {
    diceLoss(p, y, { phi: 'I', epsilon: 1, fromLogits: 'sigmoid', emptySubsets: 'drop', norm: 'L2', reduction: 'none' })
    // @ts-expect-error: which activation?
    diceLoss(p, y, { phi: 'I', epsilon: 1, fromLogits: true })
    // @ts-expect-error: as others spell it
    diceLoss(p, y, { phi: 'I', epsilon: 1, smooth: 1 })
    // @ts-expect-error: the sum over subsets is no loss
    diceLoss(p, y, { phi: 'I', epsilon: 1, reduction: 'sum' })
    // @ts-expect-error: with exactOptionalPropertyTypes, an option is given or left out
    diceLoss(p, y, { phi: 'I', epsilon: 1, mask: undefined })
  })
})

describe('networks', () => {
  test('say where their weights come from', () => {
    expectTypeOf(new NoNewNet({ levels: [{ down: [8], up: [] }], generator }).call(p)).toEqualTypeOf<Tensor>()
    // @ts-expect-error: no generator
    new NoNewNet({ levels: [{ down: [8], up: [] }] })
    // @ts-expect-error: no kernel
    new Conv3d({ inChannels: 1, outChannels: 1, generator })
  })

  test('are called with what their forward takes', () => {
    class Difference extends Module<readonly [a: Tensor, b: Tensor]> {
      override forward(a: Tensor, b: Tensor): Tensor {
        return a.sub(b)
      }
    }
    expectTypeOf<Parameters<Difference['call']>>().toEqualTypeOf<[a: Tensor, b: Tensor]>()
    // @ts-expect-error: one input is missing
    new Difference().call(p)
  })
})

test('optimizers take parameters by name or as a list, and a rate or a schedule', () => {
  new Adam(new Map([['w', p]]), { lr: 1e-3 })
  new Adam([p], { lr: linearDecay({ lr: 1e-3, steps: 10 }), betas: [0.9, 0.99] })
  // @ts-expect-error: no learning rate
  new Adam([p], {})
  // @ts-expect-error: one tensor is no list
  new Adam(p, { lr: 1e-3 })
})

test('diceSimilarity may be null only where the policy can skip', () => {
  const map = Uint8Array.of(0, 1)
  expectTypeOf(diceSimilarity(map, map)).toEqualTypeOf<number>()
  expectTypeOf(diceSimilarity(map, map, { bothEmpty: 'one' })).toEqualTypeOf<number>()
  expectTypeOf(diceSimilarity(map, map, { bothEmpty: 'skip' })).toEqualTypeOf<number | null>()
})
