/**
 * Runs as child processes, a few side by side. A child is `phigrad train CONFIG` with a channel on which it tells its
 * events; it ends when the channel closes, so that no child outlives a parent that was killed.
 */
import { fork } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { PhigradError } from '../tensor/errors.js'
import { type Listener, type StudyEvent, eventSchema } from './events.js'

export interface Job {
  readonly name: string
  /** The path of its config.json. */
  readonly config: string
}

export interface PoolOptions {
  /** The program whose `train` command performs a run. */
  readonly program: string
  /** How many at a time. */
  readonly jobs: number
  readonly onEvent: Listener
  readonly signal: AbortSignal
}

/** Exit codes of `phigrad train`. */
export const EXIT = { done: 0, failed: 1, userError: 2, interrupted: 130 } as const

/** A run's process ended without its result; `code` is its exit code. */
export class RunError extends PhigradError {
  constructor(
    run: string,
    readonly code: number,
    readonly detail: string,
  ) {
    super(`run ${run}`, 'a run that ends well', detail)
  }
}

interface Ending {
  readonly code: number
  /** What the process said last on stderr. */
  readonly message: string
}

/** Runs share the cores: each gets its part of the threads, unless the user gave a number. Results do not depend on it. */
function environment(jobs: number): NodeJS.ProcessEnv {
  const threads = String(Math.max(1, Math.floor(availableParallelism() / jobs)))
  return { PHIGRAD_NUM_THREADS: threads, ...process.env }
}

function perform(job: Job, { program, jobs, onEvent, signal }: PoolOptions): Promise<Ending> {
  return new Promise((resolve, reject) => {
    const child = fork(program, ['train', job.config, '--worker'], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: environment(jobs),
    })
    let complaint = ''
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (complaint = (complaint + text).slice(-4000)))
    child.on('message', (message: unknown) => onEvent(eventSchema.parse(message)))
    const stop = (): boolean => child.kill('SIGINT')
    signal.addEventListener('abort', stop)
    child.once('error', reject)
    child.once('close', (code, by) => {
      signal.removeEventListener('abort', stop)
      const message =
        complaint.trim().replace(/^phigrad: /, '') ||
        (by === null ? `exit code ${String(code)}` : `a process ended by ${by}`)
      resolve({ code: code ?? EXIT.failed, message })
    })
  })
}

/**
 * Performs the jobs, at most `jobs` at a time, in their order. A run that fails is told as an event and does not stop the
 * others; one that fails for the user's input (exit code 2) does, since the others have the same data.
 *
 * Throws RunError for the latter. Returns the runs that failed. After an abort, returns once every child has ended.
 */
export async function performJobs(jobs: readonly Job[], options: PoolOptions): Promise<RunError[]> {
  const pending = [...jobs]
  const failed: RunError[] = []
  const halt = new AbortController()
  const signal = AbortSignal.any([options.signal, halt.signal])
  const worker = async (): Promise<void> => {
    for (let job = pending.shift(); job !== undefined && !signal.aborted; job = pending.shift()) {
      const { code, message } = await perform(job, { ...options, signal })
      if (code === EXIT.done || (signal.aborted && code !== EXIT.userError)) continue
      const error = new RunError(job.name, code, message)
      failed.push(error)
      const event: StudyEvent = { event: 'failed', run: job.name, message }
      options.onEvent(event)
      if (code === EXIT.userError) halt.abort()
    }
  }
  await Promise.all(Array.from({ length: Math.min(options.jobs, jobs.length) }, worker))
  const userError = failed.find(({ code }) => code === EXIT.userError)
  if (userError !== undefined) throw userError
  return failed
}
