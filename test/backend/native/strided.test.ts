import { expect } from 'vitest'
import { fc, test } from '@fast-check/vitest'
import { broadcastTo } from '../../../src/ops/elementwise.js'
import { tensor } from '../../../src/tensor/create.js'
import type { DType } from '../../../src/tensor/dtype.js'
import { Generator } from '../../../src/tensor/random.js'
import { at, denseStrides } from '../../../src/tensor/shape.js'
import type { Tensor } from '../../../src/tensor/tensor.js'
import { addon, agree, output, runs, seeds, values, wholes } from './levels.js'

const options = { numRuns: runs }

/** A shape with at least 64 elements, and for each of several operands how it differs from dense along every axis. */
const shapes = fc
  .array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 })
  .map((shape) => [...shape.slice(0, -1), at(shape, shape.length - 1) * 16])
  .filter((shape) => shape.reduce((a, b) => a * b, 1) <= 4000)

/** A tensor of the shape that is dense, broadcast along some axes, stepped, reversed, permuted or a part of a larger one. */
function view(seed: number, shape: readonly number[], make: (shape: number[]) => Tensor): Tensor {
  const generator = new Generator(seed, 3, 0)
  const kind = generator.integer(5)
  if (kind === 0) return make([...shape])
  if (kind === 1) return broadcastTo(make(shape.map((n) => (generator.uniform() < 0.5 ? 1 : n))), shape)
  if (kind === 2) return broadcastTo(make([]), shape)
  if (kind === 3) {
    const order = shape.map((_, axis) => axis).reverse()
    const base = make(order.map((axis) => at(shape, axis)))
    const strides = denseStrides(base.shape)
    return base.window(
      shape,
      order.map((_, axis) => at(strides, order.indexOf(axis))),
      0,
    )
  }
  const larger = shape.map((n) => n * 2 + 1)
  const base = make(larger)
  const strides = denseStrides(larger)
  const reversed = shape.map(() => generator.uniform() < 0.4)
  const offset = strides.reduce(
    (sum, stride, axis) => sum + stride * (reversed[axis] === true ? 2 * at(shape, axis) : 1),
    0,
  )
  return base.window(
    shape,
    strides.map((stride, axis) => stride * (reversed[axis] === true ? -2 : 2)),
    offset,
  )
}

const make =
  (seed: number, dtype: DType = 'float32') =>
  (shape: number[]) =>
    values(seed, shape, dtype)

const arithmetic = ['add', 'sub', 'mul', 'div', 'minimum', 'maximum'] as const
const comparisons = ['equal', 'notEqual', 'less', 'lessEqual', 'greater', 'greaterEqual'] as const

test.prop([shapes, seeds, fc.constantFrom(...arithmetic, ...comparisons)], { numRuns: runs * 3 })(
  'arithmetic and comparisons of views, broadcasts and scalars have the bits of the reference',
  (shape, seed, name) => {
    agree((kernels) => {
      const a = view(seed, shape, make(seed))
      const b = view(seed + 1, shape, make(seed + 1))
      a.array.set([NaN, 0.5].slice(0, a.array.length), 0)
      b.array.set([0.5], 0)
      const isComparison = (comparisons as readonly string[]).includes(name)
      const out = output(shape, isComparison ? 'bool' : 'float32')
      kernels[name](a, b, out)
      return [out]
    }, 0)
  },
)

test.prop([shapes, seeds, fc.constantFrom(2, 3, 0.5, -1, NaN)], options)(
  'pow agrees with the reference, special cases included',
  (shape, seed, exponent) => {
    agree((kernels) => {
      const a = view(seed, shape, make(seed))
      const b =
        seed % 2 === 0 ? broadcastTo(tensor(exponent, { dtype: 'float32' }), shape) : view(seed, shape, make(seed + 1))
      const outs = [output(shape), output(shape)] as const
      kernels.pow(a, b, outs[0])
      kernels.pow(tensor(a.data().map(Math.sign), { shape }), broadcastTo(tensor(Infinity), shape), outs[1])
      return [...outs]
    }, 3e-7)
  },
)

test.prop([shapes, seeds], options)('where picks as the reference does, from views', (shape, seed) => {
  agree((kernels) => {
    const out = output(shape)
    const condition = view(seed, shape, (s) => wholes(seed, s, 2, 'bool'))
    kernels.where(condition, view(seed + 1, shape, make(seed + 1)), view(seed + 2, shape, make(seed + 2)), out)
    return [out]
  }, 0)
})

test.prop([shapes, seeds, fc.constantFrom<DType>('float32', 'float64', 'int32', 'uint8', 'bool')], options)(
  'a dense copy of a view is that of the reference for every dtype',
  (shape, seed, dtype) => {
    agree((kernels) => {
      const out = output(shape, dtype)
      kernels.copy(
        view(seed, shape, (s) => wholes(seed, s, 2, dtype)),
        out,
      )
      return [out]
    }, 0)
  },
)

test.prop([shapes, seeds, fc.constantFrom(0, -1.5)], options)(
  'padding is that of the reference',
  (shape, seed, value) => {
    const generator = new Generator(seed, 4, 0)
    const start = shape.map(() => generator.integer(3))
    const step = shape.map(() => 1 + generator.integer(2))
    const larger = shape.map((n, axis) => at(start, axis) + (n - 1) * at(step, axis) + 1 + generator.integer(2))
    agree((kernels) => {
      const out = output(larger)
      kernels.pad(values(seed, shape), start, step, value, out)
      return [out]
    }, 0)
  },
)

test('operands that reach beyond their buffer are refused', () => {
  const x = new Float32Array(100)
  const out = new Float32Array(100)
  const geometry = new Float64Array(65)
  geometry.set([1, 100])
  geometry[17] = 1
  geometry[33] = 1
  expect(() => addon.add(geometry, x, 1, x, 0, out)).toThrow(TypeError)
  geometry[33] = -1
  expect(() => addon.add(geometry, x, 0, x, 98, out)).toThrow(TypeError)
  expect(() => addon.add(geometry, x, 0, x, 99, out)).not.toThrow()
  expect(() => addon.add(geometry, x, 0, x, 99, new Float32Array(99))).toThrow(TypeError)
  geometry[0] = 17
  expect(() => addon.add(geometry, x, 0, x, 99, out)).toThrow(TypeError)
  geometry.set([1, NaN])
  expect(() => addon.add(geometry, x, 0, x, 99, out)).toThrow(TypeError)
})
