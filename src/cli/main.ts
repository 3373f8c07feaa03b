#!/usr/bin/env node
/** The `phigrad` command: runs the program, says in one line what went wrong, and sets the exit code. */
import { fileURLToPath } from 'node:url'
import { endingOf } from './errors.js'
import { type ProgramResult, makeProgram } from './program.js'

async function main(): Promise<ProgramResult> {
  const result: ProgramResult = { code: 0, message: '' }
  try {
    await makeProgram(fileURLToPath(import.meta.url), result).parseAsync()
    return result
  } catch (error) {
    return endingOf(error)
  }
}

// Whoever reads our output may stop reading, as `head` does: that is an end, not an error.
process.stdout.on('error', () => process.exit(0))

const { code, message } = await main()
if (message !== '') process.stderr.write(`phigrad: ${message}\n`)
process.exitCode = code
// The channel to a parent process would keep this one alive.
if (process.connected) process.disconnect()
