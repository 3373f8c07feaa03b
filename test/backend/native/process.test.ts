/** The addon as part of a process: it loads, works and exits in the main thread and in workers, and says no to bad arguments. */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { loadNative } from '../../../src/backend/native/load.js'
import { missingFunctions } from '../../../src/backend/native/addon.js'
import { addon, levels } from './levels.js'

const path = loadNative().path ?? ''
const size = 1 << 20

/** Runs a program in a process of its own that has the addon as `addon`; answers what it printed. */
function run(program: string, environment: Record<string, string> = {}): string {
  const script = `const addon = require(${JSON.stringify(path)}); ${program}`
  const { status, stdout, stderr, signal } = spawnSync(process.execPath, ['-e', script], {
    encoding: 'utf8',
    env: { ...process.env, ...environment },
  })
  expect({ status, signal, stderr }).toEqual({ status: 0, signal: null, stderr: '' })
  return stdout.trim()
}

const work = `{
  const x = new Float32Array(${size}).fill(2), out = new Float32Array(${size});
  for (let i = 0; i < 20; i++) addon.sqrt(x, 0, out);
  if (out.some((value) => value !== Math.fround(Math.SQRT2))) throw new Error('wrong');
}`

test('the addon exits with its pool running, and without it ever having run', () => {
  run('')
  run(work)
})

test('PHIGRAD_ISA caps the instruction set and PHIGRAD_NUM_THREADS the threads', () => {
  for (const level of levels) expect(run('console.log(addon.isa())', { PHIGRAD_ISA: level })).toBe(level)
  expect(run('console.log(addon.threads())', { PHIGRAD_NUM_THREADS: '3' })).toBe('3')
  expect(run(`${work} console.log(addon.threads())`, { PHIGRAD_NUM_THREADS: '1' })).toBe('1')
})

test('many workers share the pool, load and leave while it runs, before the main thread loads or after', () => {
  const inWorkers = (count: number): string => `
    const { Worker } = require('node:worker_threads');
    const source = ${JSON.stringify(`const addon = require(${JSON.stringify(path)}); ${work}`)};
    for (let k = 0; k < ${count}; k++) new Worker(source, { eval: true });`
  run(`${work} ${inWorkers(4)} ${work}`)
  const alone = inWorkers(3)
  const { status, signal } = spawnSync(process.execPath, ['-e', alone], { encoding: 'utf8' })
  expect({ status, signal }).toEqual({ status: 0, signal: null })
})

test('PHIGRAD_BACKEND=reference looks for nothing', () => {
  const before = process.env['PHIGRAD_BACKEND']
  process.env['PHIGRAD_BACKEND'] = 'reference'
  const search = loadNative()
  if (before === undefined) delete process.env['PHIGRAD_BACKEND']
  else process.env['PHIGRAD_BACKEND'] = before
  expect(search.addon).toBeNull()
  expect(search.tried).toEqual(['nothing: PHIGRAD_BACKEND=reference'])
})

test('an addon of another version is told apart by what it lacks', () => {
  expect(missingFunctions(addon)).toEqual([])
  expect(missingFunctions({ ...addon, sqrt: undefined })).toEqual(['sqrt'])
  expect(missingFunctions(null)).toContain('adamStep')
})

describe('bad arguments are refused with a TypeError that names the function', () => {
  const floats = new Float32Array(64)
  /** sqrt as plain JavaScript may call it. */
  const untyped = (...args: unknown[]): void => void Reflect.apply(addon.sqrt, null, args)
  const cases: Record<string, () => unknown> = {
    'no arguments': () => untyped(),
    'a plain array': () => untyped([1, 2], 0, floats),
    'another dtype': () => untyped(new Float64Array(64), 0, floats),
    'a short input': () => addon.sqrt(new Float32Array(63), 0, floats),
    'a short output of a norm': () =>
      addon.normActivation(
        Float64Array.of(1, 8, 8),
        floats,
        new Float32Array(8),
        new Float32Array(8),
        1e-3,
        0,
        new Float32Array(63),
        new Float64Array(8),
        new Float64Array(8),
      ),
    'a window of no size': () => addon.maxPool3d(Float64Array.of(1, 4, 4, 4, 0, 1, 1, 1), floats, floats),
    'a negative size': () => addon.maxPool3d(Float64Array.of(-1, 4, 4, 4, 1, 1, 1, 1), floats, floats),
    'a fraction of a size': () => addon.maxPool3d(Float64Array.of(0.5, 4, 4, 4, 1, 1, 1, 1), floats, floats),
    'sizes whose product overflows': () =>
      addon.maxPool3d(Float64Array.of(2 ** 39, 2 ** 39, 2 ** 39, 4, 1, 1, 1, 1), floats, floats),
    'a geometry that is too short': () => addon.sum(Float64Array.of(1, 2), floats, floats),
    'a missing skip': () => addon.upsampleConcat(Float64Array.of(1, 2, 2, 2, 1, 1, 1, 4, 4), null, floats, floats),
    'blocks that reach too far': () => addon.concatPart(floats, 4, 16, 1, 16, floats),
    'a step of 0': () => addon.adamStep(floats, floats, floats, floats, Float64Array.of(1e-3, 0.9, 0.99, 1e-8, 0, 0)),
    'an unknown level': () => addon.setIsa('avx9000'),
  }
  for (const [what, call] of Object.entries(cases)) {
    test(what, () => {
      expect(call).toThrow(TypeError)
      expect(call).toThrow(/^\[native\.\w+\] expected /)
    })
  }
})

const objects = fileURLToPath(new URL('../../../build/cmake/CMakeFiles/phigrad_cpu.dir/native/cpu', import.meta.url))

test.runIf(process.platform === 'linux' && existsSync(objects))(
  'the files of one instruction set give the linker nothing that other code could pick up',
  () => {
    for (const level of ['base', 'avx2', 'avx512']) {
      const symbols = execFileSync('nm', ['-C', `${objects}/isa_${level}.cc.o`], { encoding: 'utf8' }).split('\n')
      // Weak, unique or global code and data; the table itself is the one thing that may be seen.
      const leaked = symbols.filter((line) => /^[0-9a-f]+ [A-TV-Zu] /.test(line) && !line.endsWith(`${level}Table`))
      expect(leaked).toEqual([])
    }
  },
)
