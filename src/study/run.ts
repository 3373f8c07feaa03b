/**
 * One run in one folder: train from the last checkpoint on, predict the validation fold, measure. At any moment the folder
 * holds what is needed to go on; metrics.json is written last, so that its presence means that the run is complete.
 */
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as breathe } from 'node:timers/promises'
import { makeFolder, writeFileWhole } from '../data/files.js'
import { ConfigError, NumericalError } from '../tensor/errors.js'
import { readCheckpoint, writeCheckpoint } from './checkpoint.js'
import { type RunConfig, checkSameConfig, readRunConfig } from './config.js'
import type { Listener } from './events.js'
import { acquireLock } from './lock.js'
import { RunLog } from './log.js'
import { type CaseMetrics, measureCase, predictCase, writePrediction } from './predict.js'
import { type CaseReference, checkGrid, listCases, relabelled, splitFold } from './source.js'
import { NonFiniteError, Trainer } from './train.js'

export const CHECKPOINT_FILE = 'checkpoint.safetensors'
export const METRICS_FILE = 'metrics.json'
export const PREDICTIONS_FOLDER = 'predictions'

export interface RunOptions {
  readonly onEvent?: Listener
  /** Stops the run at the next step, after a checkpoint. */
  readonly signal?: AbortSignal
  /** How many milliseconds to wait for another process that holds the folder. */
  readonly patience?: number
}

export type RunOutcome = 'complete' | 'stopped'

/** Files that a killed process was writing; nobody else is in the folder while it is locked. */
function removeLeftovers(folder: string): void {
  for (const name of readdirSync(folder)) if (/^\..*\.tmp$/.test(name)) rmSync(join(folder, name), { force: true })
}

/**
 * Trains, predicts and measures a run in its folder, or does what is left of it. A run that was killed at any moment and
 * is performed again ends with the bits of one that was not.
 *
 * Writes config.json, log.jsonl, checkpoint.safetensors, predictions/<case>.nii.gz and metrics.json, each whole.
 *
 * Throws ConfigError where the folder holds a run of another configuration or is held by another process, DataError
 * naming the file that is wrong, NumericalError where the loss is not finite.
 *
 * @example await performRun('runs/wide', readRunConfig('wide.json'))
 */
export async function performRun(folder: string, config: RunConfig, options: RunOptions = {}): Promise<RunOutcome> {
  const lock = await acquireLock(folder, options.patience)
  try {
    removeLeftovers(folder)
    claimFolder(folder, config)
    return await perform(folder, config, options)
  } finally {
    lock.release()
  }
}

/** Writes config.json, or checks that the one which is there says the same. */
export function claimFolder(folder: string, config: RunConfig): void {
  const path = join(folder, 'config.json')
  if (existsSync(path)) checkSameConfig(path, readRunConfig(path), config)
  else {
    makeFolder(folder)
    writeFileWhole(path, `${JSON.stringify(config, null, 2)}\n`)
  }
}

async function perform(folder: string, config: RunConfig, { onEvent, signal }: RunOptions): Promise<RunOutcome> {
  const { name, steps } = config
  if (!existsSync(join(folder, METRICS_FILE))) {
    const { training, validation } = splitFold(listCases(config.data, folder), config)
    const trainer = trainerOf(config, training)
    try {
      const checkpoint = join(folder, CHECKPOINT_FILE)
      if (existsSync(checkpoint)) trainer.restore(readCheckpoint(checkpoint, config))
      onEvent?.({ event: 'start', run: name, step: trainer.step, steps })
      await train(folder, trainer, config, { onEvent, signal })
      if (trainer.step < steps) return 'stopped'
      const outcome = await predict(folder, trainer, validation, config, { onEvent, signal })
      if (outcome === 'stopped') return outcome
    } finally {
      trainer.dispose()
    }
  }
  onEvent?.({ event: 'done', run: name, steps })
  return 'complete'
}

