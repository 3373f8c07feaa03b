/** A study's output folder with invented numbers, as small as the report allows: no network was trained for it. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ExampleVolumes } from '../../../src/study/report/examples.js'
import { LABELLINGS, LOSSES, type Labelling, type Loss } from '../../../src/study/report/runs.js'
import { Generator } from '../../../src/tensor/random.js'

export interface SyntheticOptions {
  readonly HGG?: number
  readonly LGG?: number
  readonly steps?: number
  readonly batches?: readonly number[]
}

export function runName(labelling: Labelling, loss: Loss, batch = 2): string {
  return batch === 2 ? `${labelling}-${loss}` : `${labelling}-${loss}-b${batch}`
}

/** Writes config.json, log.jsonl and metrics.json of {full, partial} × {I, BI, I_eps} for each batch size. */
export function writeSyntheticStudy(outDir: string, options: SyntheticOptions = {}): string[] {
  const names: string[] = []
  for (const batch of options.batches ?? [2]) {
    for (const labelling of LABELLINGS) {
      for (const loss of LOSSES) {
        const name = runName(labelling, loss, batch)
        writeRun(join(outDir, 'runs', name), name, labelling, loss, batch, options)
        names.push(name)
      }
    }
  }
  return names
}

function writeRun(
  folder: string,
  name: string,
  labelling: Labelling,
  loss: Loss,
  batch: number,
  { HGG = 42, LGG = 15, steps = 600 }: SyntheticOptions,
): void {
  mkdirSync(folder, { recursive: true })
  const random = new Generator(7, name.length * 31 + LOSSES.indexOf(loss) * 7 + batch)
  const leavesEmpty = labelling === 'partial' && (loss === 'I_eps' || (loss === 'BI' && batch > 1))
  const cases = Array.from({ length: HGG + LGG }, (_, index) => {
    const group = index < HGG ? 'HGG' : 'LGG'
    const referenceVolumeMl = 0.512 * Math.round(100 + 180 * random.uniform())
    const missed = leavesEmpty && random.uniform() < (group === 'LGG' ? 0.8 : 0.08)
    const dsc = missed ? 0 : Math.min(0.97, 0.9 + 0.03 * random.normal())
    const predictedVolumeMl = missed ? 0 : referenceVolumeMl * (0.96 + 0.05 * random.normal())
    const id = `${group}_${String(index).padStart(3, '0')}`
    return {
      id,
      group,
      dsc,
      deltaVolumeMl: predictedVolumeMl - referenceVolumeMl,
      predictedVolumeMl,
      referenceVolumeMl,
    }
  })
  const config = {
    name,
    study: 'brats',
    labelling,
    replacedByEmpty: labelling === 'full' ? [] : ['LGG'],
    loss,
    phi: loss === 'BI' ? 'BI' : 'I',
    epsilon: loss === 'I_eps' ? (labelling === 'full' ? 192.4 : 141.3) : 1e-7,
    batch,
    fold: 0,
    seed: 0,
    steps,
    optimizer: { name: 'adam', learningRate: 0.003, epsilon: 1e-7 },
  }
  const floor = labelling === 'full' ? 0.12 : loss === 'I' ? 0.36 : 0.22
  const log = Array.from({ length: steps }, (_, index) => ({
    step: index + 1,
    loss: Math.min(1, Math.max(0, floor + (0.95 - floor) * Math.exp(-index / 60) + 0.06 * random.normal())),
    stepsPerSecond: 4.2,
  }))
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config))
  writeFileSync(join(folder, 'metrics.json'), JSON.stringify({ cases }))
  writeFileSync(join(folder, 'log.jsonl'), log.map((entry) => `${JSON.stringify(entry)}\n`).join(''))
}

/** An example whose tumour is a box and whose predictions miss one layer, or are empty under partial labels. */
export function syntheticExample(group: 'HGG' | 'LGG', id: string, runs: readonly string[]): ExampleVolumes {
  const shape = [6, 5, 4] as const
  const random = new Generator(3, group === 'HGG' ? 0 : 1)
  const intensities = () => Float32Array.from({ length: 120 }, () => 1 + random.uniform())
  const box = (low: number, high: number) => {
    const map = new Uint8Array(120)
    for (let x = low; x < high; x++) for (let y = 1; y < 4; y++) map[(x * 5 + y) * 4 + 2] = 1
    return map
  }
  const predictions = runs.map((run) => [run, /partial-(BI|I_eps)/.test(run) ? box(0, 0) : box(2, 4)] as const)
  return {
    id,
    group,
    shape,
    flair: intensities(),
    t1ce: intensities(),
    reference: box(1, 4),
    predictions: Object.fromEntries(predictions),
  }
}
