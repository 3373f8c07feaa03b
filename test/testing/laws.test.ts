/** Every law holds for a loss that it is about, and catches a mutant that is wrong in one thing. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Tensor, scope, tensor } from '../../src/index.js'
import { diceLoss } from '../../src/losses/dice.js'
import {
  type CheckLossOptions,
  LawError,
  binaryTargets,
  checkLoss,
  families,
  laws,
  predictions,
} from '../../src/testing/index.js'
import { root } from '../build.js'
import { trials } from './mutants.js'

const names = laws.map(({ name }) => name)

test('every law has a mutant, a name of its own, and a family', () => {
  expect(Object.keys(trials).toSorted()).toEqual(names.toSorted())
  expect(new Set(names).size).toBe(names.length)
  const inFamilies = new Set<string>(Object.values(families).flat())
  expect([...inFamilies].toSorted()).toEqual(names.toSorted())
})

describe.each(Object.entries(trials))('%s', (name, { right, mutant, why, options: { fromLogits, sharded } = {} }) => {
  const options = (kind: 0 | 1): CheckLossOptions => ({
    laws: [name],
    runs: 60,
    everyPartitionUpTo: 4,
    ...(fromLogits !== undefined && { fromLogits }),
    ...(sharded !== undefined && { sharded: sharded[kind] }),
  })

  test('holds for a loss that it is about', () => {
    const [report] = checkLoss(right, options(0))
    expect(report).toMatchObject({ law: name, outcome: 'holds', detail: '' })
    expect(report?.cases).toBeGreaterThanOrEqual(15)
  })

  test(`catches: ${why}`, () => {
    const error = caught(() => checkLoss(mutant, { ...options(1), name: 'mutant' }))
    expect(error).toBeInstanceOf(LawError)
    expect(error.message).toMatch(
      new RegExp(`^\\[checkLoss\\] expected mutant to obey 1 law, got 1 broken\\n\\n${name}: `),
    )
    expect(error.message).toMatch(/Φ = .*\n[^]*expected .*\n.*got {6}\S/)
    // The law is broken by what the loss says, not by a loss that cannot be asked.
    expect(error.message).not.toContain('the loss threw')
  })
})

test('docs/laws.md lists every law with its identity, its mutant and its families', () => {
  const text = readFileSync(join(root, 'docs/laws.md'), 'utf8').replaceAll('\\|', '|')
  for (const { name, identity } of laws)
    expect(text).toContain(`| \`${name}\` | ${identity} | ${trials[name]?.why ?? ''} |`)
  for (const [family, own] of Object.entries<readonly string[]>(families)) {
    const shared = families.overlap.every((name) => own.includes(name)) && family !== 'overlap'
    const rest = shared ? own.slice(families.overlap.length) : own
    const list = [...(shared ? ['those of `overlap`'] : []), ...rest.map((name) => `\`${name}\``)].join(', ')
    expect(text).toContain(`| \`${family}\` | ${list} |`)
  }
})

test('the constant 3/2 of the relaxed triangle is attained by {1}, {1,2}, {2} at ε = 0', () => {
  scope(() => {
    const of = (...values: number[]): Tensor => tensor(values, { shape: [1, 2, 1], dtype: 'float64' })
    const distance = (a: Tensor, b: Tensor): number => diceLoss(a, b, { phi: 'I', epsilon: 0 }).item()
    const [a, b, c] = [of(1, 0), of(1, 1), of(0, 1)]
    expect(distance(a, c)).toBe(1)
    expect(distance(a, b) + distance(b, c)).toBeCloseTo(2 / 3, 15)
  })
})

test('there is no order between the losses under I and under BI', () => {
  const shape = [3, 4, 1]
  const differences = fc
    .sample(fc.tuple(predictions(shape), binaryTargets(shape)), { numRuns: 200, seed: 1 })
    .map(([p, y]) =>
      scope(() => {
        const [prediction, target] = [tensor(p, { shape }), tensor(y, { shape })]
        const [images, batch] = (['I', 'BI'] as const).map((phi) =>
          diceLoss(prediction, target, { phi, epsilon: 1 }).item(),
        )
        return (batch ?? 0) - (images ?? 0)
      }),
    )
  expect(differences.filter((difference) => difference > 0.01).length).toBeGreaterThan(10)
  expect(differences.filter((difference) => difference < -0.01).length).toBeGreaterThan(10)
})

function caught(fn: () => unknown): Error {
  try {
    fn()
  } catch (error) {
    if (error instanceof Error) return error
  }
  throw new Error('nothing was thrown')
}
