/** Which table of kernels serves a device. */
import type { Device } from '../tensor/storage.js'
import { DeviceError } from '../tensor/errors.js'
import type { Kernels } from './kernels.js'
import { referenceKernels } from './reference/table.js'

/** @throws DeviceError where the device has no backend. */
export function kernelsOf(device: Device): Kernels {
  if (device !== 'cpu') throw new DeviceError('kernels', "device 'cpu'", `'${device}': this build has no CUDA backend`)
  return referenceKernels
}
