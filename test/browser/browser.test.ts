import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { entries } from '../package/manifest.js'
import { bundleForBrowser, gzippedKilobytes } from './bundle.js'
import { Chromium } from './chromium.js'
import { type Course, train } from './training.js'

/** `phigrad/data` reads files and is for Node. */
const forBrowsers = entries.filter((entry) => entry !== 'phigrad/data')

const courseSchema = z.object({ losses: z.array(z.number()), gradients: z.record(z.string(), z.array(z.number())) })

/** max |a − b| / max |b|, the latter over all that is compared: the derivative of a bias before a norm is 0 but for rounding. */
function relativeDifference(a: readonly number[], b: readonly number[]): number {
  expect(a).toHaveLength(b.length)
  const scale = Math.max(...b.map(Math.abs))
  return Math.max(...a.map((x, i) => Math.abs(x - (b[i] ?? Number.NaN)))) / scale
}

let opened: Chromium | undefined
let browser: Chromium
beforeAll(async () => {
  browser = opened = await Chromium.open()
})
afterAll(() => opened?.close())

describe('training in a Web Worker of Chromium', () => {
  let there: Record<'float32' | 'float64', Course>
  beforeAll(async () => {
    const printed = await browser.output("import './test/browser/training-worker.js'")
    there = z.object({ float32: courseSchema, float64: courseSchema }).parse(JSON.parse(printed))
  })

  test.each([
    ['float64', 1e-12],
    ['float32', 1e-5],
  ] as const)('gives the losses and derivatives of Node in %s, to %d of the largest', (dtype, tolerance) => {
    const here = train(dtype)
    expect(here.losses.at(-1)).toBeLessThan(0.9 * (here.losses[0] ?? 0))
    expect(relativeDifference(there[dtype].losses, here.losses)).toBeLessThanOrEqual(tolerance)
    expect(Object.keys(there[dtype].gradients)).toEqual(Object.keys(here.gradients))
    const all = ({ gradients }: Course): number[] => Object.values(gradients).flat()
    expect(all(here).some((g) => g !== 0)).toBe(true)
    expect(relativeDifference(all(there[dtype]), all(here))).toBeLessThanOrEqual(tolerance)
  })
})

test('an error in a program reaches the page', async () => {
  const program = "import { tensor } from 'phigrad'\ntensor([1, 2]).add(tensor([1, 2, 3]))"
  await expect(browser.output(program)).rejects.toThrow('[add] expected')
})

describe('a bundle for browsers', () => {
  test('of engine, networks and losses has at most 150 kB, gzipped', async () => {
    const whole = ['phigrad', 'phigrad/nn', 'phigrad/losses'].map((entry) => `export * from '${entry}'`).join('\n')
    const size = gzippedKilobytes(await bundleForBrowser(whole))
    expect(size).toBeGreaterThan(10)
    expect(size).toBeLessThanOrEqual(150)
  })

  test.each(forBrowsers)('of %s holds no Node API and runs', async (entry) => {
    const printed = await browser.output(`import * as entry from '${entry}'\nconsole.log(Object.keys(entry).length)`)
    expect(Number(printed)).toBeGreaterThan(2)
  })

  test('of phigrad/data is refused: it reads files', async () => {
    await expect(bundleForBrowser("export * from 'phigrad/data'")).rejects.toThrow('Could not resolve "node:')
  })
})
