/**
 * How native kernels are tested: every kernel of every instruction set this machine has against the reference backend, on
 * outputs that were filled with NaN. Where no addon is built the tests fail: `npm run build:native`.
 */
import { expect } from 'vitest'
import { fc } from '@fast-check/vitest'
import type { Addon } from '../../../src/backend/native/addon.js'
import type { Kernels } from '../../../src/backend/kernels.js'
import { loadNative } from '../../../src/backend/native/load.js'
import { nativeKernels } from '../../../src/backend/native/table.js'
import { referenceKernels } from '../../../src/backend/reference/table.js'
import { full, tensor } from '../../../src/tensor/create.js'
import type { DType } from '../../../src/tensor/dtype.js'
import { Generator } from '../../../src/tensor/random.js'
import { scope } from '../../../src/tensor/scope.js'
import { sizeOf } from '../../../src/tensor/shape.js'
import type { Tensor } from '../../../src/tensor/tensor.js'

function builtAddon(): Addon {
  const { addon, tried } = loadNative()
  if (addon === null) throw new Error(`no native addon: ${tried.join('; ')}`)
  return addon
}

export const addon = builtAddon()
export const levels = addon.isaLevels()
const best = addon.isa()

/** How often a property is tried: a few thousand cases over all files in `npm test`, many more in test:deep. */
export const runs = process.env['PHIGRAD_DEEP'] === '1' ? 5000 : 60

export const native: Kernels = nativeKernels(addon, referenceKernels)

/** A dense tensor whose every element is NaN (or the dtype's largest), for a kernel to overwrite. */
export function output(shape: readonly number[], dtype: DType = 'float32'): Tensor {
  return full(shape, dtype === 'float32' || dtype === 'float64' ? NaN : 113, { dtype })
}

/** Normal values, of which some are repeated so that ties occur. */
export function values(
  seed: number,
  shape: readonly number[],
  dtype: DType = 'float32',
  offset = 0,
  scale = 1,
): Tensor {
  const generator = new Generator(seed, 0, 0)
  const data = Array.from({ length: sizeOf(shape) }, () => {
    const value = generator.normal()
    return offset + scale * (Math.abs(value) < 0.3 ? Math.round(value * 10) / 10 : value)
  })
  return tensor(data, { shape, dtype })
}

/** Small whole numbers from 0 to most − 1. */
export function wholes(seed: number, shape: readonly number[], most: number, dtype: DType): Tensor {
  const generator = new Generator(seed, 1, 0)
  return tensor(
    Array.from({ length: sizeOf(shape) }, () => generator.integer(most)),
    { shape, dtype },
  )
}

/** Runs `check` once per level. */
export function forEachLevel(check: (level: string) => void): void {
  try {
    for (const level of levels) {
      addon.setIsa(level)
      scope(() => check(level))
    }
  } finally {
    addon.setIsa(best)
  }
}

/**
 * Runs a kernel on the reference and natively at every level, and compares every output: |native − reference| ≤ tolerance ·
 * (1 + |reference|), NaN and infinities in the same places.
 */
export function agree(run: (kernels: Kernels) => readonly Tensor[], tolerance: number): void {
  scope(() => {
    const expected = run(referenceKernels).map((x) => x.data())
    forEachLevel((level) => {
      run(native).forEach((actual, k) => {
        const data = actual.data()
        expected[k]?.forEach((value, i) => {
          const got = data[i] ?? NaN
          const close =
            Object.is(got, value) || got === value || Math.abs(got - value) <= tolerance * (1 + Math.abs(value))
          if (!close) expect.fail(`${level}, output ${k}, element ${i}: expected ${value}, got ${got}`)
        })
      })
    })
  })
}

/** Channel counts that meet every way in which channels can fill vectors. */
export const channelCounts = fc.oneof(
  fc.constantFrom(1, 2, 3, 4, 8, 16, 17, 30, 32, 48, 64),
  fc.integer({ min: 1, max: 70 }),
)

export const seeds = fc.integer({ min: 0, max: 2 ** 31 - 1 })
