/**
 * log.jsonl: one JSON object a line, in order of steps. A line says what was reached after so many steps; timings apart,
 * the log of a run that was killed and went on equals that of one that was not.
 */
import { closeSync, existsSync, fsyncSync, openSync, writeSync } from 'node:fs'
import { describeCause, readBytes, writeFileWhole } from '../data/files.js'
import { DataError } from '../tensor/errors.js'

export interface LogLine {
  /** Steps completed. */
  readonly step: number
  readonly loss: number
  readonly learningRate: number
  readonly stepsPerSecond: number
}

/** Whether a line is whole and belongs to the first `steps` steps; a killed process may leave a part of a line. */
function isWithin(line: string, steps: number): boolean {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null && 'step' in value && Number(value.step) <= steps
  } catch {
    return false
  }
}

/** Appends lines to a log whose lines beyond `steps` are cut off first: those will be written again. */
export class RunLog {
  private readonly descriptor: number

  constructor(
    readonly path: string,
    steps: number,
  ) {
    const lines = existsSync(path) ? readBytes(path).toString('utf8').split('\n') : []
    const kept = lines.filter((line) => isWithin(line, steps))
    writeFileWhole(path, kept.map((line) => `${line}\n`).join(''))
    this.descriptor = this.attempt(() => openSync(path, 'a'))
  }

  append(line: LogLine): void {
    this.attempt(() => writeSync(this.descriptor, `${JSON.stringify(line)}\n`))
  }

  /** Lines are on the disk before a checkpoint says that their steps are done. */
  flush(): void {
    this.attempt(() => fsyncSync(this.descriptor))
  }

  close(): void {
    closeSync(this.descriptor)
  }

  private attempt<T>(write: () => T): T {
    try {
      return write()
    } catch (error) {
      throw new DataError(this.path, 'a file that can be written', describeCause(error), { cause: error })
    }
  }
}
