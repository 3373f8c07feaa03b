/**
 * Writes docs/ops.md: which op runs where, in which dtype, and how often it can be differentiated. Nothing in it is typed by hand:
 * the kernels that an op calls, and whether its derivatives exist, are found by running its test cases.
 * Run: npx tsx scripts/ops-table.ts
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import fc from 'fast-check'
import { gradientsOf } from '../src/autograd/transforms/grad.js'
import { Absent, type Kernels } from '../src/backend/kernels.js'
import type { Addon } from '../src/backend/native/addon.js'
import { nativeKernels } from '../src/backend/native/table.js'
import { referenceKernels } from '../src/backend/reference/table.js'
import { NumericalError, type Tensor, onesLike, scope } from '../src/index.js'
import { compositionTable, opTable } from '../src/ops/table.js'
import { type Case, cases, drawInputs } from '../test/ops/cases.js'
import { compositionCases } from '../test/ops/composition-cases.js'

type Backend = Readonly<Record<string, unknown>>
type FloatDType = 'float32' | 'float64'

/** The kernels that the value, the first and the second derivative call; null where there is no such derivative. */
type Stages = readonly [ReadonlySet<string>, ReadonlySet<string> | null, ReadonlySet<string> | null]

const SAMPLES = 8
const root = new URL('..', import.meta.url)

/** Files that declare more than one function, or one under another name. */
const homes: Readonly<Record<string, string>> = {
  power: 'pow',
  segmentExpand: 'segmentSum',
  unsqueeze: 'squeeze',
  instanceNorm: 'normActivation',
}

let calls = new Set<string>()

/** Makes every reference kernel note its name when it is called. */
function watchKernels(): () => void {
  const originals = { ...referenceKernels }
  const watch = (name: string, kernel: (...values: never[]) => void) =>
    function (...values: never[]): void {
      calls.add(name)
      kernel(...values)
    }
  for (const [name, kernel] of Object.entries(originals))
    Object.assign(referenceKernels, { [name]: watch(name, kernel) })
  return () => void Object.assign(referenceKernels, originals)
}

function kernelsIn(f: () => void): Set<string> {
  const found = new Set<string>()
  calls = found
  f()
  calls = new Set()
  return found
}

/** What one case calls. An op that is differentiable once, or not at all, ends the list early. */
function stagesOf(sample: Case, dtype: FloatDType, seed: number): Stages {
  return scope(() => {
    const inputs = drawInputs(sample, seed).map((x) => x.cast(dtype).detach().requireGrad())
    const evaluate = (): Tensor => sample.f(...inputs)
    const value = kernelsIn(() => void evaluate())
    const output = evaluate()
    if (!output.requiresGrad) return [value, null, null]
    const cotangent = onesLike(output)
    const first = kernelsIn(() => void gradientsOf(output, cotangent, inputs, false))
    try {
      const gradients = gradientsOf(evaluate(), cotangent, inputs, true)
      const cotangents = gradients.map(onesLike)
      const second = kernelsIn(() => {
        gradients.forEach((g, i) => void gradientsOf(g, cotangents[i] ?? g, inputs, true))
      })
      return [value, first, second]
    } catch (error) {
      if (error instanceof NumericalError) return [value, first, null]
      throw error
    }
  })
}

/** What all samples of an op call together; a derivative exists where it exists for every sample. */
function union(a: Stages, b: Stages): Stages {
  const join = <S extends ReadonlySet<string> | null>(x: S, y: S): S =>
    (x === null || y === null ? null : new Set([...x, ...y])) as S
  return [join(a[0], b[0]), join(a[1], b[1]), join(a[2], b[2])]
}

/** How a backend serves the stages of an op. */
function cell(stages: Stages, serves: (kernel: string) => boolean): string {
  return stages
    .map((kernels) => {
      if (kernels === null) return '–'
      const served = [...kernels].filter(serves).length
      return served === kernels.size ? '●' : served === 0 ? '○' : '◐'
    })
    .join(' ')
}

