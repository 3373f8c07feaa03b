/**
 * Batches of cases for training, augmented, as typed arrays. Batch s is a pure function of (cases, options, s): a run
 * resumes at any step with the same bits and the loader has no state to save. No tensors, no files, no threads.
 */
import { ConfigError, ShapeError } from '../tensor/errors.js'
import { Generator } from '../tensor/random.js'
import { show, sizeOf } from '../tensor/shape.js'
import type { Case } from './case.js'
import { checkCase } from './case.js'

const ORDER_STREAM = 2 ** 43
const AUGMENTATION_STREAM = ORDER_STREAM + 1

export interface Augmentation {
  /** Probability that a sample is mirrored along x, image and labels alike. */
  readonly flip: number
  /** Standard deviations of the factor (mean 1) and of the shift (mean 0), drawn for each sample and channel. */
  readonly scale: number
  readonly shift: number
}

export const standardAugmentation: Augmentation = { flip: 0.5, scale: 0.05, shift: 0.05 }
export const noAugmentation: Augmentation = { flip: 0, scale: 0, shift: 0 }

export interface LoaderOptions {
  readonly batchSize: number
  readonly seed: number
  /** By default standardAugmentation. */
  readonly augmentation?: Augmentation
}

export interface Batch {
  readonly step: number
  /** (X, Y, Z) in voxels. */
  readonly shape: readonly [number, number, number]
  readonly batchSize: number
  readonly channels: number
  readonly classes: number
  /** (B, X, Y, Z, C) in C order. */
  readonly image: Float32Array
  /** (B, X, Y, Z, K) in C order, 0 or 1. */
  readonly label: Uint8Array
  /** (B, K): 1 where the class was annotated, 0 where it is missing. */
  readonly annotated: Uint8Array
  /** (B) case ids. */
  readonly cases: readonly string[]
}

/** Copies (X, voxels of one x, n) with x mirrored or not, through `value` of element and position in the last axis. */
function copyVolume(
  source: Float32Array | Uint8Array,
  target: Float32Array | Uint8Array,
  [X, Y, Z]: Case['shape'],
  last: number,
  flip: boolean,
  value: (element: number, channel: number) => number,
): void {
  const slab = Y * Z * last
  for (let x = 0; x < X; x++) {
    const from = (flip ? X - 1 - x : x) * slab
    const to = x * slab
    for (let i = 0; i < slab; i += last)
      for (let c = 0; c < last; c++) target[to + i + c] = value(source[from + i + c] ?? 0, c)
  }
}

/**
 * Batches without stratification: the cases' random permutations follow one another, and batch s takes the positions
 * s·B … s·B + B − 1 of that sequence, so that a batch may straddle two of them.
 *
 * Augmentation, for each sample: mirrored along x with probability `flip`; for each sample and channel,
 * v ← v · (1 + scale · N) + shift · N'.
 *
 * Throws ConfigError for no cases or a wrong option, ShapeError naming a case whose sizes differ from the first's.
 *
 * @example
 * const loader = new Loader(cases, { batchSize: 2, seed: 0 })
 * const { image, shape, batchSize, channels } = loader.batch(step)
 * const x = tensor(image, { shape: [batchSize, ...shape, channels] })
 */
export class Loader {
  readonly batchSize: number
  readonly seed: number
  readonly augmentation: Augmentation
  private readonly first: Case
  private readonly permutations = new Map<number, Int32Array>()

  constructor(
    private readonly cases: readonly Case[],
    options: LoaderOptions,
  ) {
    const { batchSize, seed, augmentation = standardAugmentation } = options
    const [first] = cases
    if (first === undefined) throw new ConfigError('Loader.cases', 'at least one case', 'none')
    if (!Number.isSafeInteger(batchSize) || batchSize < 1) {
      throw new ConfigError('Loader.batchSize', 'an integer of at least 1', String(batchSize))
    }
    const { flip, scale, shift } = augmentation
    if (!(flip >= 0 && flip <= 1)) throw new ConfigError('Loader.augmentation.flip', 'from 0 to 1', String(flip))
    for (const [name, value] of Object.entries({ scale, shift })) {
      if (!(value >= 0 && value < Infinity)) {
        throw new ConfigError(`Loader.augmentation.${name}`, 'a finite number ≥ 0', String(value))
      }
    }
    const sizes = ({ shape, channels, classes }: Case): string => show([...shape, channels, classes])
    for (const item of cases) {
      if (sizes(checkCase(item)) !== sizes(first)) {
        throw new ShapeError(`case ${item.id}`, `(X,Y,Z,C,K) ${sizes(first)} as in ${first.id}`, sizes(item))
      }
    }
    this.first = first
    this.batchSize = batchSize
    this.seed = seed
    this.augmentation = augmentation
    new Generator(seed) // Throws for a seed that is none.
  }

  /** The case at a position of the sequence of permutations. */
  private caseAt(position: number): Case {
    const n = this.cases.length
    const round = Math.floor(position / n)
    let order = this.permutations.get(round)
    if (order === undefined) {
      // Permutation r draws from index r·n on; it needs n − 1 numbers. A batch straddles few, so only the latest are kept.
      order = new Generator(this.seed, ORDER_STREAM, round * n).permutation(n)
      if (this.permutations.size >= 4) this.permutations.clear()
      this.permutations.set(round, order)
    }
    return this.cases[order[position % n] ?? 0] ?? this.first
  }

  /** Batch of a step, counted from 0. Throws ConfigError where `step` is no such number. */
  batch(step: number): Batch {
    if (!Number.isSafeInteger(step) || step < 0) throw new ConfigError('Loader.batch', 'a step ≥ 0', String(step))
    const { batchSize, augmentation } = this
    const { shape, channels, classes } = this.first
    const voxels = sizeOf(shape)
    const image = new Float32Array(batchSize * voxels * channels)
    const label = new Uint8Array(batchSize * voxels * classes)
    const annotated = new Uint8Array(batchSize * classes)
    const draws = 1 + 2 * channels
    const members = Array.from({ length: batchSize }, (_, b) => this.caseAt(step * batchSize + b))
    for (const [b, item] of members.entries()) {
      const random = new Generator(this.seed, AUGMENTATION_STREAM, (step * batchSize + b) * draws)
      const flip = random.uniform() < augmentation.flip
      const scales = Float64Array.from({ length: channels }, () => 1 + augmentation.scale * random.normal())
      const shifts = Float64Array.from({ length: channels }, () => augmentation.shift * random.normal())
      const imagePart = image.subarray(b * voxels * channels, (b + 1) * voxels * channels)
      const labelPart = label.subarray(b * voxels * classes, (b + 1) * voxels * classes)
      const augment = (v: number, c: number): number => v * (scales[c] ?? 1) + (shifts[c] ?? 0)
      copyVolume(item.image, imagePart, shape, channels, flip, augment)
      copyVolume(item.label, labelPart, shape, classes, flip, (v) => v)
      for (const [k, known] of item.annotated.entries()) annotated[b * classes + k] = known ? 1 : 0
    }
    return { step, shape, batchSize, channels, classes, image, label, annotated, cases: members.map(({ id }) => id) }
  }
}
