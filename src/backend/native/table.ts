/**
 * The native CPU backend: its own kernels for float32, the reference's for the other dtypes, for tensors too small to be worth
 * the call, and for what it lacks. Both see the same memory.
 */
import type { Kernels } from '../kernels.js'
import type { Addon } from './addon.js'
import { convolutionKernels } from './convolution.js'
import { elementwiseKernels } from './elementwise.js'
import { overlapKernels } from './overlap.js'
import { layoutKernels, reduceKernels } from './reduce.js'
import { pairKernels, stridedKernels } from './strided.js'
import { normKernels, optimizerKernels, poolKernels, upsampleKernels } from './volumes.js'

export function nativeKernels(addon: Addon, reference: Kernels): Kernels {
  return {
    ...reference,
    ...convolutionKernels(addon, reference),
    ...elementwiseKernels(addon, reference),
    ...pairKernels(addon, reference),
    ...stridedKernels(addon, reference),
    ...reduceKernels(addon, reference),
    ...layoutKernels(addon, reference),
    ...normKernels(addon, reference),
    ...poolKernels(addon, reference),
    ...upsampleKernels(addon, reference),
    ...overlapKernels(addon, reference),
    ...optimizerKernels(addon, reference),
  }
}
