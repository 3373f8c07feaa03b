/** Native kernels on volumes other than convolutions: normalisation, pooling, upsampling; and Adam's step. */
import { at } from '../../tensor/shape.js'
import type { NormGeometry, Pool3dGeometry, UpsampleGeometry } from '../geometry.js'
import type { Kernels } from '../kernels.js'
import type { Addon } from './addon.js'
import { doubles, floats, integers, isNative, sizes } from './tensors.js'

const normSizes = (g: NormGeometry): Float64Array => sizes(g.batch, g.positions, g.channels)
const poolSizes = (g: Pool3dGeometry): Float64Array => sizes(g.batch, ...g.input, ...g.window, g.channels)
const upsampleSizes = (g: UpsampleGeometry, skipChannels: number): Float64Array =>
  sizes(g.batch, ...g.input, ...g.factors, g.channels, skipChannels)

type NormKernels = Pick<Kernels, 'normActivation' | 'normActivationGradient'>

export function normKernels(addon: Addon, reference: Kernels): NormKernels {
  return {
    normActivation(x, scale, shift, options, g, out, mean, inverseDeviation) {
      if (!isNative(x)) {
        reference.normActivation(x, scale, shift, options, g, out, mean, inverseDeviation)
        return
      }
      addon.normActivation(
        normSizes(g),
        floats(x),
        floats(scale),
        floats(shift),
        options.epsilon,
        options.slope,
        floats(out),
        doubles(mean),
        doubles(inverseDeviation),
      )
    },
    normActivationGradient(forward, outputGradient, slope, g, out) {
      const { x, scale, shift, mean, inverseDeviation } = forward
      if (!isNative(x)) {
        reference.normActivationGradient(forward, outputGradient, slope, g, out)
        return
      }
      addon.normActivationGradient(
        normSizes(g),
        floats(x),
        floats(scale),
        floats(shift),
        doubles(mean),
        doubles(inverseDeviation),
        floats(outputGradient),
        slope,
        floats(out.x),
        floats(out.scale),
        floats(out.shift),
      )
    },
  }
}

type PoolKernels = Pick<Kernels, 'maxPool3d' | 'maxPool3dIndices' | 'maxPool3dGradient'>

export function poolKernels(addon: Addon, reference: Kernels): PoolKernels {
  return {
    maxPool3d(x, g, out) {
      if (isNative(x)) addon.maxPool3d(poolSizes(g), floats(x), floats(out))
      else reference.maxPool3d(x, g, out)
    },
    maxPool3dIndices(x, g, out) {
      if (isNative(x)) addon.maxPool3dIndices(poolSizes(g), floats(x), integers(out))
      else reference.maxPool3dIndices(x, g, out)
    },
    maxPool3dGradient(x, outputGradient, g, out) {
      if (isNative(x)) addon.maxPool3dGradient(poolSizes(g), floats(x), floats(outputGradient), floats(out))
      else reference.maxPool3dGradient(x, outputGradient, g, out)
    },
  }
}

type UpsampleKernels = Pick<
  Kernels,
  'upsampleNearest' | 'upsampleNearestGradient' | 'upsampleConcat' | 'upsampleConcatGradient'
>

export function upsampleKernels(addon: Addon, reference: Kernels): UpsampleKernels {
  return {
    upsampleNearest(x, g, out) {
      if (isNative(out)) addon.upsampleConcat(upsampleSizes(g, 0), null, floats(x), floats(out))
      else reference.upsampleNearest(x, g, out)
    },
    upsampleNearestGradient(outputGradient, g, out) {
      if (isNative(outputGradient))
        addon.upsampleConcatGradient(upsampleSizes(g, 0), floats(outputGradient), null, floats(out))
      else reference.upsampleNearestGradient(outputGradient, g, out)
    },
    upsampleConcat(skip, x, g, out) {
      const skipChannels = at(skip.shape, 4)
      if (isNative(out)) addon.upsampleConcat(upsampleSizes(g, skipChannels), floats(skip), floats(x), floats(out))
      else reference.upsampleConcat(skip, x, g, out)
    },
    upsampleConcatGradient(outputGradient, g, skipOut, xOut) {
      const skipChannels = at(skipOut.shape, 4)
      if (!isNative(outputGradient)) reference.upsampleConcatGradient(outputGradient, g, skipOut, xOut)
      else
        addon.upsampleConcatGradient(
          upsampleSizes(g, skipChannels),
          floats(outputGradient),
          floats(skipOut),
          floats(xOut),
        )
    },
  }
}

export function optimizerKernels(addon: Addon, reference: Kernels): Pick<Kernels, 'adamStep'> {
  return {
    adamStep(parameter, gradient, firstMoment, secondMoment, options) {
      if (!isNative(parameter)) {
        reference.adamStep(parameter, gradient, firstMoment, secondMoment, options)
        return
      }
      const { learningRate, beta1, beta2, epsilon, weightDecay, step } = options
      addon.adamStep(
        floats(parameter),
        floats(gradient),
        floats(firstMoment),
        floats(secondMoment),
        sizes(learningRate, beta1, beta2, epsilon, weightDecay, step),
      )
    },
  }
}
