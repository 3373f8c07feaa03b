/** Checks of what users of plain JavaScript may pass: anything at all. Each says what was expected and what came. */
import { describe } from './describe.js'
import { ConfigError } from './errors.js'
import { Tensor } from './tensor.js'

/** @throws ConfigError unless `value` is a tensor; DisposedError when it was disposed. */
export function checkTensor(where: string, value: unknown): asserts value is Tensor {
  if (!(value instanceof Tensor)) throw new ConfigError(where, 'a tensor', describe(value))
  value.checkAlive()
}

/** @throws ConfigError unless `values` is an array of tensors that are alive. */
export function checkTensors(where: string, values: unknown): asserts values is readonly Tensor[] {
  if (!Array.isArray(values)) throw new ConfigError(where, 'an array of tensors', describe(values))
  for (const value of values as readonly unknown[]) checkTensor(where, value)
}

/** @throws ConfigError unless `value` is a number (NaN and the infinities are none). */
export function checkNumber(where: string, value: unknown): asserts value is number {
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    throw new ConfigError(where, 'a finite number', describe(value))
  }
}

/** @throws ConfigError unless `value` is an integer from `least` on that is exact as a number. */
export function checkInteger(where: string, value: unknown, least: number): asserts value is number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < least) {
    throw new ConfigError(where, `an integer ≥ ${least}`, describe(value))
  }
}

/** @throws ConfigError unless `value` is an object of options. */
export function checkOptions(where: string, value: unknown): asserts value is object {
  if (typeof value !== 'object' || value === null || value instanceof Tensor) {
    throw new ConfigError(where, 'an object of options', describe(value))
  }
}
