/** `checkLoss` only throws, so that it works in any runner: here node:test, and the documented example. */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, expect, test } from 'vitest'
import { root } from '../build.js'

const tsx = join(root, 'node_modules/tsx/dist/cli.mjs')

const folder = mkdtempSync(join(tmpdir(), 'phigrad-laws-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const suite = `
import { test } from 'node:test'
import { diceLoss } from '${root}/src/losses/dice.js'
import { checkLoss } from '${root}/src/testing/index.js'

test('ours is right', () => {
  checkLoss(diceLoss, { laws: ['gradient', 'bounds'], runs: 10 })
})
test('this one is wrong', () => {
  checkLoss((p, y, options) => diceLoss(p, y, options).sub(1), { laws: ['gradient', 'bounds'], runs: 10, name: 'it' })
})
`

async function run(...args: string[]): Promise<{ code: number; output: string }> {
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [tsx, ...args], { cwd: root })
    return { code: 0, output: stdout }
  } catch (error) {
    if (!(error instanceof Error && 'stdout' in error && 'code' in error)) throw error
    return { code: Number(error.code), output: String(error.stdout) }
  }
}

test('under node:test a right loss passes and a wrong one fails with the counterexample', async () => {
  const file = join(folder, 'laws.test.ts')
  writeFileSync(file, suite)
  const { code, output } = await run('--test', '--test-reporter=tap', file)
  expect(code).toBe(1)
  expect(output).toMatch(/^ *ok 1 - ours is right/m)
  expect(output).toMatch(/^ *not ok 2 - this one is wrong/m)
  expect(output).toContain('[checkLoss] expected it to obey 2 laws, got 1 broken')
  expect(output).toContain('Φ = ')
})

test('the example finds what is wrong with a loss that is not ours, and nothing once it is mended', async () => {
  const { code, output } = await run('examples/laws.ts')
  expect(code).toBe(0)
  expect(output).toMatch(/^ε in the denominator only: \d+ laws are broken/)
  // By hand: y = 0, p = v on one voxel gives ε/(v + ε)² by Eq. 4; without ε in the numerator s = 0 and the derivative is 0.
  expect(output).toMatch(/emptyLabel: [^]*expected 0\.825996\n +got {6}0\n/)
  expect(0.825996).toBeCloseTo(1 / 1.1003 ** 2, 6)
  expect(output).toMatch(/ε in both: (\d+) laws hold, \d+ do not apply/)
})