function trainerOf(config: RunConfig, training: readonly CaseReference[]): Trainer {
  const known = new Set(training.map(({ group }) => group))
  const stranger = config.replacedByEmpty.find((group) => !known.has(group))
  if (stranger !== undefined) {
    throw new ConfigError('replacedByEmpty', `groups among ${[...known].join(', ')}`, stranger)
  }
  const cases = training.map((reference) => relabelled(reference.read(), config.replacedByEmpty))
  for (const item of cases) checkGrid(item, config.network.levels.length)
  return new Trainer(config, cases)
}

interface Watch {
  readonly onEvent: Listener | undefined
  readonly signal: AbortSignal | undefined
}

/** Seconds a step as an exponential mean: the first steps compile, and machines get busy. */
class Pace {
  private seconds = 0
  private last = performance.now()

  tick(): void {
    const now = performance.now()
    const seconds = (now - this.last) / 1000
    this.seconds = this.seconds === 0 ? seconds : 0.9 * this.seconds + 0.1 * seconds
    this.last = now
  }

  get stepsPerSecond(): number {
    return Number((1 / Math.max(this.seconds, 1e-9)).toPrecision(4))
  }

  secondsLeft(steps: number): number {
    return Number((this.seconds * steps).toPrecision(4))
  }
}

async function train(folder: string, trainer: Trainer, config: RunConfig, watch: Watch): Promise<void> {
  const { name, steps, logEvery, checkpointEvery } = config
  const path = join(folder, CHECKPOINT_FILE)
  const log = new RunLog(join(folder, 'log.jsonl'), trainer.step)
  let saved = trainer.step
  const save = (): void => {
    trainer.checkFinite()
    log.flush()
    writeCheckpoint(path, config, trainer.state())
    saved = trainer.step
    watch.onEvent?.({ event: 'checkpoint', run: name, step: saved })
  }
  try {
    const pace = new Pace()
    while (trainer.step < steps && watch.signal?.aborted !== true) {
      const { loss, learningRate } = trainer.advance()
      pace.tick()
      const { step } = trainer
      const { stepsPerSecond } = pace
      if (step % logEvery === 0 || step === steps) log.append({ step, loss, learningRate, stepsPerSecond })
      const secondsLeft = pace.secondsLeft(steps - step)
      watch.onEvent?.({ event: 'step', run: name, step, steps, loss, stepsPerSecond, secondsLeft })
      if (step % checkpointEvery === 0 || step === steps) save()
      // Signals and the end of the parent process are heard between steps only.
      await breathe()
    }
    if (trainer.step > saved) save()
  } catch (error) {
    if (!(error instanceof NonFiniteError)) throw error
    const good = saved === 0 ? 'no checkpoint yet' : `last good checkpoint ${path} (step ${saved})`
    throw new NumericalError(`run ${name}`, error.what, `${error.found}; ${good}`, { cause: error })
  } finally {
    log.close()
  }
}

async function predict(
  folder: string,
  trainer: Trainer,
  validation: readonly CaseReference[],
  config: RunConfig,
  watch: Watch,
): Promise<RunOutcome> {
  const predictions = join(folder, PREDICTIONS_FOLDER)
  makeFolder(predictions)
  removeLeftovers(predictions)
  const cases: CaseMetrics[] = []
  for (const reference of validation) {
    if (watch.signal?.aborted === true) return 'stopped'
    const item = reference.read()
    const prediction = predictCase(trainer.network, item)
    writePrediction(join(predictions, `${item.id}.nii.gz`), item, prediction)
    cases.push(measureCase(item, prediction))
    watch.onEvent?.({ event: 'predict', run: config.name, done: cases.length, total: validation.length })
    await breathe()
  }
  writeFileWhole(join(folder, METRICS_FILE), `${JSON.stringify({ run: config.name, cases }, null, 2)}\n`)
  return 'complete'
}
