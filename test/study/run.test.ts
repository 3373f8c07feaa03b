import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readNifti } from '../../src/data/nifti.js'
import type { StudyEvent } from '../../src/study/events.js'
import { type RunOptions, performRun } from '../../src/study/run.js'
import { ConfigError, DataError, NumericalError } from '../../src/tensor/errors.js'
import { filesIn } from '../data/folder.js'
import { temporaryFolder, tinyCohort, tinyConfig } from './tiny.js'

/** The log without timings. */
function losses(folder: string): unknown[] {
  const lines = readFileSync(join(folder, 'log.jsonl'), 'utf8').trim().split('\n')
  return lines.map((line) => {
    const { stepsPerSecond, ...rest } = JSON.parse(line) as Record<string, number>
    expect(stepsPerSecond).toBeGreaterThan(0)
    return rest
  })
}

function checkpoint(folder: string): Buffer {
  return readFileSync(join(folder, 'checkpoint.safetensors'))
}

/** Stops the run at the event that `when` accepts. */
function stopping(when: (event: StudyEvent) => boolean): RunOptions {
  const controller = new AbortController()
  return { signal: controller.signal, onEvent: (event) => (when(event) ? controller.abort() : undefined) }
}

describe('a run', () => {
  test('leaves its configuration, log, checkpoint, predictions and metrics, and nothing else', async () => {
    const out = temporaryFolder()
    const folder = join(out, 'run')
    const config = tinyConfig(tinyCohort(out))
    expect(await performRun(folder, config)).toBe('complete')
    const { cases } = JSON.parse(readFileSync(join(folder, 'metrics.json'), 'utf8')) as { cases: { id: string }[] }
    expect(cases).toHaveLength(6)
    expect(filesIn(folder)).toEqual(
      [
        ...['config.json', 'log.jsonl', 'checkpoint.safetensors', 'metrics.json', 'predictions'],
        ...cases.map(({ id }) => `predictions/${id}.nii.gz`),
      ].sort(),
    )
    expect(readNifti(join(folder, 'predictions', `${cases[0]?.id ?? ''}.nii.gz`)).shape).toEqual([8, 8, 4])
    expect(losses(folder)).toHaveLength(12)
  })

  test('that is complete is not trained again', async () => {
    const out = temporaryFolder()
    const folder = join(out, 'run')
    const config = tinyConfig(tinyCohort(out), { steps: 2 })
    await performRun(folder, config)
    const events: string[] = []
    expect(await performRun(folder, config, { onEvent: ({ event }) => events.push(event) })).toBe('complete')
    expect(events).toEqual(['done'])
  })

  test('that was stopped goes on to the bits of one that was not', async () => {
    const out = temporaryFolder()
    const config = tinyConfig(tinyCohort(out))
    const [whole, parts] = [join(out, 'whole'), join(out, 'parts')]
    await performRun(whole, config)
    for (const step of [1, 6]) {
      const stop = stopping((event) => event.event === 'step' && event.step === step)
      expect(await performRun(parts, config, stop)).toBe('stopped')
      expect(losses(parts)).toHaveLength(step)
    }
    expect(
      await performRun(
        parts,
        config,
        stopping(({ event }) => event === 'predict'),
      ),
    ).toBe('stopped')
    expect(existsSync(join(parts, 'metrics.json'))).toBe(false)
    expect(await performRun(parts, config)).toBe('complete')
    expect(Buffer.compare(checkpoint(parts), checkpoint(whole))).toBe(0)
    expect(losses(parts)).toEqual(losses(whole))
    expect(readFileSync(join(parts, 'metrics.json'), 'utf8')).toBe(readFileSync(join(whole, 'metrics.json'), 'utf8'))
  })

  test('removes what a killed process was writing', async () => {
    const out = temporaryFolder()
    const folder = join(out, 'run')
    const config = tinyConfig(tinyCohort(out), { steps: 1 })
    await performRun(
      folder,
      config,
      stopping(({ event }) => event === 'step'),
    )
    writeFileSync(join(folder, '.checkpoint.safetensors.77.tmp'), 'half')
    writeFileSync(join(folder, '.metrics.json.77.tmp'), 'half')
    await performRun(folder, config)
    expect(filesIn(folder).filter((name) => name.endsWith('.tmp'))).toEqual([])
  })

  test('of another configuration is refused in the same folder, by the field that differs', async () => {
    const out = temporaryFolder()
    const folder = join(out, 'run')
    const cohort = tinyCohort(out)
    await performRun(folder, tinyConfig(cohort, { steps: 1 }))
    const other = performRun(folder, tinyConfig(cohort, { steps: 1, epsilon: 5 }))
    await expect(other).rejects.toThrow(ConfigError)
    await expect(other).rejects.toThrow(/config\.json\] expected epsilon 1e-7 as in the run begun there.*got 5/)
  })

  test('does not go on from the checkpoint of another configuration', async () => {
    const out = temporaryFolder()
    const folder = join(out, 'run')
    const cohort = tinyCohort(out)
    await performRun(
      folder,
      tinyConfig(cohort, { steps: 2 }),
      stopping(({ event }) => event === 'step'),
    )
    const config = tinyConfig(cohort, { steps: 2, seed: 1 })
    writeFileSync(join(folder, 'config.json'), JSON.stringify(config))
    await expect(performRun(folder, config)).rejects.toThrow(/checkpoint\.safetensors\] expected seed 0/)
  })

  test('with a broken checkpoint names that file', async () => {
    const out = temporaryFolder()
    const folder = join(out, 'run')
    const config = tinyConfig(tinyCohort(out), { steps: 2 })
    await performRun(
      folder,
      config,
      stopping(({ event }) => event === 'step'),
    )
    writeFileSync(join(folder, 'checkpoint.safetensors'), checkpoint(folder).subarray(0, 100))
    const again = performRun(folder, config)
    await expect(again).rejects.toThrow(DataError)
    await expect(again).rejects.toThrow('checkpoint.safetensors')
  })

  test('under partial labels trains on empty maps and is measured on the complete ones', async () => {
    const out = temporaryFolder()
    const cohort = tinyCohort(out)
    await performRun(join(out, 'full'), tinyConfig(cohort, { labelling: 'full', replacedByEmpty: [], steps: 6 }))
    await performRun(join(out, 'partial'), tinyConfig(cohort, { steps: 6 }))
    // Six batches of two among six cases meet some of the LGG, whose maps are empty for one of the runs only.
    expect(losses(join(out, 'full'))).not.toEqual(losses(join(out, 'partial')))
    const references = ['full', 'partial'].map((name) => {
      const text = readFileSync(join(out, name, 'metrics.json'), 'utf8')
      const { cases } = JSON.parse(text) as { cases: { group: string; referenceVolumeMl: number }[] }
      return cases.filter(({ group }) => group === 'LGG').map(({ referenceVolumeMl }) => referenceVolumeMl)
    })
    expect(references[0]).toEqual(references[1])
    for (const volume of references.flat()) expect(volume).toBeGreaterThan(0)
  })

  test('with groups that the data set has not is refused', async () => {
    const out = temporaryFolder()
    const run = performRun(join(out, 'run'), tinyConfig(tinyCohort(out), { replacedByEmpty: ['DCM'] }))
    await expect(run).rejects.toThrow(/\[replacedByEmpty\] expected groups among .*HGG.*, got DCM/)
  })

  test('whose loss is not finite names the step, the cases and the last good checkpoint', async () => {
    const out = temporaryFolder()
    const folder = join(out, 'run')
    const config = tinyConfig(tinyCohort(out), { optimizer: { learningRate: 3e37 }, checkpointEvery: 1 })
    const run = performRun(folder, config)
    await expect(run).rejects.toThrow(NumericalError)
    await expect(run).rejects.toThrow(
      /^\[run tiny\] expected a finite loss, got NaN at step 2, batch of Phantom18_\w+, Phantom18_\w+; last good checkpoint .*checkpoint\.safetensors \(step 1\)$/,
    )
    expect(filesIn(folder)).toEqual(['checkpoint.safetensors', 'config.json', 'log.jsonl'])
  })
})
