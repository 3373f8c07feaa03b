/**
 * The native convolutions. A single product of a convolution costs more in TypeScript than the call into native code, so
 * every float32 convolution runs natively, however small.
 */
import type { Conv3dGeometry } from '../geometry.js'
import type { Kernels } from '../kernels.js'
import type { Addon } from './addon.js'
import { floats, sizes } from './tensors.js'

function convolutionSizes(g: Conv3dGeometry): Float64Array {
  const { batch, input, output, kernel, stride, dilation, padding } = g
  const axes = [...input, ...output, ...kernel, ...stride, ...dilation, ...padding]
  return sizes(batch, ...axes, g.inChannels, g.outChannels, g.groups)
}

type ConvolutionKernels = Pick<Kernels, 'conv3d' | 'conv3dInputGradient' | 'conv3dWeightGradient'>

export function convolutionKernels(addon: Addon, reference: Kernels): ConvolutionKernels {
  return {
    conv3d(x, weight, bias, g, out) {
      if (x.dtype !== 'float32') reference.conv3d(x, weight, bias, g, out)
      else
        addon.conv3d(convolutionSizes(g), floats(x), floats(weight), bias === null ? null : floats(bias), floats(out))
    },
    conv3dInputGradient(outputGradient, weight, g, out) {
      if (outputGradient.dtype !== 'float32') reference.conv3dInputGradient(outputGradient, weight, g, out)
      else addon.conv3dInputGradient(convolutionSizes(g), floats(outputGradient), floats(weight), floats(out))
    },
    conv3dWeightGradient(x, outputGradient, g, out) {
      if (x.dtype !== 'float32') reference.conv3dWeightGradient(x, outputGradient, g, out)
      else addon.conv3dWeightGradient(convolutionSizes(g), floats(x), floats(outputGradient), floats(out))
    },
  }
}
