/** Native elementwise kernels, for dense float32 tensors that are worth the call. */
import type { Kernels, UnaryKernel } from '../kernels.js'
import type { Addon, NativeUnary } from './addon.js'
import { floats, isNative } from './tensors.js'

type ElementwiseKernels = Pick<Kernels, 'neg' | 'exp' | 'log' | 'sqrt' | 'sigmoid' | 'relu' | 'leakyRelu' | 'abs'>

export function elementwiseKernels(addon: Addon, reference: Kernels): ElementwiseKernels {
  const unary =
    (native: NativeUnary, otherwise: UnaryKernel): UnaryKernel =>
    (x, out) => {
      if (isNative(x)) native(floats(x), 0, floats(out))
      else otherwise(x, out)
    }
  return {
    neg: unary(addon.neg, reference.neg),
    exp: unary(addon.exp, reference.exp),
    log: unary(addon.log, reference.log),
    sqrt: unary(addon.sqrt, reference.sqrt),
    sigmoid: unary(addon.sigmoid, reference.sigmoid),
    relu: unary(addon.relu, reference.relu),
    abs: unary(addon.abs, reference.abs),
    leakyRelu(x, slope, out) {
      if (isNative(x)) addon.leakyRelu(floats(x), slope, floats(out))
      else reference.leakyRelu(x, slope, out)
    },
  }
}