/** The kernels that the native table does not take over from the reference. The addon is a stand-in: nothing is called. */
function nativeNames(): ReadonlySet<string> {
  const standIn = new Proxy({} as Addon, { get: () => () => 0 })
  const table: Kernels = nativeKernels(standIn, referenceKernels)
  const reference = new Map<string, unknown>(Object.entries(referenceKernels))
  return new Set(Object.entries(table).flatMap(([name, kernel]) => (kernel === reference.get(name) ? [] : [name])))
}

/** The kernels of the CUDA backend, once src/backend/cuda/table.ts exports `cudaKernels`; null before. */
async function cudaNames(): Promise<ReadonlySet<string> | null> {
  const file = new URL('src/backend/cuda/table.ts', root)
  if (!existsSync(file)) return null
  const { cudaKernels } = (await import(file.href)) as { cudaKernels?: Backend }
  if (cudaKernels === undefined) return null
  return new Set(Object.entries(cudaKernels).flatMap(([name, kernel]) => (kernel instanceof Absent ? [] : [name])))
}

/** The first sentence of the op's file. */
function summary(name: string): string {
  const text = readFileSync(new URL(`src/ops/${homes[name] ?? name}.ts`, root), 'utf8')
  const comment = /^\/\*\*([\s\S]*?)\*\//.exec(text)?.[1] ?? ''
  const flat = comment
    .replaceAll(/\n \* ?/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()
  const sentence = /^.*?[^.\s][.;:](?= |$)/.exec(flat)?.[0] ?? flat
  return sentence.replace(/[.;:]$/, '').replaceAll('|', '\\|')
}

const HEAD = `# Ops

<!-- Written by scripts/ops-table.ts from the op table and its test cases. A test compares the two. -->

Every differentiable op exists in float32 and float64. The three marks of a cell are the value, the first and the second
derivative:

- ● all kernels that it calls are this backend's own (views and compositions may call none)
- ◐ some are; the native backend leaves the others to the reference
- ○ none is; on the native backend the reference does the work
- – there is no such derivative: the result is of integers or bools
- — the backend does not exist in this version

The native backend's own kernels are for float32. CUDA never falls back: what is not ● throws there.

`

function section(title: string, rows: readonly (readonly string[])[]): string {
  const head = ['', 'what it computes', 'reference f32', 'f64', 'native f32', 'f64', 'cuda f32', 'f64']
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [`## ${title}`, '', line(head), line(head.map(() => '---')), ...rows.map(line), ''].join('\n')
}

/** The text of docs/ops.md. Must run before the first op of the process: it asks for the reference backend. */
export async function renderOpsTable(): Promise<string> {
  process.env['PHIGRAD_BACKEND'] = 'reference'
  const native = nativeNames()
  const cuda = await cudaNames()
  const restore = watchKernels()
  const row = (name: string, arbitrary: fc.Arbitrary<Case>): string[] => {
    const samples = fc.sample(arbitrary, { numRuns: SAMPLES, seed: 3 })
    const [single, double] = (['float32', 'float64'] as const).map((dtype) =>
      samples.map((sample, i) => stagesOf(sample, dtype, i)).reduce(union),
    ) as [Stages, Stages]
    const onCuda = (stages: Stages): string => (cuda === null ? '—' : cell(stages, (kernel) => cuda.has(kernel)))
    return [
      `\`${name}\``,
      summary(name),
      cell(single, () => true),
      cell(double, () => true),
      cell(single, (kernel) => native.has(kernel)),
      cell(double, () => false),
      onCuda(single),
      onCuda(double),
    ]
  }
  try {
    const rows = (table: object, list: Readonly<Record<string, fc.Arbitrary<Case>>>): string[][] =>
      Object.keys(table).flatMap((name) => {
        const arbitrary = list[name]
        return arbitrary === undefined ? [] : [row(name, arbitrary)]
      })
    const parts = [
      section('Ops', rows(opTable, cases)),
      section('Compositions', rows(compositionTable, compositionCases)),
    ]
    return HEAD + parts.join('\n')
  } finally {
    restore()
  }
}

if (process.argv[1]?.endsWith('ops-table.ts') === true)
  writeFileSync(new URL('docs/ops.md', root), await renderOpsTable())
