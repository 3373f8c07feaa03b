import { readdirSync } from 'node:fs'
import { fc } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'
import { gradcheck, gradgradcheck, scope } from '../../src/index.js'
import { compositionTable, opTable } from '../../src/ops/table.js'
import { cases, drawInputs } from './cases.js'
import { compositionCases } from './composition-cases.js'

const RUNS = process.env['PHIGRAD_DEEP'] === '1' ? 300 : 12

describe.each(Object.entries({ ...cases, ...compositionCases }))('%s', (_, arbitrary) => {
  test('has the first and second derivatives that finite differences give, at random shapes', () => {
    fc.assert(
      fc.property(arbitrary, fc.nat(), (sample, seed) =>
        scope(() => {
          const inputs = drawInputs(sample, seed)
          if (sample.differentiable === false) {
            expect(sample.f(...inputs.map((x) => x.requireGrad())).requiresGrad).toBe(false)
            return
          }
          gradcheck(sample.f, inputs)
          gradgradcheck(sample.f, inputs)
        }),
      ),
      { numRuns: RUNS, seed: 1 },
    )
  })
})

test('every op and composition that a file of src/ops declares is in a table', () => {
  const declared = readdirSync(new URL('../../src/ops', import.meta.url)).map((file) => file.replace('.ts', ''))
  const shared = ['table', 'methods', 'elementwise', 'convolution', 'indexing']
  const tabled = { ...opTable, ...compositionTable }
  expect(declared.filter((file) => !(file in tabled) && !shared.includes(file))).toEqual([])
})
