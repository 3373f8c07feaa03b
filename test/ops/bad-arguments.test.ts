/** Whatever a function is called with, it answers with a result or with one of our named errors. */
import { fc } from '@fast-check/vitest'
import { expect, test } from 'vitest'
import * as phi from '../../src/index.js'
import { PhigradError, scope } from '../../src/index.js'
import { compositionTable, opTable } from '../../src/ops/table.js'

const creation = ['tensor', 'full', 'zeros', 'ones', 'zerosLike', 'onesLike', 'arange', 'randn', 'uniform', 'bernoulli']
const exported = new Map<string, unknown>(Object.entries(phi))
const names = [...new Set([...Object.keys(opTable), ...Object.keys(compositionTable), ...creation])].filter((name) =>
  exported.has(name),
)

const RUNS = process.env['PHIGRAD_DEEP'] === '1' ? 20_000 : 150

const DISPOSED = Symbol('a disposed tensor')

/** Small enough to be made, or too large for any machine: sizes in between would only cost time. */
const size = fc.constantFrom(0, 1, 2, 3, 4, -1, -2, 1.5, 1e15, 2 ** 53, Number.NaN, Infinity)
const sizes = fc.array(size, { maxLength: 6 })

const tensorOf = fc
  .record({
    shape: fc.oneof(
      fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 5 }),
      fc.constantFrom([1, 2, 2, 2, 2], [2], [2, 2]),
    ),
    dtype: fc.constantFrom(...phi.dtypes, 'float32' as const, 'float32' as const),
    requiresGrad: fc.boolean(),
  })
  .map(({ shape, dtype, requiresGrad }) => ({ tensor: { shape, dtype, requiresGrad } }))

const junk = fc.oneof(
  size,
  fc.constantFrom(undefined, null, true, '', '3', 'same', 'float64', 'cuda', 10n, DISPOSED, Symbol('s')),
  fc.constantFrom(Math.max, new Date(0), new Float32Array(4), new Uint8Array([1, 0]), Object.create(null)),
  sizes,
  fc.array(fc.oneof(sizes, fc.constantFrom(null, 'x', undefined)), { maxLength: 5 }),
  fc.constant(new Array<number>(100).fill(1)),
)

const optionNames = [
  'keepDims',
  'ddof',
  'stride',
  'padding',
  'dilation',
  'groups',
  'outputPadding',
  'bias',
  'epsilon',
  'over',
  'slope',
  'descending',
  'dtype',
  'device',
  'shape',
  'generator',
  'low',
  'high',
  'probability',
  'mean',
  'variance',
  'requiresGrad',
] as const
const options = fc.dictionary(fc.constantFrom(...optionNames), fc.oneof(junk, tensorOf), {
  maxKeys: 3,
  noNullPrototype: true,
})

const argument = fc.oneof(
  { weight: 4, arbitrary: tensorOf },
  { weight: 4, arbitrary: junk },
  { weight: 2, arbitrary: options },
  { weight: 1, arbitrary: fc.array(tensorOf, { maxLength: 3 }) },
)

/** Replaces the descriptions of tensors by tensors. */
function make(value: unknown): unknown {
  if (value === DISPOSED) {
    const tensor = phi.zeros([2])
    tensor.dispose()
    return tensor
  }
  if (Array.isArray(value)) return value.map(make)
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value
  if ('tensor' in value) {
    const { shape, dtype, requiresGrad } = value.tensor as { shape: number[]; dtype: phi.DType; requiresGrad: boolean }
    return phi.full(shape, 1, { dtype, requiresGrad: requiresGrad && dtype.startsWith('float') })
  }
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, make(each)]))
}

test.each(names)('%s answers wrong arguments with a named error', (name) => {
  const f = exported.get(name) as (...values: unknown[]) => unknown
  fc.assert(
    fc.property(fc.oneof(tensorOf, junk), fc.array(argument, { maxLength: 4 }), (first, rest) =>
      scope(() => {
        try {
          f(...[first, ...(rest as unknown[])].map(make))
        } catch (error) {
          if (!(error instanceof PhigradError)) throw error
          expect(error.message).toMatch(/^\[[^\]]+\] expected ./)
        }
      }),
    ),
    { numRuns: RUNS },
  )
})
