/**
 * One class per cause. Every message has one form: `[where] expected WHAT, got WHAT`,
 * where `where` is the name of a function, a configuration field or a file.
 */
export abstract class PhigradError extends Error {
  constructor(where: string, expected: string, got?: string, options?: ErrorOptions) {
    super(`[${where}] expected ${expected}${got === undefined ? '' : `, got ${got}`}`, options)
    this.name = new.target.name
  }
}

/** A shape, an axis or a size does not fit. */
export class ShapeError extends PhigradError {}

/** A dtype does not fit: phigrad never converts between dtypes silently. */
export class DTypeError extends PhigradError {}

/** A device or a backend is not there, or tensors of several devices meet in one op. */
export class DeviceError extends PhigradError {}

/** A tensor was used after its memory was given back, or after an in-place update made it stale. */
export class DisposedError extends PhigradError {}

/** A file or a data set is not what it should be; the message names the file and the byte or field. */
export class DataError extends PhigradError {}

/** An option, a flag or a configuration field is wrong; the message names it. */
export class ConfigError extends PhigradError {}

/** A derivative was asked for that does not exist, or arithmetic left the finite numbers. */
export class NumericalError extends PhigradError {}
