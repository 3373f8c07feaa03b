import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { StudyEvent } from '../../src/study/events.js'
import { RunError, performJobs } from '../../src/study/workers.js'
import { temporaryFolder } from './tiny.js'

/** A program whose `train` does what the name of the run says. */
const PROGRAM = `
const [command, run] = process.argv.slice(2)
if (command !== 'train') process.exit(9)
process.send({ event: 'start', run, step: 0, steps: 1 })
setTimeout(() => {
  if (run === 'diverges') { process.stderr.write('phigrad: NaN\\n'); process.exitCode = 1 }
  if (run === 'misreads') { process.stderr.write('phigrad: bad file\\n'); process.exitCode = 2 }
  if (run === 'is-killed') process.kill(process.pid, 'SIGKILL')
  if (run === 'waits') { process.on('SIGINT', () => process.exit(130)); setInterval(() => {}, 1000); return }
  process.disconnect()
}, 50)
`

function perform(names: readonly string[], jobs: number, signal = new AbortController().signal) {
  const program = join(temporaryFolder(), 'program.cjs')
  writeFileSync(program, PROGRAM)
  const events: StudyEvent[] = []
  const runs = names.map((name) => ({ name, config: name }))
  const failed = performJobs(runs, { program, jobs, signal, onEvent: (event) => events.push(event) })
  return { failed, started: () => events.flatMap((event) => (event.event === 'start' ? [event.run] : [])), events }
}

test('every run is performed once, in order where there is one job', async () => {
  const { failed, started } = perform(['a', 'b', 'c'], 1)
  expect(await failed).toEqual([])
  expect(started()).toEqual(['a', 'b', 'c'])
})

test('a run that fails is told with what it said, and does not stop the others', async () => {
  const { failed, started, events } = perform(['diverges', 'is-killed', 'c'], 1)
  expect((await failed).map(({ message }) => message)).toEqual([
    '[run diverges] expected a run that ends well, got NaN',
    '[run is-killed] expected a run that ends well, got a process ended by SIGKILL',
  ])
  expect(started()).toEqual(['diverges', 'is-killed', 'c'])
  expect(events).toContainEqual({ event: 'failed', run: 'diverges', message: 'NaN' })
})

test('a run that fails for bad input stops the others', async () => {
  const { failed, started } = perform(['misreads', 'b', 'c'], 1)
  await expect(failed).rejects.toThrow(RunError)
  await expect(failed).rejects.toMatchObject({ code: 2, detail: 'bad file' })
  expect(started()).toEqual(['misreads'])
})

test('an abort ends the runs and starts no more, and is no failure', async () => {
  const stop = new AbortController()
  const { failed, started } = perform(['waits', 'waits', 'c'], 2, stop.signal)
  while (started().length < 2) await sleep(10)
  // The program hears signals a moment after its first word.
  setTimeout(() => stop.abort(), 300)
  expect(await failed).toEqual([])
  expect(started()).toEqual(['waits', 'waits'])
})
