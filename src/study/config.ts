/**
 * The configuration of one run: everything that decides its bits, as one JSON file. No defaults depend on the machine.
 * Study declarations (brats.ts) make these; `phigrad train` reads them.
 */
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import { readJson } from '../data/files.js'
import { ConfigError } from '../tensor/errors.js'

export const labellings = ['full', 'partial'] as const
export type Labelling = (typeof labellings)[number]

/** The losses by their names in the paper's Table 1. */
export const lossNames = ['I', 'BI', 'I_eps'] as const
export type LossName = (typeof lossNames)[number]

const positive = z.int().positive()
const nonnegative = z.int().nonnegative()
const widths = z.array(positive)

/** Where cases come from. A relative folder is one relative to the run's own folder, so that results can be moved. */
export const dataSourceSchema = z.strictObject({
  layout: z.literal('brats'),
  folder: z.string().min(1),
  /** Shuffles a data set that has no order of its own (no cohort.json) before folds are cut. */
  orderSeed: nonnegative.default(0),
})

export const networkSchema = z.strictObject({
  /** Widths of the convolutions on the way down and up, finest level first; the last level has no way up. */
  levels: z.array(z.strictObject({ down: widths.min(1), up: widths })).min(1),
})

/** Network B of the quick scale: 60.0k parameters. */
const NETWORK_B: z.infer<typeof networkSchema> = {
  levels: [
    { down: [8], up: [8] },
    { down: [16, 16], up: [16, 8] },
    { down: [32, 16], up: [] },
  ],
}

export const optimizerSchema = z.strictObject({
  name: z.literal('adam').default('adam'),
  learningRate: z.number().positive().default(3e-3),
  /** Adam's own ε, in units of the gradient; not the loss's. */
  epsilon: z.number().positive().default(1e-7),
  /** The last share of the steps, over which the learning rate falls linearly to 0. */
  decay: z.number().min(0).max(1).default(0.25),
})

export const augmentationSchema = z.strictObject({
  flip: z.number().min(0).max(1).default(0.5),
  scale: z.number().min(0).default(0.05),
  shift: z.number().min(0).default(0.05),
})

const fields = z.strictObject({
  name: z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/, 'expected letters, digits, _, . and -'),
  study: z.string().min(1),
  data: dataSourceSchema,
  /** The cases in their order are cut into so many contiguous folds; `fold` is validated on, the others train. */
  folds: z.int().min(2).default(5),
  fold: nonnegative,
  labelling: z.enum(labellings),
  /** Groups whose training labels are replaced by empty maps; some under partial labelling, none under full. */
  replacedByEmpty: z.array(z.string()),
  loss: z.enum(lossNames),
  phi: z.enum(['I', 'CI', 'BI', 'BCI']),
  /** The loss's smoothing term in voxels (Eq. 3). */
  epsilon: z.number().nonnegative(),
  batch: positive,
  steps: positive,
  seed: nonnegative,
  device: z.literal('cpu').default('cpu'),
  network: networkSchema.default(NETWORK_B),
  optimizer: optimizerSchema.prefault({}),
  augmentation: augmentationSchema.prefault({}),
  /** A line in log.jsonl every so many steps, and a checkpoint. */
  logEvery: positive.default(1),
  checkpointEvery: positive.default(50),
})

export const runConfigSchema = fields
  .refine(({ fold, folds }) => fold < folds, { path: ['fold'], message: 'expected a fold below folds' })
  .refine(({ labelling, replacedByEmpty }) => (labelling === 'full') === (replacedByEmpty.length === 0), {
    path: ['replacedByEmpty'],
    message: 'expected no groups under full labelling, and at least one under partial labelling',
  })

export type RunConfig = z.infer<typeof runConfigSchema>
/** A run's configuration as one writes it: fields with a default may be left out. */
export type RunConfigInput = z.input<typeof runConfigSchema>

/** Reads and checks a configuration. Throws DataError naming the file and the first field that is wrong. */
export function readRunConfig(path: string): RunConfig {
  return readJson(path, runConfigSchema)
}

/**
 * The run's folder: the configuration's own where the file is named config.json, else one beside it named like the file.
 *
 * @example runFolderOf('experiments/wide.json') // 'experiments/wide'
 */
export function runFolderOf(path: string): string {
  return basename(path) === 'config.json' ? dirname(path) : path.replace(/\.json$/, '') || join(path, 'run')
}

/** Leaves of a JSON value by their dotted paths. */
function leaves(value: unknown, path: string, found: Map<string, string>): Map<string, string> {
  if (typeof value === 'object' && value !== null) {
    const parts = Object.entries(value)
    if (parts.length === 0) found.set(path, JSON.stringify(value))
    for (const [key, part] of parts) leaves(part, path === '' ? key : `${path}.${key}`, found)
  } else found.set(path, JSON.stringify(value))
  return found
}

/**
 * Throws ConfigError, naming the first field that differs, where a run that was begun in a folder has another
 * configuration than the one asked for: results of two configurations never mix.
 */
export function checkSameConfig(where: string, begun: RunConfig, wanted: RunConfig): void {
  const [old, now] = [leaves(begun, '', new Map()), leaves(wanted, '', new Map())]
  const field = [...new Set([...old.keys(), ...now.keys()])].find((key) => old.get(key) !== now.get(key))
  if (field === undefined) return
  const expected = `${field} ${old.get(field) ?? 'unset'} as in the run begun there, or another folder`
  throw new ConfigError(where, expected, now.get(field) ?? 'unset')
}
