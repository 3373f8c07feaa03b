/** The kernels on volumes as entries of the table: they work on arrays, the table hands out tensors. */
import type { Tensor } from '../../tensor/tensor.js'
import { at } from '../../tensor/shape.js'
import { DTypeError } from '../../tensor/errors.js'
import type { FloatArray } from '../geometry.js'
import type { Kernels } from '../kernels.js'
import * as conv3d from './conv3d.js'
import * as conv3dInputGradient from './conv3dInputGradient.js'
import * as conv3dWeightGradient from './conv3dWeightGradient.js'
import { denseArray } from './layout.js'
import * as maxPool3d from './maxPool3d.js'
import * as normActivation from './normActivation.js'
import * as upsampleConcat from './upsampleConcat.js'
import * as upsampleNearest from './upsampleNearest.js'

function floats(x: Tensor): FloatArray {
  const array = denseArray(x)
  if (array instanceof Float32Array || array instanceof Float64Array) return array
  throw new DTypeError('kernel', 'a float32 or float64 tensor', x.dtype)
}

function doubles(x: Tensor): Float64Array {
  const array = denseArray(x)
  if (array instanceof Float64Array) return array
  throw new DTypeError('kernel', 'a float64 tensor', x.dtype)
}

function integers(x: Tensor): Int32Array {
  const array = denseArray(x)
  if (array instanceof Int32Array) return array
  throw new DTypeError('kernel', 'an int32 tensor', x.dtype)
}

type VolumeKernels = Pick<
  Kernels,
  | 'conv3d'
  | 'conv3dInputGradient'
  | 'conv3dWeightGradient'
  | 'maxPool3d'
  | 'maxPool3dIndices'
  | 'maxPool3dGradient'
  | 'upsampleNearest'
  | 'upsampleNearestGradient'
  | 'upsampleConcat'
  | 'upsampleConcatGradient'
  | 'normActivation'
  | 'normActivationGradient'
>

export const volumeKernels: VolumeKernels = {
  conv3d: (x, weight, bias, g, out) =>
    conv3d.conv3d(floats(x), floats(weight), bias === null ? null : floats(bias), floats(out), g),
  conv3dInputGradient: (outputGradient, weight, g, out) =>
    conv3dInputGradient.conv3dInputGradient(floats(outputGradient), floats(weight), floats(out), g),
  conv3dWeightGradient: (x, outputGradient, g, out) =>
    conv3dWeightGradient.conv3dWeightGradient(floats(x), floats(outputGradient), floats(out), g),
  maxPool3d: (x, g, out) => maxPool3d.maxPool3d(floats(x), floats(out), g),
  maxPool3dIndices: (x, g, out) => maxPool3d.maxPool3dIndices(floats(x), integers(out), g),
  maxPool3dGradient: (x, outputGradient, g, out) =>
    maxPool3d.maxPool3dGradient(floats(x), floats(outputGradient), floats(out), g),
  upsampleNearest: (x, g, out) => upsampleNearest.upsampleNearest(floats(x), floats(out), g),
  upsampleNearestGradient: (outputGradient, g, out) =>
    upsampleNearest.upsampleNearestGradient(floats(outputGradient), floats(out), g),
  upsampleConcat: (skip, x, g, out) =>
    upsampleConcat.upsampleConcat(floats(skip), floats(x), floats(out), g, at(skip.shape, 4)),
  upsampleConcatGradient: (outputGradient, g, skipOut, xOut) =>
    upsampleConcat.upsampleConcatGradient(
      floats(outputGradient),
      floats(skipOut),
      floats(xOut),
      g,
      at(skipOut.shape, 4),
    ),
  normActivation: (x, scale, shift, { epsilon, slope }, g, out, mean, inverse) =>
    normActivation.normActivation(
      floats(x),
      floats(scale),
      floats(shift),
      floats(out),
      doubles(mean),
      doubles(inverse),
      epsilon,
      slope,
      g,
    ),
  normActivationGradient: ({ x, scale, shift, mean, inverseDeviation }, outputGradient, slope, g, out) =>
    normActivation.normActivationGradient(
      floats(x),
      floats(scale),
      floats(shift),
      doubles(mean),
      doubles(inverseDeviation),
      floats(outputGradient),
      floats(out.x),
      floats(out.scale),
      floats(out.shift),
      slope,
      g,
    ),
}
