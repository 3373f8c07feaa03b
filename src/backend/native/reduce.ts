/** Native reductions over any axes, sums over label maps, softmax, concatenation and casts. */
import { at, sizeOf } from '../../tensor/shape.js'
import type { Tensor } from '../../tensor/tensor.js'
import type { Kernels } from '../kernels.js'
import type { Addon } from './addon.js'
import { SMALLEST_NATIVE, bytes, doubles, floats, integers, isNative, sizes } from './tensors.js'

/** Neighbouring axes that are all reduced, or all kept, as one. */
interface Stretch {
  readonly size: number
  readonly isReduced: boolean
}

function stretchesOf(shape: readonly number[], axes: readonly number[]): Stretch[] {
  const stretches: Stretch[] = []
  shape.forEach((n, axis) => {
    const isReduced = axes.includes(axis)
    const before = stretches.at(-1)
    if (n === 1) return
    if (before?.isReduced === isReduced) stretches[stretches.length - 1] = { size: before.size * n, isReduced }
    else stretches.push({ size: n, isReduced })
  })
  return stretches
}

/**
 * Reduces the last reduced stretch, as (groups, length, width) over length, until none is left; `between` makes the array for a
 * step that is not the last one.
 */
function inSteps<Input, Between extends Input>(
  stretches: readonly Stretch[],
  x: Input,
  out: Between,
  between: (size: number) => Between,
  reduce: (geometry: Float64Array, x: Input, out: Between) => void,
): void {
  const sizeFrom = (list: readonly Stretch[]): number => sizeOf(list.map(({ size }) => size))
  const last = stretches.findLastIndex(({ isReduced }) => isReduced)
  const [before, after] = [stretches.slice(0, Math.max(0, last)), stretches.slice(last + 1)]
  const [groups, width] = [sizeFrom(before), sizeFrom(after)]
  const length = last < 0 ? 1 : (stretches[last]?.size ?? 1)
  const isLast = !before.some(({ isReduced }) => isReduced)
  const result = isLast ? out : between(groups * width)
  reduce(sizes(groups, length, width), x, result)
  if (!isLast) inSteps([...before, ...after], result, out, between, reduce)
}

type ReduceKernels = Pick<Kernels, 'sum' | 'max' | 'min' | 'segmentSum' | 'segmentExpand' | 'softmax'>

export function reduceKernels(addon: Addon, reference: Kernels): ReduceKernels {
  const extremum =
    (name: 'max' | 'min'): Kernels['max'] =>
    (x, axes, out) => {
      if (!isNative(x)) reference[name](x, axes, out)
      else
        inSteps(
          stretchesOf(x.shape, axes),
          floats(x),
          floats(out),
          (size) => new Float32Array(size),
          (...args) => addon[name](...args),
        )
    }
  return {
    max: extremum('max'),
    min: extremum('min'),
    sum(x, axes, out) {
      if (!isNative(x)) {
        reference.sum(x, axes, out)
        return
      }
      inSteps<Float32Array | Float64Array, Float32Array | Float64Array>(
        stretchesOf(x.shape, axes),
        floats(x),
        floats(out),
        (size) => new Float64Array(size),
        (...args) => addon.sum(...args),
      )
    },
    segmentSum(x, labels, out) {
      if (isNative(x)) addon.segmentSum(floats(x), integers(labels), floats(out))
      else reference.segmentSum(x, labels, out)
    },
    segmentExpand(x, labels, out) {
      if (isNative(out)) addon.segmentExpand(floats(x), integers(labels), floats(out))
      else reference.segmentExpand(x, labels, out)
    },
    softmax(x, out) {
      const classes = x.rank === 0 ? 1 : at(x.shape, x.rank - 1)
      if (isNative(x)) addon.softmax(floats(x), x.size / classes, classes, floats(out))
      else reference.softmax(x, out)
    },
  }
}

export function layoutKernels(addon: Addon, reference: Kernels): Pick<Kernels, 'concat' | 'cast'> {
  return {
    concat(tensors, axis, out) {
      if (!isNative(out)) {
        reference.concat(tensors, axis, out)
        return
      }
      const blocks = sizeOf(out.shape.slice(0, axis))
      const inner = sizeOf(out.shape.slice(axis + 1))
      const step = at(out.shape, axis) * inner
      const to = floats(out)
      let start = 0
      for (const tensor of tensors) {
        const length = at(tensor.shape, axis) * inner
        addon.concatPart(floats(tensor), blocks, length, start, step, to)
        start += length
      }
    },
    cast(x, out) {
      if (x.size < SMALLEST_NATIVE || !castNatively(addon, x, out)) reference.cast(x, out)
    },
  }
}

/** Whether there is a native conversion between these dtypes; it has run then. */
function castNatively(addon: Addon, x: Tensor, out: Tensor): boolean {
  const isByte = x.dtype === 'uint8' || x.dtype === 'bool'
  if (x.dtype === 'float32' && out.dtype === 'float64') addon.floatToDouble(floats(x), doubles(out))
  else if (x.dtype === 'float64' && out.dtype === 'float32') addon.doubleToFloat(doubles(x), floats(out))
  else if (x.dtype === 'float32' && out.dtype === 'bool') addon.floatToBool(floats(x), bytes(out))
  else if (isByte && out.dtype === 'float32') addon.byteToFloat(bytes(x), floats(out))
  else return false
  return true
}
