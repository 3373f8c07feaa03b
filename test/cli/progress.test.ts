import { describe, expect, test } from 'vitest'
import { displayFor, formatDuration } from '../../src/cli/progress.js'
import type { StudyEvent } from '../../src/study/events.js'

function step(run: string, at: number): StudyEvent {
  return { event: 'step', run, step: at, steps: 600, loss: 0.25, stepsPerSecond: 4, secondsLeft: (600 - at) / 4 }
}

function shown(events: readonly StudyEvent[], options: { isTTY?: boolean; columns?: number; json?: boolean }): string {
  let text = ''
  const display = displayFor({ ...options, write: (part) => (text += part) }, options.json === true)
  for (const event of events) display.show(event)
  display.end()
  return text
}

const events: StudyEvent[] = [
  { event: 'start', run: 'full-I', step: 0, steps: 600 },
  { event: 'start', run: 'full-BI', step: 150, steps: 600 },
  ...[1, 2, 149, 150, 151, 300].map((at) => step('full-I', at)),
  { event: 'failed', run: 'full-BI', message: 'out of\nmemory' },
  { event: 'predict', run: 'full-I', done: 57, total: 57 },
  { event: 'done', run: 'full-I', steps: 600 },
]

describe('progress', () => {
  test('away from a terminal is a few plain lines without control codes', () => {
    expect(shown(events, {}).split('\n')).toEqual([
      'full-I: starts',
      'full-BI: goes on at step 150 of 600',
      'full-I: 150/600  loss 0.2500  4.00 steps/s  1 min 53 s left',
      'full-I: 300/600  loss 0.2500  4.00 steps/s  1 min 15 s left',
      'full-BI: failed: out of',
      'memory',
      'full-I: done',
      '',
    ])
  })

  test('on a terminal is one line per run, redrawn in place and no wider than the terminal', () => {
    const text = shown(events, { isTTY: true, columns: 60 })
    const frames = text.split('\x1b[2A')
    expect(frames.length).toBeGreaterThan(3)
    const last = (frames.at(-1) ?? '').replaceAll('\x1b[2K', '').trimEnd().split('\n')
    expect(last).toHaveLength(2)
    expect(last[0]).toMatch(/^━{20} {2}full-I +done$/)
    expect(last[1]).toContain('full-BI        failed: out of memory')
    for (const line of text.replaceAll('\x1b[2A', '').replaceAll('\x1b[2K', '').split('\n'))
      expect(line.length).toBeLessThan(60)
  })

  test('leaves a terminal alone after its end', () => {
    let text = ''
    const display = displayFor({ isTTY: true, write: (part) => (text += part) }, false)
    display.show({ event: 'start', run: 'full-I', step: 0, steps: 600 })
    display.end()
    const length = text.length
    display.end()
    expect(text.length).toBe(length)
  })

  test('for machines is every event as a line of JSON', () => {
    const lines = shown(events, { json: true, isTTY: true }).trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(events)
  })

  test.each([
    [0.4, '0 s'],
    [59.6, '1 min 0 s'],
    [3599, '59 min 59 s'],
    [3725, '1 h 2 min'],
  ])('writes %d s as %s', (seconds, text) => expect(formatDuration(seconds)).toBe(text))
})
