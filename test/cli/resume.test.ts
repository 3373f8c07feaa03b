import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { filesIn } from '../data/folder.js'
import { temporaryFolder, tinyCohort, tinyInput, writeJson } from '../study/tiny.js'
import { type Started, phigrad, start } from './phigrad.js'

// A dozen processes: seconds on a machine that is free, and more on one that is not.
vi.setConfig({ testTimeout: 180_000 })

/** Waits until the process has printed a line that fits. */
async function printed(process: Started, pattern: RegExp): Promise<void> {
  while (!pattern.test(process.stdout())) {
    if (process.child.exitCode !== null) throw new Error(`ended early: ${process.stdout()}`)
    await sleep(5)
  }
}

/** The files of a run, without the timings in its log. */
function contents(folder: string): Map<string, string> {
  const files = filesIn(folder).filter((name) => /\.\w+$/.test(name))
  return new Map(
    files.map((name) => {
      const text = readFileSync(join(folder, name), 'latin1')
      return [name, name === 'log.jsonl' ? text.replaceAll(/,"stepsPerSecond":[^}]*/g, '') : text]
    }),
  )
}

test('a run that is killed again and again ends with the bits of one that is not', async () => {
  const out = temporaryFolder()
  const input = tinyInput(tinyCohort(out), { steps: 60, checkpointEvery: 5 })
  const whole = writeJson(join(out, 'whole.json'), input)
  const killed = writeJson(join(out, 'killed.json'), input)
  expect(await phigrad(['train', whole])).toMatchObject({ code: 0, stderr: '' })
  const resumedAt: number[] = []
  for (const step of [3, 27, 59]) {
    const run = start(['train', killed, '--json'])
    await printed(run, new RegExp(`"step":${step},`))
    run.child.kill('SIGKILL')
    const { signal, stdout } = await run.ended
    expect(signal).toBe('SIGKILL')
    resumedAt.push(Number(/"event":"start","run":"tiny","step":(\d+)/.exec(stdout)?.[1]))
  }
  expect(await phigrad(['train', killed])).toMatchObject({ code: 0, stderr: '' })
  expect(contents(join(out, 'killed'))).toEqual(contents(join(out, 'whole')))
  expect(resumedAt).toHaveLength(3)
  // Each start really was a resumption, at the last checkpoint before the kill or after it.
  expect(resumedAt[0]).toBe(0)
  for (const [i, least] of [0, 25].entries()) expect(resumedAt[i + 1]).toBeGreaterThanOrEqual(least)
})

test('Ctrl-C saves where the run stands, says how to go on, and exits with code 130', async () => {
  const out = temporaryFolder()
  const config = writeJson(
    join(out, 'long.json'),
    tinyInput(tinyCohort(out), { steps: 100_000, checkpointEvery: 50_000 }),
  )
  const run = start(['train', config, '--json'])
  await printed(run, /"step":20,/)
  run.child.kill('SIGINT')
  const { code, stderr, stdout } = await run.ended
  expect(code).toBe(130)
  expect(stderr).toBe(`phigrad: stopped; the same command goes on from the last checkpoint in ${join(out, 'long')}\n`)
  const last = /"event":"checkpoint","run":"tiny","step":(\d+)}\n$/.exec(stdout)
  expect(Number(last?.[1])).toBeGreaterThanOrEqual(20)
  expect(filesIn(join(out, 'long'))).toEqual(['checkpoint.safetensors', 'config.json', 'log.jsonl'])
})

test('the second process in the folder of a run is refused and told who holds it', async () => {
  const out = temporaryFolder()
  const config = writeJson(join(out, 'long.json'), tinyInput(tinyCohort(out), { steps: 100_000 }))
  const first = start(['train', config, '--json'])
  await printed(first, /"event":"start"/)
  const second = await phigrad(['train', config])
  expect(second.code).toBe(2)
  expect(second.stderr).toMatch(
    new RegExp(
      `^phigrad: \\[.*long\\] expected a folder that no other phigrad works in, got one held by process ${first.child.pid ?? 0} on .*\\n$`,
    ),
  )
  first.child.kill('SIGKILL')
  await first.ended
})

test('a loss that is not finite ends the run with code 1 and names step, cases and last good checkpoint', async () => {
  const out = temporaryFolder()
  const wild = tinyInput(tinyCohort(out), { optimizer: { learningRate: 3e37 }, checkpointEvery: 1 })
  const config = writeJson(join(out, 'wild.json'), wild)
  const { code, stderr } = await phigrad(['train', config])
  expect(code).toBe(1)
  expect(stderr).toMatch(
    /^phigrad: \[run tiny\] .*NaN at step 2, batch of \w+, \w+; last good checkpoint .* \(step 1\)\n$/,
  )
})

test('a configuration that changed is refused in the folder of the run that was begun', async () => {
  const out = temporaryFolder()
  const input = tinyInput(tinyCohort(out), { steps: 1 })
  const config = writeJson(join(out, 'run.json'), input)
  expect(await phigrad(['train', config])).toMatchObject({ code: 0 })
  writeFileSync(config, JSON.stringify({ ...input, seed: 7 }))
  const { code, stderr } = await phigrad(['train', config])
  expect(code).toBe(2)
  expect(stderr).toMatch(
    /^phigrad: \[.*config\.json\] expected seed 0 as in the run begun there, or another folder, got 7\n$/,
  )
  expect(await phigrad(['train', config, '--out', join(out, 'other')])).toMatchObject({ code: 0 })
})
