import type * as fileSystem from 'node:fs'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { makeFolder, readJson, writeFileWhole } from '../../src/data/files.js'
import { DataError } from '../../src/tensor/errors.js'
import { filesIn, temporaryFolder } from './folder.js'

const failing = vi.hoisted(() => ({ call: '' }))

// A full disk cannot be had in a test, so that the operating system's answer is made up and the rest is real.
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof fileSystem>()
  const fail = (call: string): void => {
    if (failing.call === call) throw Object.assign(new Error(`ENOSPC: ${call}`), { code: 'ENOSPC' })
  }
  return {
    ...fs,
    writeSync: (descriptor: number, bytes: Uint8Array, start: number, length: number): number => {
      // Half of the bytes reach the disk before it is full.
      const written = fs.writeSync(descriptor, bytes, start, Math.max(1, length >> 1))
      fail('write')
      return written
    },
    fsyncSync: (descriptor: number): void => {
      fail('fsync')
      fs.fsyncSync(descriptor)
    },
  }
})

afterEach(() => {
  failing.call = ''
})

test('a file holds the bytes that were written, although the system takes them piece by piece', () => {
  const path = join(temporaryFolder(), 'bytes')
  const bytes = Uint8Array.from({ length: 1000 }, (_, i) => i % 251)
  writeFileWhole(path, bytes)
  expect([...readFileSync(path)]).toEqual([...bytes])
  writeFileWhole(path, 'Φ and ε')
  expect(readFileSync(path, 'utf8')).toBe('Φ and ε')
})

test.each(['write', 'fsync'])('a disk that is full at %s leaves the older file and nothing else', (call) => {
  const folder = temporaryFolder()
  const path = join(folder, 'table.json')
  writeFileWhole(path, 'older')
  failing.call = call
  expect(() => writeFileWhole(path, 'newer')).toThrow(DataError)
  expect(() => writeFileWhole(path, 'newer')).toThrow(
    `[${path}] expected a file that can be written, got no space left`,
  )
  expect(readFileSync(path, 'utf8')).toBe('older')
  expect(filesIn(folder)).toEqual(['table.json'])
})

test('writing into a missing folder or onto a folder names the file and leaves nothing', () => {
  const folder = temporaryFolder()
  expect(() => writeFileWhole(join(folder, 'missing', 'a'), 'x')).toThrow(/missing\/a\] .*nothing there \(ENOENT\)/)
  mkdirSync(join(folder, 'taken'))
  expect(() => writeFileWhole(join(folder, 'taken'), 'x')).toThrow(/taken\] expected a file that can be written/)
  expect(filesIn(folder)).toEqual(['taken'])
})

test('a folder that cannot be made names the path', () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'file'), '')
  makeFolder(join(folder, 'a', 'b'))
  makeFolder(join(folder, 'a', 'b'))
  expect(filesIn(folder)).toEqual(['a', 'a/b', 'file'])
  expect(() => makeFolder(join(folder, 'file', 'b'))).toThrow(/file\/b\] expected a folder that can be made/)
})

test('JSON comes back typed, and a broken one names the file and the field', () => {
  const path = join(temporaryFolder(), 'config.json')
  const schema = z.object({ loss: z.object({ epsilon: z.number() }) })
  writeFileSync(path, '{ "loss": { "epsilon": 1e-7 } }')
  expect(readJson(path, schema).loss.epsilon).toBe(1e-7)
  writeFileSync(path, '{ "loss": { "epsilon": "small" } }')
  expect(() => readJson(path, schema)).toThrow(/config\.json\] expected valid content in field loss\.epsilon/)
  writeFileSync(path, '{ "loss": ')
  expect(() => readJson(path, schema)).toThrow(/config\.json\] expected JSON, got/)
  expect(() => readJson(`${path}.none`, schema)).toThrow(/none\] expected a file that can be read, got nothing there/)
})
