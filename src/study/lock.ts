/**
 * One process at a time in an output folder: a file `.lock` that says who holds it. Locks of processes that died (kill -9
 * leaves them behind) are taken over. Processes on other machines cannot be asked, so their locks are believed.
 */
import { linkSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { describeCause, makeFolder, writeFileWhole } from '../data/files.js'
import { ConfigError, DataError } from '../tensor/errors.js'

export const LOCK_FILE = '.lock'

const holderSchema = z.object({
  pid: z.int().positive(),
  host: z.string(),
  since: z.string(),
  /** Tells a process from a later one with the same number, where the system says when a process began. */
  began: z.string(),
})
type Holder = z.infer<typeof holderSchema>

/** When a process began, in the system's ticks since boot; empty where there is no /proc. */
function beginning(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name in parentheses may hold spaces; starttime is field 22, the 20th after it (proc(5)).
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  } catch {
    return ''
  }
}

function isAlive({ pid, host, began }: Holder): boolean {
  if (host !== hostname()) return true
  try {
    process.kill(pid, 0)
  } catch (error) {
    // EPERM: it lives and belongs to someone else.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
  const now = beginning(pid)
  return began === '' || now === '' || began === now
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

function parseHolder(text: string): Holder | undefined {
  try {
    return holderSchema.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

/** Makes the lock file with its whole content in one step: a link fails where the name is taken. */
function claim(path: string, content: string): boolean {
  const temporary = `${path}.${process.pid}`
  writeFileWhole(temporary, content)
  try {
    linkSync(temporary, path)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw new DataError(path, 'a lock file that can be made', describeCause(error), { cause: error })
  } finally {
    rmSync(temporary, { force: true })
  }
}

/** Removes a dead lock, unless another process was faster and the lock is its own by now. */
function removeStale(path: string, stale: string): void {
  const aside = `${path}.${process.pid}.stale`
  try {
    renameSync(path, aside)
  } catch {
    return
  }
  if (readText(aside) !== stale) {
    try {
      linkSync(aside, path)
    } catch {
      // A third process holds it now.
    }
  }
  rmSync(aside, { force: true })
}

export interface Lock {
  release(): void
}

/**
 * Holds a folder, which is made if need be, until `release`. `patience` is how many milliseconds to wait for a holder
 * that may be about to end.
 *
 * Throws ConfigError naming the folder and the holder where another living process has it; DataError where the lock file
 * cannot be written.
 *
 * @example
 * const lock = await acquireLock('runs/brats-quick')
 * try { … } finally { lock.release() }
 */
export async function acquireLock(folder: string, patience = 0): Promise<Lock> {
  makeFolder(folder)
  const path = join(folder, LOCK_FILE)
  const own: Holder = {
    pid: process.pid,
    host: hostname(),
    since: new Date().toISOString(),
    began: beginning(process.pid),
  }
  const content = JSON.stringify(own)
  const deadline = performance.now() + patience
  while (!claim(path, content)) {
    const text = readText(path)
    if (text === undefined) continue
    const holder = parseHolder(text)
    if (holder === undefined || !isAlive(holder)) {
      removeStale(path, text)
      continue
    }
    if (performance.now() > deadline) {
      const who = `process ${holder.pid} on ${holder.host} since ${holder.since}`
      throw new ConfigError(folder, `a folder that no other phigrad works in`, `one held by ${who} (${path})`)
    }
    await sleep(50)
  }
  return {
    release: () => {
      if (readText(path) === content) rmSync(path, { force: true })
    },
  }
}
