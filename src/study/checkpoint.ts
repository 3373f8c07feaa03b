/**
 * The state of a run as one safetensors file: parameters, optimizer state, and in the metadata the step and the
 * configuration. It is written whole, so that the file is always a state that training really was in.
 */
import { z } from 'zod'
import { readBytes, writeFileWhole } from '../data/files.js'
import { decodeSafetensors, encodeSafetensors } from '../nn/index.js'
import { DataError } from '../tensor/errors.js'
import type { Tensor } from '../tensor/tensor.js'
import { type RunConfig, checkSameConfig, runConfigSchema } from './config.js'

const FORMAT = 'phigrad run 1'

export interface RunState {
  /** Steps completed. */
  readonly step: number
  /** `network.…` and `optimizer.…`. */
  readonly tensors: ReadonlyMap<string, Tensor>
}

const metadataSchema = z.object({
  format: z.literal(FORMAT),
  step: z.coerce.number().int().nonnegative(),
  config: z.string(),
})

/** Writes a state whole; equal states give equal bytes. Throws DataError naming the file. */
export function writeCheckpoint(path: string, config: RunConfig, state: RunState): void {
  const metadata = { format: FORMAT, step: String(state.step), config: JSON.stringify(config) }
  writeFileWhole(path, encodeSafetensors(state.tensors, metadata))
}

/**
 * Reads a state. Its tensors are the caller's to dispose.
 *
 * Throws DataError naming the file where it is no checkpoint of a run, ConfigError where it is one of a run with another
 * configuration.
 */
export function readCheckpoint(path: string, config: RunConfig): RunState {
  const { tensors, metadata } = decodeSafetensors(readBytes(path), path)
  try {
    const parsed = metadataSchema.safeParse(metadata)
    if (!parsed.success) {
      const field = parsed.error.issues[0]?.path.join('.') ?? ''
      throw new DataError(path, `a checkpoint of a run (metadata field ${field})`, 'another file')
    }
    checkSameConfig(path, parseConfig(path, parsed.data.config), config)
    return { step: parsed.data.step, tensors }
  } catch (error) {
    for (const tensor of tensors.values()) tensor.dispose()
    throw error
  }
}

function parseConfig(path: string, text: string): RunConfig {
  try {
    return runConfigSchema.parse(JSON.parse(text))
  } catch (error) {
    throw new DataError(path, 'a run configuration in metadata field config', 'none that can be read', { cause: error })
  }
}
