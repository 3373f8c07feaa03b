/**
 * Which table of kernels serves a device. On the CPU the native addon where it loads, else pure TypeScript;
 * PHIGRAD_BACKEND=reference or native insists. Chosen at the first op, and silently: `cpuBackend` tells.
 */
import { loadNative } from '#native'
import { ConfigError, DeviceError } from '../tensor/errors.js'
import type { Device } from '../tensor/storage.js'
import type { Kernels } from './kernels.js'
import { nativeKernels } from './native/table.js'
import { referenceKernels } from './reference/table.js'

/** What runs on the CPU, and why. */
export interface CpuBackend {
  readonly name: 'native' | 'reference'
  /** The addon's file; null for the reference. */
  readonly path: string | null
  /** The instruction set of the kernels: `avx512`, `avx2`, `neon`, `base`; null for the reference. */
  readonly isa: string | null
  /** Threads that work on one kernel. */
  readonly threads: number
  /** Where the addon was looked for in vain, with what was wrong there. */
  readonly tried: readonly string[]
}

interface Chosen {
  readonly kernels: Kernels
  readonly describe: () => CpuBackend
}

let chosen: Chosen | null = null

function choose(): Chosen {
  const { addon, path, tried, wanted } = loadNative()
  if (wanted !== undefined && wanted !== '' && wanted !== 'native' && wanted !== 'reference')
    throw new ConfigError('PHIGRAD_BACKEND', "'native' or 'reference'", `'${wanted}'`)
  if (addon === null) {
    if (wanted === 'native')
      throw new DeviceError('PHIGRAD_BACKEND', 'a native addon (npm run build:native makes one)', tried.join('; '))
    return {
      kernels: referenceKernels,
      describe: () => ({ name: 'reference', path, isa: null, threads: 1, tried }),
    }
  }
  return {
    kernels: nativeKernels(addon, referenceKernels),
    describe: () => ({ name: 'native', path, isa: addon.isa(), threads: addon.threads(), tried }),
  }
}

/** @throws DeviceError where the device has no backend, or not the one that PHIGRAD_BACKEND asks for. */
export function kernelsOf(device: Device): Kernels {
  if (device !== 'cpu') throw new DeviceError('kernels', "device 'cpu'", `'${device}': this build has no CUDA backend`)
  chosen ??= choose()
  return chosen.kernels
}

/** The backend in use on the CPU. Example: `cpuBackend().isa` is 'avx512' on a recent server. */
export function cpuBackend(): CpuBackend {
  chosen ??= choose()
  return chosen.describe()
}
