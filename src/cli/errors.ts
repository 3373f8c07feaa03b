/** From an error to one line on stderr and an exit code: 2 where the user can mend it, 1 where a run failed. */
import { CommanderError } from 'commander'
import { ConfigError, DataError, DeviceError, PhigradError, ShapeError } from '../tensor/errors.js'
import { EXIT, RunError } from '../study/workers.js'

export interface Ending {
  readonly code: number
  /** Empty where there is nothing to say. */
  readonly message: string
}

const USER_ERRORS = [ConfigError, DataError, DeviceError, ShapeError]

function oneLine(text: string): string {
  return text.trim().replaceAll(/\s*\n\s*/g, ' ')
}

/** What the program says and returns for an error. An error that is not ours keeps its stack: it is a bug of phigrad. */
export function endingOf(error: unknown): Ending {
  if (error instanceof CommanderError) {
    // --help and --version end by an error too, with exit code 0.
    return error.exitCode === 0
      ? { code: EXIT.done, message: '' }
      : { code: EXIT.userError, message: oneLine(error.message.replace(/^error: /, '')) }
  }
  if (error instanceof RunError) return { code: error.code, message: oneLine(error.detail) }
  if (USER_ERRORS.some((type) => error instanceof type)) {
    return { code: EXIT.userError, message: oneLine((error as PhigradError).message) }
  }
  if (error instanceof PhigradError) return { code: EXIT.failed, message: oneLine(error.message) }
  return { code: EXIT.failed, message: error instanceof Error ? (error.stack ?? error.message) : String(error) }
}
