/** What `checkLoss` takes, says and refuses. */
import { expect, test } from 'vitest'
import { tensor } from '../../src/index.js'
import { diceLoss } from '../../src/losses/dice.js'
import {
  type CheckLossOptions,
  LawError,
  type LossUnderTest,
  checkLoss,
  families,
  fromArrays,
  laws,
} from '../../src/testing/index.js'

/** The error of a call that must throw one. */
function lawError(loss: LossUnderTest, options: CheckLossOptions): LawError {
  try {
    checkLoss(loss, options)
  } catch (error) {
    if (error instanceof LawError) return error
    throw error
  }
  throw new Error('every law held')
}

const notDividedByPhi = fromArrays((p, y, { epsilon }) => {
  const [target, prediction] = [y, p].map((values) => values.reduce((a, b) => a + b, 0)) as [number, number]
  const overlap = y.reduce((sum, label, i) => sum + label * (p[i] ?? 0), 0)
  const score = (2 * overlap + epsilon) / (target + prediction + epsilon)
  return { value: 1 - score, gradient: y.map((label) => (score - 2 * label) / (target + prediction + epsilon)) }
})

test('reports one line per law, with what was checked', () => {
  const reports = checkLoss(diceLoss, { laws: 'dice', runs: 8, everyPartitionUpTo: 3 })
  expect(reports.map(({ law }) => law).toSorted()).toEqual([...families.dice].toSorted())
  for (const { law, outcome, cases, detail } of reports) {
    if (law === 'sharding')
      expect({ outcome, cases, detail }).toEqual({ outcome: 'not applicable', cases: 0, detail: 'needs shards' })
    else expect({ outcome, detail }).toEqual({ outcome: 'holds', detail: '' })
  }
  // 8 random cases, and 1 + 2 + 5 partitions of up to 3 elements.
  expect(reports.find(({ law }) => law === 'gradient')?.cases).toBe(16)
})

test('the message names the loss, the law, Φ, ε, the subset with its sums, the element, expected and got', () => {
  // Under BCI there is one subset: the loss above is right there, and only there.
  checkLoss(notDividedByPhi, { laws: 'dice', phi: ['BCI'] })
  const { message } = lawError(notDividedByPhi, { laws: ['gradient'], phi: ['I'], name: 'my loss' })
  expect(message).toBe(
    [
      '[checkLoss] expected my loss to obey 1 law, got 1 broken',
      '',
      'gradient: dDL/dp = (s − 2 y)/(|Φ| D) in a subset, 0 in none (Eq. 4)',
      '  Φ = I, |Φ| = 2, ε = 1, (B,X,C) = (2,1,1)',
      '  subset 0: I = 0, Y = 0 (empty), P = 0, D = 1, s = 1',
      '    y = 0',
      '    p = 0',
      '  dL/dp of Eq. 4, element 0 (image 0, class 0, y = 0, p = 0)',
      '    expected 0.5',
      '    got      1',
      '  (case 1, seed 0, made smaller)',
    ].join('\n'),
  )
})

test('all broken laws are reported, not only the first', () => {
  const { reports, message } = lawError((p, y, options) => diceLoss(p, y, options).sub(1), { laws: 'dice', runs: 20 })
  const broken = reports.filter(({ outcome }) => outcome === 'broken').map(({ law }) => law)
  expect(broken).toContain('bounds')
  expect(broken).toContain('zeroWherePerfect')
  expect(broken).not.toContain('gradient')
  for (const law of broken) expect(message).toContain(`\n${law}: `)
  expect(message).toContain(`got ${broken.length} broken`)
})

test('laws that ask for what a loss does not take do not apply', () => {
  const onImages: LossUnderTest = (p, y, { epsilon: _, phi: __, ...options }) =>
    diceLoss(p, y, { ...options, phi: 'I', epsilon: 0.25 })
  const reports = checkLoss(onImages, { laws: 'dice', phi: ['I'], epsilon: 0.25, softTargets: false })
  const reasons = Object.fromEntries(
    reports.filter(({ outcome }) => outcome === 'not applicable').map(({ law, detail }) => [law, detail]),
  )
  expect(reasons).toMatchObject({
    virtualObject: 'needs any ε',
    symmetry: 'needs soft targets',
    subsetOrder: 'needs label maps',
    batchEquivalence: 'needs any ε, BI',
  })
  expect(reports.find(({ law }) => law === 'emptyLabel')?.outcome).toBe('holds')
})

