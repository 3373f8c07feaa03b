/** The laws under every set partition of Ω up to 8 elements: enumerated, not sampled. */
import { describe, expect, test } from 'vitest'
import { diceLoss } from '../../src/losses/dice.js'
import { diceSemimetricLoss } from '../../src/losses/dice-semimetric.js'
import { jaccardLoss } from '../../src/losses/jaccard.js'
import { leafDiceLoss } from '../../src/losses/leaf-dice.js'
import { focalTverskyLoss, tverskyLoss } from '../../src/losses/tversky.js'
import { type FamilyName, type LossUnderTest, bellNumber, checkLoss } from '../../src/testing/index.js'

const isDeep = process.env['PHIGRAD_DEEP'] === '1'

/** These cost as many evaluations as there are elements, or twice as many. */
const byDifferences = ['derivative', 'hessian', 'curvature']

/** 1 + 2 + 5 + … + Bell(n) */
function partitionsUpTo(n: number): number {
  return Array.from({ length: n }, (_, i) => bellNumber(i + 1)).reduce((a, b) => a + b, 0)
}

/** How many partitions of each law's were tried, without the one random case. */
function enumerated(
  loss: LossUnderTest,
  laws: FamilyName | readonly string[],
  except: readonly string[],
  n: number,
): Set<number> {
  const reports = checkLoss(loss, { laws, except, runs: 1, everyPartitionUpTo: n })
  return new Set(reports.map(({ cases }) => cases - 1))
}

test('Dice obeys its laws under all 4,140 partitions of 8 elements, and under all of fewer', () => {
  expect(bellNumber(8)).toBe(4140)
  // Laws of named Φ or with cases of their own are not about partitions: 0.
  expect(enumerated(diceLoss, 'dice', byDifferences, 8)).toEqual(new Set([0, -1, partitionsUpTo(8)]))
}, 240_000)

test('the first and second derivative of Dice agree with differences under all partitions', () => {
  const most = isDeep ? 8 : 6
  expect(enumerated(diceLoss, byDifferences, [], most)).toEqual(new Set([partitionsUpTo(most)]))
})

describe.each<[FamilyName, LossUnderTest]>([
  ['jaccard', jaccardLoss],
  ['tversky', (p, y, { alpha = 0.5, beta = 0.5, ...options }) => tverskyLoss(p, y, { ...options, alpha, beta })],
  ['overlap', (p, y, options) => focalTverskyLoss(p, y, { ...options, alpha: 0.3, beta: 0.7, gamma: 4 / 3 })],
  ['squaredDice', (p, y, options) => diceLoss(p, y, { ...options, norm: 'L2' })],
  ['semimetric', diceSemimetricLoss],
  ['leaf', leafDiceLoss],
  ['generalizedDice', diceLoss],
])('%s', (family, loss) => {
  test('obeys its laws under all partitions', () => {
    const most = isDeep ? 8 : 5
    const reports = checkLoss(loss, { laws: family, everyPartitionUpTo: most })
    expect(reports.filter(({ outcome }) => outcome !== 'holds')).toEqual([])
    expect(reports.map(({ cases }) => cases)).toContain(100 + partitionsUpTo(most))
  })
})
