import { readdirSync } from 'node:fs'
import { fc } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'
import { gradcheck, gradgradcheck, scope } from '../../src/index.js'
import { opTable } from '../../src/ops/table.js'
import { cases, drawInputs } from './cases.js'

const RUNS = process.env['PHIGRAD_DEEP'] === '1' ? 300 : 12

describe.each(Object.keys(opTable) as (keyof typeof opTable)[])('%s', (name) => {
  test('has the first and second derivatives that finite differences give, at random shapes', () => {
    fc.assert(
      fc.property(cases[name], fc.nat(), (sample, seed) =>
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

test('every op that a file of src/ops declares is in the table', () => {
  const declared = readdirSync(new URL('../../src/ops', import.meta.url)).map((file) => file.replace('.ts', ''))
  const elsewhere = ['table', 'methods', 'elementwise', 'convolution', 'mean', 'stack', 'convTranspose3d']
  const missing = declared.filter((file) => !(file in opTable) && !elsewhere.includes(file))
  expect(missing).toEqual([])
})
