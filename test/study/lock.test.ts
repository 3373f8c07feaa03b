import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { LOCK_FILE, acquireLock } from '../../src/study/lock.js'
import { ConfigError } from '../../src/tensor/errors.js'
import { filesIn } from '../data/folder.js'
import { temporaryFolder, writeJson } from './tiny.js'

const since = '2026-01-01T00:00:00.000Z'

async function deadProcess(): Promise<number> {
  const child = spawn(process.execPath, ['-e', ''])
  await once(child, 'exit')
  return child.pid ?? 0
}

test('a folder that is held is refused to the next, who is told the holder', async () => {
  const folder = temporaryFolder()
  const lock = await acquireLock(folder)
  const second = acquireLock(folder)
  await expect(second).rejects.toThrow(ConfigError)
  await expect(second).rejects.toThrow(`process ${process.pid} on ${hostname()}`)
  lock.release()
})

test('a folder that was released leaves no file and is free', async () => {
  const folder = temporaryFolder()
  for (let turn = 0; turn < 2; turn++) {
    const lock = await acquireLock(folder)
    expect(filesIn(folder)).toEqual([LOCK_FILE])
    lock.release()
    expect(filesIn(folder)).toEqual([])
  }
})

test('the lock of a process that died is taken over', async () => {
  const folder = temporaryFolder()
  const pid = await deadProcess()
  writeJson(join(folder, LOCK_FILE), { pid, host: hostname(), since, began: '1' })
  const lock = await acquireLock(folder)
  expect(JSON.parse(readFileSync(join(folder, LOCK_FILE), 'utf8'))).toMatchObject({ pid: process.pid })
  lock.release()
  expect(filesIn(folder)).toEqual([])
})

test.runIf(existsSync('/proc/self/stat'))(
  'the lock of a process whose number another one has now is taken over',
  async () => {
    const folder = temporaryFolder()
    writeJson(join(folder, LOCK_FILE), { pid: process.pid, host: hostname(), since, began: 'another time' })
    const lock = await acquireLock(folder)
    lock.release()
  },
)

test('a lock file that nobody can read is taken over', async () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, LOCK_FILE), '{"pid":')
  const lock = await acquireLock(folder)
  lock.release()
})

test('a lock of another machine is believed', async () => {
  const folder = temporaryFolder()
  const pid = await deadProcess()
  writeJson(join(folder, LOCK_FILE), { pid, host: 'elsewhere', since, began: '' })
  await expect(acquireLock(folder)).rejects.toThrow(`process ${pid} on elsewhere`)
})

test('patience waits for a holder that ends', async () => {
  const folder = temporaryFolder()
  const first = await acquireLock(folder)
  setTimeout(() => first.release(), 100)
  const second = await acquireLock(folder, 10_000)
  second.release()
})

test('a lock that another process took over is not released with ours', async () => {
  const folder = temporaryFolder()
  const lock = await acquireLock(folder)
  const other = JSON.stringify({ pid: 1, host: 'elsewhere', since, began: '' })
  writeFileSync(join(folder, LOCK_FILE), other)
  lock.release()
  expect(readFileSync(join(folder, LOCK_FILE), 'utf8')).toBe(other)
})
