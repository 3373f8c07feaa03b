/**
 * Files that are written whole or not at all, and JSON that is checked where it enters.
 * Every failure is a DataError that names the file and the cause. No formats here: see nifti.ts.
 */
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { z } from 'zod'
import { DataError } from '../tensor/errors.js'

const CAUSES: Record<string, string> = {
  ENOSPC: 'no space left on the disk (ENOSPC)',
  EDQUOT: 'a disk quota that is used up (EDQUOT)',
  EACCES: 'no permission (EACCES)',
  EPERM: 'no permission (EPERM)',
  EROFS: 'a read-only file system (EROFS)',
  ENOENT: 'nothing there (ENOENT)',
  EISDIR: 'a folder (EISDIR)',
  ENOTDIR: 'a path that runs through a file (ENOTDIR)',
  EEXIST: 'a file of that name (EEXIST)',
}

/** What the operating system said, in words where the code is a common one. */
export function describeCause(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  return CAUSES[code] ?? error.message
}

/** The bytes of a file. Throws DataError where it cannot be read. */
export function readBytes(path: string): Buffer<ArrayBuffer> {
  try {
    return readFileSync(path)
  } catch (error) {
    throw new DataError(path, 'a file that can be read', describeCause(error), { cause: error })
  }
}

/** Makes a folder and those above it; a folder that is there already is fine. Throws DataError. */
export function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true })
  } catch (error) {
    throw new DataError(path, 'a folder that can be made', describeCause(error), { cause: error })
  }
}

function writeAll(descriptor: number, bytes: Uint8Array): void {
  let written = 0
  while (written < bytes.length) written += writeSync(descriptor, bytes, written, bytes.length - written)
}

/**
 * Writes a file whole: the bytes go to a temporary name in the same folder, are flushed to the disk, and take the
 * file's name by a rename. A reader sees the old file or the new one, never a part, whenever the process dies.
 *
 * Throws DataError naming the file and the cause (a full disk, no permission, a missing folder); the temporary file is
 * removed and an older file of that name stays as it was.
 *
 * @example writeFileWhole('out/metrics.json', JSON.stringify(metrics))
 */
export function writeFileWhole(path: string, content: Uint8Array | string): void {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`)
  try {
    const descriptor = openSync(temporary, 'w')
    try {
      writeAll(descriptor, typeof content === 'string' ? Buffer.from(content) : content)
      fsyncSync(descriptor)
    } finally {
      closeSync(descriptor)
    }
    renameSync(temporary, path)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw new DataError(path, 'a file that can be written', describeCause(error), { cause: error })
  }
}

/**
 * The parsed content of a JSON file. Throws DataError naming the file and the first field that does not fit `schema`.
 *
 * @example const cohort = readJson('phantom/cohort.json', cohortSchema)
 */
export function readJson<Schema extends z.ZodType>(path: string, schema: Schema): z.infer<Schema> {
  const text = readBytes(path).toString('utf8')
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new DataError(path, 'JSON', describeCause(error), { cause: error })
  }
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const issue = result.error.issues[0]
  const field = issue?.path.map(String).join('.') ?? ''
  throw new DataError(path, `valid content${field === '' ? '' : ` in field ${field}`}`, issue?.message)
}