test('the same seed finds the same counterexample, another seed other cases', () => {
  const loss: LossUnderTest = (p, y, options) => diceLoss(p, y, { ...options, norm: 'L2' })
  const [a, b] = [1, 1].map((seed) => lawError(loss, { laws: ['gradient', 'hessian'], seed }).message)
  expect(a).toBe(b)
  const seen: number[] = []
  const watching: LossUnderTest = (p, y, options) => {
    seen.push(p.data()[0] ?? 0)
    return diceLoss(p, y, options)
  }
  for (const seed of [0, 0, 5]) checkLoss(watching, { laws: ['bounds'], seed, runs: 40 })
  const third = seen.length / 3
  expect(seen.slice(0, third)).toEqual(seen.slice(third, 2 * third))
  expect(seen.slice(0, third)).not.toEqual(seen.slice(2 * third))
})

test('a loss in float32 passes with the tolerance of float32, and without the laws that need differences', () => {
  const reports = checkLoss(diceLoss, { laws: 'dice', dtype: 'float32' })
  expect(reports.filter(({ outcome }) => outcome === 'broken')).toEqual([])
  expect(reports.find(({ law }) => law === 'hessian')).toMatchObject({
    outcome: 'not applicable',
    detail: 'needs float64',
  })
})

test('an exception names the known deviation', () => {
  const without: LossUnderTest = (p, y, options) => diceLoss(p, y, { ...options, emptySubsets: 'drop' })
  const laws = ['decomposition', 'symmetry'] as const
  expect(lawError(without, { laws }).message).toContain('decomposition')
  expect(
    checkLoss((p, y, options) => diceLoss(p, y, options), { laws, except: ['decomposition'] }).map(({ law }) => law),
  ).toEqual(['symmetry'])
})

test('a loss that throws, is not finite, or is no scalar breaks the law, and the report says so', () => {
  const options = { laws: ['bounds'], name: 'it' } as const
  const throws: LossUnderTest = () => {
    throw new RangeError('no such axis')
  }
  const { message, cause } = lawError(throws, { ...options, laws: 'leaf' })
  expect(cause).toEqual(new RangeError('no such axis'))
  // Once for all laws.
  expect(message.split('the loss threw RangeError: no such axis')).toHaveLength(2)
  const notFinite: LossUnderTest = () => ({ value: Number.NaN, gradient: [] })
  expect(lawError(notFinite, options).message).toMatch(/the loss\n +expected a finite number\n +got {6}NaN/)
  const perSubset: LossUnderTest = (p, y, given) => diceLoss(p, y, { ...given, reduction: 'none' })
  expect(lawError(perSubset, options).message).toContain('expected a loss with one element')
  const short = fromArrays(() => ({ value: 0, gradient: [] }))
  expect(lawError(short, { laws: ['gradient'] }).message).toContain('[checkLoss] expected a derivative of')
})

test('a loss that does not depend on the prediction has the derivative 0', () => {
  const { message } = lawError(() => tensor(0.5, { dtype: 'float64' }), { laws: ['gradient'] })
  expect(message).toContain('got      0')
})

test.each<[string, unknown, RegExp]>([
  ['no loss', undefined, /a loss: a function/],
  ['no laws', {}, /laws: overlap, dice, .*or a list of laws/],
  ['a family that does not exist', { laws: 'dise' }, /laws: overlap, dice/],
  ['a law that does not exist', { laws: ['gradiant'] }, /laws of derivative, .*got .*gradiant/],
  ['an option that does not exist', { laws: 'dice', seeds: 3 }, /an option of laws, .*got seeds/],
  ['a Φ that does not exist', { laws: 'dice', phi: ['IB'] }, /phi: I, CI, BI, BCI or 'labels', got IB/],
  ['no Φ', { laws: 'dice', phi: [] }, /at least one Φ/],
  ['a negative ε', { laws: 'dice', epsilon: [1, -1] }, /epsilon: finite numbers ≥ 0, got 1, -1/],
  ['no runs', { laws: 'dice', runs: 0 }, /runs: an integer from 1 on/],
  ['too many partitions', { laws: 'dice', everyPartitionUpTo: 11 }, /everyPartitionUpTo: an integer from 0 to 10/],
  [
    'a law by name that cannot apply',
    { laws: ['sharding'] },
    /a loss that takes what sharding needs, got one without: shards/,
  ],
])('%s is refused by name', (what, options, message) => {
  const call = what === 'no loss' ? [undefined, { laws: 'dice' }] : [diceLoss, options]
  expect(() => checkLoss(...(call as Parameters<typeof checkLoss>))).toThrow(message)
  expect(() => checkLoss(...(call as Parameters<typeof checkLoss>))).toThrow(/^\[checkLoss\] expected /)
})

test('every law says what it is in one line', () => {
  for (const { identity } of laws) expect(identity).toMatch(/^\S[^\n]+\S$/)
})
