/**
 * What property tests of segmentation losses draw from: fast-check arbitraries for shapes, label maps, targets, predictions, and
 * patterns of empty and missing labels. Values are typed arrays in C order for a shape (B, …, C); they shrink towards few
 * voxels, zeros and short decimals. Partitions are in `partition-arbitraries.ts`.
 */
import fc, { type Arbitrary } from 'fast-check'
import { type Shape, at, sizeOf } from '../tensor/shape.js'

export interface ShapeLimits {
  /** Largest B. Default 3. */
  readonly images?: number
  /** Largest size of each spatial axis. Default 3. */
  readonly width?: number
  /** Largest C. Default 3. */
  readonly classes?: number
  /** Number of spatial axes; one to three where it is not given. */
  readonly spatialAxes?: number
}

/**
 * Shapes (B, …, C) of small batches, every axis from 1 on.
 *
 * @example
 * fc.property(shapes({ spatialAxes: 2 }), (shape) => shape.length === 4)
 */
export function shapes(limits: ShapeLimits = {}): Arbitrary<Shape> {
  const { images = 3, width = 3, classes = 3, spatialAxes } = limits
  const [fewest, most] = spatialAxes === undefined ? [1, 3] : [spatialAxes, spatialAxes]
  const size = (largest: number): Arbitrary<number> => fc.integer({ min: 1, max: largest })
  return fc
    .tuple(size(images), fc.array(size(width), { minLength: fewest, maxLength: most }), size(classes))
    .map(([b, spatial, c]) => [b, ...spatial, c])
}

function filled(n: number, value: Arbitrary<number>): Arbitrary<Float64Array> {
  return fc.array(value, { minLength: n, maxLength: n }).map((values) => Float64Array.from(values))
}

/** A number in [0,1]: thousandths, which read well in a counterexample, and both ends. */
const fractions = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 1000 }).map((k) => k / 1000) },
  { weight: 1, arbitrary: fc.constantFrom(0, 1) },
)

/**
 * Label maps (B, …): the class of each voxel, 0 … classes − 1, for `oneHot`.
 *
 * @example
 * labelMaps([2, 4, 4], 3)
 */
export function labelMaps(shape: Shape, classes: number): Arbitrary<Int32Array> {
  return filled(sizeOf(shape), fc.nat(classes - 1)).map((values) => Int32Array.from(values))
}

/** One-hot targets (B, …, C): each voxel belongs to exactly one class. */
export function oneHotTargets(shape: Shape): Arbitrary<Float64Array> {
  const classes = at(shape, shape.length - 1)
  return labelMaps(shape.slice(0, -1), classes).map((labels) =>
    Float64Array.from({ length: labels.length * classes }, (_, i) =>
      labels[Math.floor(i / classes)] === i % classes ? 1 : 0,
    ),
  )
}

/**
 * Which maps (b, c) are to be empty, as 0 or 1 per map in C order: none, some, or all of them, and all of one image or of one
 * class.
 */
export function emptyPatterns(shape: Shape): Arbitrary<Uint8Array> {
  const [images, classes] = [at(shape, 0), at(shape, shape.length - 1)]
  const pattern = (isEmpty: (b: number, c: number) => boolean): Uint8Array =>
    Uint8Array.from({ length: images * classes }, (_, i) => (isEmpty(Math.floor(i / classes), i % classes) ? 1 : 0))
  return fc.oneof(
    fc.constant(pattern(() => false)),
    fc
      .array(fc.boolean(), { minLength: images * classes, maxLength: images * classes })
      .map((empty) => Uint8Array.from(empty, Number)),
    fc.nat(images - 1).map((image) => pattern((b) => b === image)),
    fc.nat(classes - 1).map((one) => pattern((_, c) => c === one)),
    fc.constant(pattern(() => true)),
  )
}

/** Which maps (b, c) were annotated, 1, and which are missing, 0: what the option `present` takes with shape (B, C). */
export function missingPatterns(shape: Shape): Arbitrary<Uint8Array> {
  return emptyPatterns(shape).map((missing) => missing.map((flag) => 1 - flag))
}

/** `target` with the maps (b, c) that `pattern` flags emptied. */
export function emptied(target: Float64Array, shape: Shape, pattern: ArrayLike<number>): Float64Array {
  const classes = at(shape, shape.length - 1)
  const perImage = target.length / at(shape, 0)
  return target.map((y, i) => (pattern[Math.floor(i / perImage) * classes + (i % classes)] === 1 ? 0 : y))
}

function withEmptyMaps(shape: Shape, targets: Arbitrary<Float64Array>): Arbitrary<Float64Array> {
  return fc.tuple(targets, emptyPatterns(shape)).map(([target, pattern]) => emptied(target, shape, pattern))
}

/**
 * Binary targets (B, …, C): one-hot or with overlapping classes, some maps (b, c) empty.
 *
 * @example
 * fc.property(binaryTargets([2, 3, 3, 1]), (target) => target.every((y) => y === 0 || y === 1))
 */
export function binaryTargets(shape: Shape): Arbitrary<Float64Array> {
  const free = filled(sizeOf(shape), fc.constantFrom(0, 1))
  return withEmptyMaps(shape, fc.oneof(free, oneHotTargets(shape)))
}

/** Soft targets (B, …, C) in [0,1], some maps (b, c) empty. */
export function softTargets(shape: Shape): Arbitrary<Float64Array> {
  return withEmptyMaps(shape, filled(sizeOf(shape), fractions))
}

/** Predictions (B, …, C): each element in [0,1], as after a sigmoid. */
export function predictions(shape: Shape): Arbitrary<Float64Array> {
  return filled(sizeOf(shape), fractions)
}

/** Predictions (B, …, C) that are positive and add up to 1 over the classes of a voxel, as after a softmax. */
export function simplexPredictions(shape: Shape): Arbitrary<Float64Array> {
  const classes = at(shape, shape.length - 1)
  return filled(sizeOf(shape), fc.integer({ min: 1, max: 1000 })).map((raw) => {
    const total = (voxel: number): number =>
      raw.subarray(voxel * classes, (voxel + 1) * classes).reduce((a, b) => a + b, 0)
    return raw.map((value, i) => value / total(Math.floor(i / classes)))
  })
}

/** Logits (B, …, C), from near 0 to ±1e4. */
export function logits(shape: Shape): Arbitrary<Float64Array> {
  const size = fc.constantFrom(1, 10, 100, 1e4)
  return filled(
    sizeOf(shape),
    fc.tuple(fc.integer({ min: -1000, max: 1000 }), size).map(([k, scale]) => (k / 1000) * scale),
  )
}
