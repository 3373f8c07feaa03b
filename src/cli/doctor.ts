/** `phigrad doctor`: what this installation is and has, and what it has not. */
import { readFileSync } from 'node:fs'
import { availableParallelism, cpus, freemem, totalmem } from 'node:os'
import { z } from 'zod'
import { cpuBackend } from '../backend/select.js'

export interface Diagnosis {
  readonly phigrad: string
  readonly node: string
  readonly v8: string
  readonly platform: string
  readonly processor: string
  readonly cores: number
  readonly memoryGiB: { readonly total: number; readonly free: number }
  readonly backends: Readonly<Record<'reference' | 'native' | 'cuda', string>>
}

const manifestSchema = z.object({ version: z.string() })

/** The version in package.json, two folders above this file in the source and in the build. */
export function packageVersion(): string {
  return manifestSchema.parse(JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))).version
}

function gibibytes(bytes: number): number {
  return Number((bytes / 2 ** 30).toFixed(1))
}

/** What runs on the CPU; where the addon is not used, what was tried and what would help. */
function cpuBackends(): { readonly reference: string; readonly native: string } {
  const { name, path, isa, threads, tried } = cpuBackend()
  if (name === 'native') {
    const where = `in use: ${isa ?? ''}, ${threads} threads, ${path ?? ''}`
    return { reference: 'pure TypeScript, for what the native kernels leave to it', native: where }
  }
  const help = 'needs a C++ compiler and CMake, then `npm run build:native`'
  return { reference: 'in use: pure TypeScript, one core a run', native: `not in use (${tried.join('; ')}); ${help}` }
}

export function diagnose(): Diagnosis {
  return {
    phigrad: packageVersion(),
    node: process.versions.node,
    v8: process.versions.v8,
    platform: `${process.platform} ${process.arch}`,
    processor: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: { total: gibibytes(totalmem()), free: gibibytes(freemem()) },
    backends: { ...cpuBackends(), cuda: 'not part of this version' },
  }
}

export function renderDiagnosis(diagnosis: Diagnosis): string {
  const { memoryGiB, backends, cores, ...texts } = diagnosis
  const memory = `${memoryGiB.total} GiB, ${memoryGiB.free} GiB free`
  const named = Object.entries(backends).map(([name, state]) => [`backend ${name}`, state] as const)
  const lines = [...Object.entries(texts), ['cores', String(cores)] as const, ['memory', memory] as const, ...named]
  return lines.map(([name, text]) => `${name.padEnd(18)}${text}`).join('\n')
}
