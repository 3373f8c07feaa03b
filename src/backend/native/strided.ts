/** Native kernels on strided operands: arithmetic with broadcasting, comparisons, where, dense copies and padding. */
import { at, denseStrides } from '../../tensor/shape.js'
import type { Tensor } from '../../tensor/tensor.js'
import type { BinaryKernel, Kernels } from '../kernels.js'
import type { Addon, NativeBinary } from './addon.js'
import { SMALLEST_NATIVE, bytes, floats, isNative } from './tensors.js'

/** As in native/cpu/geometry.h. */
const MOST_AXES = 16

/** The number of axes, the sizes, then one row of strides for each operand; what lies beyond the axes is not read. */
const geometry = new Float64Array(1 + 4 * MOST_AXES)

function strided(shape: readonly number[], ...operands: readonly (readonly number[])[]): Float64Array {
  geometry[0] = shape.length
  geometry.set(shape, 1)
  operands.forEach((strides, k) => geometry.set(strides, 1 + (k + 1) * MOST_AXES))
  return geometry
}

/** The same for operands of which each is dense or a scalar: one axis says it all. */
function flat(count: number, aStep: number, bStep: number): Float64Array {
  geometry[0] = 1
  geometry[1] = count
  geometry[1 + MOST_AXES] = aStep
  geometry[1 + 2 * MOST_AXES] = bStep
  return geometry
}

/** 1 for a dense operand, 0 for a repeated single element, −1 for any other. */
function stepOf(x: Tensor): 1 | 0 | -1 {
  if (x.strides.every((stride) => stride === 0)) return 0
  return x.isDense ? 1 : -1
}

function pairOf(a: Tensor, b: Tensor, out: Tensor): Float64Array {
  const [aStep, bStep] = [stepOf(a), stepOf(b)]
  return aStep < 0 || bStep < 0 ? strided(out.shape, a.strides, b.strides) : flat(out.size, aStep, bStep)
}

function fitsPair(a: Tensor, out: Tensor): boolean {
  return a.dtype === 'float32' && out.size >= SMALLEST_NATIVE && out.rank <= MOST_AXES
}

const arithmetic = ['add', 'sub', 'mul', 'div', 'pow', 'minimum', 'maximum'] as const
const comparisons = ['equal', 'notEqual', 'less', 'lessEqual', 'greater', 'greaterEqual'] as const

type PairKernels = Pick<Kernels, (typeof arithmetic)[number] | (typeof comparisons)[number]>

export function pairKernels(addon: Addon, reference: Kernels): PairKernels {
  const arithmeticOf =
    (native: NativeBinary<Float32Array>, otherwise: BinaryKernel): BinaryKernel =>
    (a, b, out) => {
      if (fitsPair(a, out)) native(pairOf(a, b, out), storage(a), a.offset, storage(b), b.offset, floats(out))
      else otherwise(a, b, out)
    }
  const comparisonOf =
    (native: NativeBinary<Uint8Array>, otherwise: BinaryKernel): BinaryKernel =>
    (a, b, out) => {
      if (fitsPair(a, out)) native(pairOf(a, b, out), storage(a), a.offset, storage(b), b.offset, bytes(out))
      else otherwise(a, b, out)
    }
  const entries = [
    ...arithmetic.map((name) => [name, arithmeticOf(addon[name], reference[name])] as const),
    ...comparisons.map((name) => [name, comparisonOf(addon[name], reference[name])] as const),
  ]
  return Object.fromEntries(entries) as PairKernels
}

type StridedKernels = Pick<Kernels, 'where' | 'copy' | 'pad'>

export function stridedKernels(addon: Addon, reference: Kernels): StridedKernels {
  return {
    where(condition, a, b, out) {
      if (!fitsPair(a, out)) {
        reference.where(condition, a, b, out)
        return
      }
      addon.where(
        strided(out.shape, condition.strides, a.strides, b.strides),
        byteStorage(condition),
        condition.offset,
        storage(a),
        a.offset,
        storage(b),
        b.offset,
        floats(out),
      )
    },
    copy(x, out) {
      // A dense copy is one memory move, which the reference does as well.
      if (x.isDense || x.size < SMALLEST_NATIVE || x.rank > MOST_AXES) reference.copy(x, out)
      else addon.copy(strided(x.shape, x.strides), x.array, x.offset, denseElements(out))
    },
    pad(x, start, step, value, out) {
      if (!isNative(out) || out.rank > MOST_AXES) {
        reference.pad(x, start, step, value, out)
        return
      }
      const strides = denseStrides(out.shape)
      const offset = strides.reduce((sum, stride, axis) => sum + stride * at(start, axis), 0)
      const steps = strides.map((stride, axis) => stride * at(step, axis))
      addon.pad(strided(x.shape, steps), floats(x), value, floats(out), x.size === 0 ? 0 : offset)
    },
  }
}

function storage(x: Tensor): Float32Array {
  return x.array as Float32Array
}

function byteStorage(x: Tensor): Uint8Array {
  return x.array as Uint8Array
}

function denseElements(x: Tensor): Tensor['array'] {
  return x.array.subarray(x.offset, x.offset + x.size)
}
