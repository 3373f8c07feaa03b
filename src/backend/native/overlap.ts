/** Native sums and gradient of the overlap losses: float32 and float64, float or uint8 targets, any subsets. */
import { DTypeError } from '../../tensor/errors.js'
import type { Tensor } from '../../tensor/tensor.js'
import type { Kernels } from '../kernels.js'
import type { Activation, OverlapGeometry, OverlapOperands } from '../overlap.js'
import { denseArray } from '../reference/layout.js'
import type { Addon, NativeOverlap } from './addon.js'
import { SMALLEST_NATIVE, bytes, doubles, integers } from './tensors.js'

type OverlapKernels = Pick<Kernels, 'overlapStatistics' | 'overlapGradient'>

/** As in native/cpu/overlap.h. */
const activations: readonly Activation[] = ['none', 'sigmoid', 'softmax']
const MOST_AXES = 16

export function overlapKernels(addon: Addon, reference: Kernels): OverlapKernels {
  return {
    overlapStatistics(operands, geometry, sums, counts) {
      if (fits(operands, geometry))
        addon.overlapStatistics(...nativeOverlap(operands, geometry), doubles(sums), doubles(counts))
      else reference.overlapStatistics(operands, geometry, sums, counts)
    },
    overlapGradient(operands, geometry, partials, predictionOut, targetOut) {
      if (!fits(operands, geometry)) {
        reference.overlapGradient(operands, geometry, partials, predictionOut, targetOut)
        return
      }
      const outputs = [predictionOut, targetOut].map((out) => (out === null ? null : eitherFloats(out))) as [
        Float32Array | Float64Array | null,
        Float32Array | Float64Array | null,
      ]
      addon.overlapGradient(...nativeOverlap(operands, geometry), doubles(partials), ...outputs)
    },
  }
}

function fits({ prediction }: OverlapOperands, { axes, difference }: OverlapGeometry): boolean {
  // Sums of |p − y| are the reference's.
  if (difference !== undefined) return false
  return prediction.size >= SMALLEST_NATIVE && (axes === null || axes.sizes.length <= MOST_AXES)
}

function eitherFloats(x: Tensor): Float32Array | Float64Array {
  const array = denseArray(x)
  if (array instanceof Float32Array || array instanceof Float64Array) return array
  throw new DTypeError('native', 'a float32 or float64 tensor', x.dtype)
}

const numbers = new Float64Array(9 + 2 * MOST_AXES)

function nativeOverlap({ prediction, target, mask, labels }: OverlapOperands, g: OverlapGeometry): NativeOverlap {
  const { sizes, strides, channelStride } = g.axes ?? { sizes: [], strides: [], channelStride: 0 }
  const activation = activations.indexOf(g.activation)
  const squares = g.squares ? 1 : 0
  numbers.fill(0)
  numbers.set([
    g.batch,
    g.voxels,
    g.channels,
    g.firstChannel,
    g.subsets,
    activation,
    squares,
    sizes.length,
    channelStride,
  ])
  numbers.set(sizes, 9)
  numbers.set(strides, 9 + MOST_AXES)
  return [
    numbers,
    eitherFloats(prediction),
    target.dtype === 'uint8' || target.dtype === 'bool' ? bytes(target) : eitherFloats(target),
    mask === null ? null : bytes(mask),
    labels === null ? null : integers(labels),
    g.annotated,
    g.channelFactors,
    g.factoredSubsets,
  ]
}
