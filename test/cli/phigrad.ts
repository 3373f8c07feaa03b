/** The built command line as a user starts it: a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { buildIfStale, root } from '../build.js'

export const program = join(root, 'dist/cli/main.js')

buildIfStale()

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export interface Started {
  readonly child: ChildProcess
  /** What was printed so far. */
  readonly stdout: () => string
  readonly ended: Promise<Ended>
}

/** Starts `phigrad` with arguments. */
export function start(args: readonly string[], cwd = root): Started {
  const child = spawn(process.execPath, [program, ...args], { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr }))
  })
  return { child, stdout: () => stdout, ended }
}

/** Runs `phigrad` to its end. */
export function phigrad(args: readonly string[], cwd?: string): Promise<Ended> {
  return start(args, cwd).ended
}
