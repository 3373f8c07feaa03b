import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fc, test } from '@fast-check/vitest'
import { expect } from 'vitest'
import { RunLog } from '../../src/study/log.js'
import { DataError } from '../../src/tensor/errors.js'
import { temporaryFolder } from './tiny.js'

const lineOf = (step: number) => ({ step, loss: 1 / step, learningRate: 0.003, stepsPerSecond: 5 })
const textOf = (from: number, to: number): string =>
  Array.from({ length: to - from + 1 }, (_, i) => `${JSON.stringify(lineOf(from + i))}\n`).join('')

test.prop([fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 60 })])(
  'a log cut anywhere and continued from a step before is that of one go',
  (before, beyond, cut) => {
    const path = join(temporaryFolder(), 'log.jsonl')
    const whole = textOf(1, before + beyond)
    // What lies beyond the checkpoint may have been written in part only.
    const shortest = textOf(1, before).length
    writeFileSync(path, whole.slice(0, Math.max(shortest, whole.length - cut)))
    const log = new RunLog(path, before)
    for (let step = before + 1; step <= 12; step++) log.append(lineOf(step))
    log.flush()
    log.close()
    expect(readFileSync(path, 'utf8')).toBe(textOf(1, 12))
  },
)

test('a new log begins empty', () => {
  const path = join(temporaryFolder(), 'log.jsonl')
  new RunLog(path, 0).close()
  expect(existsSync(path)).toBe(true)
  expect(readFileSync(path, 'utf8')).toBe('')
})

test('a log that cannot be written is named', () => {
  const path = join(temporaryFolder(), 'nowhere', 'log.jsonl')
  expect(() => new RunLog(path, 0)).toThrow(DataError)
  expect(() => new RunLog(path, 0)).toThrow(path)
})
