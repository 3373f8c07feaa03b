import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readNifti, writeNifti } from '../src/data/index.js'
import { decodeSafetensors } from '../src/nn/index.js'
import { Generator, scope } from '../src/index.js'
import { Chromium } from './browser/chromium.js'
import { root } from './build.js'

/** What an example prints when it is started as its first lines say. */
async function output(name: string, args: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Promise<string> {
  const tsx = join(root, 'node_modules/tsx/dist/cli.mjs')
  const started = promisify(execFile)(process.execPath, [tsx, `examples/${name}.ts`, ...args], {
    cwd: root,
    env: { ...process.env, ...env },
  })
  const { stdout, stderr } = await started
  expect(stderr).toBe('')
  return stdout.trimEnd()
}

/** The examples that read no files, and what they print. */
const pure = ['fit-a-curve', 'phi-in-ten-lines', 'custom-op', 'custom-loss'] as const
const printed = new Map<string, string>()

/** The numbers that `pattern`, which has groups, finds in what an example printed. */
function numbers(name: (typeof pure)[number], pattern: RegExp): number[] {
  return [...(printed.get(name) ?? '').matchAll(pattern)].flatMap(([, ...groups]) => groups.map(Number))
}

beforeAll(async () => {
  // The backend that browsers have, so that what is printed can be compared to the last digit.
  for (const name of pure) printed.set(name, await output(name, [], { PHIGRAD_BACKEND: 'reference' }))
})

test('fit-a-curve finds the decay that the data were made of', () => {
  const found = numbers('fit-a-curve', /y = ([\d.]+) · exp\(−([\d.]+) t\) \+ ([\d.]+)/g)
  expect(found).toHaveLength(3)
  for (const [i, truth] of [2, 0.7, 0.5].entries()) expect(Math.abs((found[i] ?? 0) - truth)).toBeLessThan(0.03)
  // What is left is the noise: its variance is 0.02².
  const errors = numbers('fit-a-curve', /error ([\d.]+)/g)
  expect(Math.abs((errors.at(-1) ?? 0) - 0.0004)).toBeLessThan(0.0001)
})

test('phi-in-ten-lines shows Eq. 3 and Eq. 4 of the paper', () => {
  // By hand: I has s = 3/3.7 and 0/1 (ε/(1 + ε)); BI has s = 3/4.7; with ε = 1, I has s = 4/4.7 and 1/2.
  const losses = numbers('phi-in-ten-lines', /loss ([\d.]+)/g)
  for (const [i, loss] of [1 - 3 / 3.7 / 2, 1 - 3 / 4.7, 1 - (4 / 4.7 + 1 / 2) / 2].entries()) {
    expect(losses[i]).toBeCloseTo(loss, 3)
  }
  // On the empty map ε/(N (v + ε)²) under I, with N = 2 and v = 1, and s/D = 3/4.7² under BI.
  const gradients = numbers('phi-in-ten-lines', /empty map ([\d.e+-]+)/g)
  for (const [i, gradient] of [0.5e-7, 3 / 4.7 ** 2, 1 / 8].entries()) {
    expect((gradients[i] ?? 0) / gradient).toBeCloseTo(1, 1)
  }
})

test('custom-op has the entropy of a coin, its derivatives, and a wrong one that is caught', () => {
  expect(numbers('custom-op', /H\(p\) +([\d.]+) +([\d.]+) +([\d.]+) +([\d.]+) +([\d.]+)/g)).toEqual([
    0, 0.325, 0.693, 0.5, 0,
  ])
  expect(numbers('custom-op', /dH\/dp +([-\d.]+) +([-\d.]+) +([-\d.]+)/g)).toEqual([2.197, 0, -1.386])
  expect(printed.get('custom-op')).toMatch(/a wrong one does not: \[gradcheck\] expected derivative/)
})

test('custom-loss has right derivatives for every named Φ', () => {
  expect(printed.get('custom-loss')?.match(/Φ = (I|CI|BI|BCI) .* agree with finite differences/g)).toHaveLength(4)
})

describe('in Chromium', () => {
  let browser: Chromium | undefined
  beforeAll(async () => {
    browser = await Chromium.open()
  })
  afterAll(() => browser?.close())

  test.each(pure)('%s prints what it prints in Node', async (name) => {
    expect(await browser?.output(`import './examples/${name}.ts'`)).toBe(printed.get(name))
  })
})

describe('train-on-nifti', () => {
  const folder = mkdtempSync(join(tmpdir(), 'phigrad-example-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test('learns to segment the volumes in a folder and writes predictions and the network', async () => {
    const names = ['anna', 'berta', 'clara']
    for (const [i, name] of names.entries()) writeSubject(join(folder, name), i)
    const text = await output('train-on-nifti', [folder, '60'])
    expect(text).toContain('3 subjects of 12 × 12 × 8 voxels, 1 channel(s)')
    const losses = [...text.matchAll(/Dice loss ([\d.]+)/g)].map(([, loss]) => Number(loss))
    expect(losses.at(-1)).toBeLessThan(0.5 * (losses[0] ?? 0))
    const similarities = [...text.matchAll(/(\w+) {3}Dice similarity ([\d.]+)/g)]
    expect(similarities.map(([, name]) => name)).toEqual(names)
    for (const [, , similarity] of similarities) expect(Number(similarity)).toBeGreaterThan(0.8)

    expect(readdirSync(folder).filter((file) => file.endsWith('_prediction.nii.gz'))).toHaveLength(3)
    const [image, prediction] = ['image', 'prediction'].map((kind) => readNifti(join(folder, `anna_${kind}.nii.gz`)))
    expect(prediction?.affine).toEqual(image?.affine)
    scope(() => {
      const { tensors } = decodeSafetensors(readFileSync(join(folder, 'model.safetensors')), 'model.safetensors')
      expect(tensors.size).toBeGreaterThan(4)
      for (const each of tensors.values()) each.dispose()
    })
  })

  test('says what it wants when it is given nothing', async () => {
    await expect(output('train-on-nifti')).rejects.toThrow('say which folder')
  })
})

/** A bright ball in noise, 2 mm voxels; the third subject has none. */
function writeSubject(path: string, index: number): void {
  const shape = [12, 12, 8] as const
  const affine = Float64Array.of(2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1)
  const random = new Generator(5, index)
  const label = new Uint8Array(12 * 12 * 8)
  for (let x = 0, i = 0; x < 12; x++)
    for (let y = 0; y < 12; y++)
      for (let z = 0; z < 8; z++) label[i++] = index < 2 && Math.hypot(x - 5 - index, y - 6, z - 4) < 3.5 ? 1 : 0
  const image = Float32Array.from(label, (inside) => 2 * inside + 0.3 * random.normal())
  writeNifti(`${path}_image.nii.gz`, { shape, affine, data: image })
  writeNifti(`${path}_label.nii.gz`, { shape, affine, data: label })
}
