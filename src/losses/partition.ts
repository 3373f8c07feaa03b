/**
 * Φ: which elements a Dice ratio is taken over. A partition of Ω, the elements of a (B, …, C) tensor, is named by the dimensions
 * that are reduced, given by tensor axes or by a label map, or made of others: products, refinements, and adaptive ones,
 * whose subsets leave Φ by a rule on their labels. It knows no loss and no ε.
 * Source: Tilborghs, Bertels et al., MICCAI 2022, Sect. 2.1.
 */
import { ConfigError, DTypeError, ShapeError } from '../tensor/errors.js'
import { type Shape, denseStrides, normalizeAxes, sameShape, show, sizeOf } from '../tensor/shape.js'
import { Storage } from '../tensor/storage.js'
import { Tensor } from '../tensor/tensor.js'
import { type Family, type FamilyReport, countFamily, countLabels } from './family.js'
import { type Factors, checkFactors, productLabels } from './product.js'
import { parentsByAxes, refineLabels } from './refinement.js'
import {
  type SubsetIndex,
  type Subsets,
  type VolumeRule,
  axesOf,
  byAxes,
  classesOfLabels,
  labelsOf,
} from './subsets.js'

export type { SubsetIndex, Subsets }

export const partitionNames = ['I', 'CI', 'BI', 'BCI'] as const

/** The dimensions that are reduced: I image (all spatial axes), C classes, B batch. */
export type PartitionName = (typeof partitionNames)[number]

type Specification =
  | { readonly kind: 'named'; readonly name: PartitionName }
  | { readonly kind: 'axes'; readonly axes: readonly number[] }
  | LabelSpecification
  | { readonly kind: 'product'; readonly factors: Factors }
  | { readonly kind: 'refinement'; readonly coarse: Partition; readonly other: Partition }
  | { readonly kind: 'adaptive'; readonly of: Partition; readonly keeps: VolumeRule }

interface LabelSpecification {
  readonly kind: 'labels'
  readonly labels: Tensor
  readonly count: number
  readonly parents?: Int32Array
}

/**
 * A partition Φ of the elements of a (B, …, C) tensor.
 *
 *     Partition.of('BI')                                   // one subset per class
 *     Partition.reduce({ axes: [1, 2] })                   // slice by slice along z
 *     Partition.labels(tensor(int32, { shape: [B, X, Y, Z, C] }))
 *     Partition.product({ images: 'apart', classes: [0, 1, 1] }) // classes 1 and 2 share a subset
 *     Partition.of('CI').refine(Partition.of('BI'))        // I
 *     Partition.of('I').keepWhere((volume) => volume >= 10) // maps with a smaller label leave Φ
 */
export class Partition {
  private readonly byLabels = new Map<number, Int32Array>()
  private readonly byShape = new Map<string, Partition>()

  private constructor(private readonly specification: Specification) {}

  /**
   * I: one subset per image and class, (B,C). CI: one per image, (B). BI: one per class, (C). BCI: a single one, ().
   *
   * @throws ConfigError for another name.
   */
  static of(name: PartitionName): Partition {
    if (!partitionNames.includes(name)) {
      throw new ConfigError('phi', `${partitionNames.join(', ')} or a Partition`, name)
    }
    return new Partition({ kind: 'named', name })
  }

  /** Reduces over tensor axes (negative ones count from the back): elements that agree on all other axes share a subset. */
  static reduce({ axes }: { readonly axes: readonly number[] }): Partition {
    if (!(axes instanceof Array) || !axes.every(Number.isInteger)) {
      throw new ConfigError('Partition.reduce', 'axes: a list of integers', String(axes))
    }
    return new Partition({ kind: 'axes', axes: [...axes] })
  }

  /**
   * Any partition of Ω: element → index of its subset, −1 = in none. `labels` is an int32 tensor of the prediction's shape, or
   * an Int32Array in C order with `shape`. Its values are copied. |Φ| is the largest label + 1, or `subsets`.
   *
   * @throws DTypeError unless int32; ShapeError where array and shape do not fit, or a label is below −1 or beyond `subsets`.
   */
  static labels(
    labels: Tensor | Int32Array,
    options: { readonly shape?: Shape; readonly subsets?: number } = {},
  ): Partition {
    const { dtype } =
      labels instanceof Tensor ? labels : { dtype: labels instanceof Int32Array ? 'int32' : typeof labels }
    if (dtype !== 'int32') throw new DTypeError('Partition.labels', 'int32 labels', dtype)
    const shape = labels instanceof Tensor ? labels.shape : options.shape
    if (shape === undefined) throw new ConfigError('Partition.labels', 'shape, for labels in an array')
    if (options.shape !== undefined && !sameShape(options.shape, shape))
      throw new ShapeError('Partition.labels', `labels of shape ${show(options.shape)}`, show(shape))
    const values = labels instanceof Tensor ? labels.data() : labels
    if (values.length !== sizeOf(shape)) {
      throw new ShapeError(
        'Partition.labels',
        `${sizeOf(shape)} labels for shape ${show(shape)}`,
        String(values.length),
      )
    }
    let largest = -1
    for (const label of values) {
      if (label < -1) throw new ShapeError('Partition.labels', 'labels from −1 on', String(label))
      if (label > largest) largest = label
    }
    const count = options.subsets ?? largest + 1
    if (largest >= count) throw new ShapeError('Partition.labels', `labels below ${count}`, String(largest))
    return new Partition({ kind: 'labels', labels: ownTensor(Int32Array.from(values), shape), count })
  }

  /**
   * A product over Ω = images × voxels × classes: elements share a subset iff their images, their voxels and their classes each
   * are in one group. A factor is 'together' (the default: one group), 'apart' (each its own), or the group of each image, voxel
   * (of one image, in C order) or class, −1 for none. `I` is { images: 'apart', classes: 'apart' }. |Φ| is the product of the
   * numbers of groups.
   *
   * @throws ConfigError for a factor that is none of these. Lengths are checked against the tensor's shape when it is used.
   */
  static product(factors: Factors): Partition {
    checkFactors(factors)
    return new Partition({ kind: 'product', factors })
  }

  /**
   * What a family of subsets of Ω is, Ω the elements of a tensor of this shape in C order: 'partition' (every element in exactly
   * one subset, none of them without elements), 'cover' (every element in at least one subset) or 'neither'. A family is a
   * Partition or a list of subsets, each a list of element indices.
   *
   *     Partition.validate([[0, 1], [2, 3]], [1, 4, 1]).kind // 'partition'
   *
   * @throws ShapeError for an index outside Ω, or a Partition that does not fit the shape.
   */
  static validate(family: Partition | Family, shape: Shape): FamilyReport {
    if (!(family instanceof Partition)) return countFamily(family, sizeOf(shape))
    const subsets = family.resolve('Partition.validate', shape)
    return countLabels(labelsOf(subsets, shape), subsets.count)
  }

  /**
   * The common refinement with another partition (the product of the two as partitions): elements share a subset iff they do in
   * both, and elements that are in none of either are in none. Subsets are ordered by those of this partition, then of
   * the other; those without elements do not count. Where this one or the other is adaptive, its rule is not taken over.
   */
  refine(other: Partition): Partition {
    if (!(other instanceof Partition)) throw new ConfigError('Partition.refine', 'a Partition', typeof other)
    return new Partition({ kind: 'refinement', coarse: this, other })
  }

  /** Whether every subset of this partition lies in one subset of `coarse`, for tensors of this shape. */
  isRefinementOf(coarse: Partition, shape: Shape): boolean {
    const [mine, theirs] = [this, coarse].map((phi) => labelsOf(phi.resolve('Partition', shape), shape))
    const parents = new Map<number, number>()
    return (mine ?? []).every((label, i) => {
      const parent = theirs?.[i] ?? -1
      if (label < 0) return true
      const known = parents.get(label)
      parents.set(label, parent)
      return parent >= 0 && (known === undefined || known === parent)
    })
  }

  /**
   * An adaptive partition: subsets whose labels the rule does not accept leave Φ, and |Φ| with them, in each evaluation anew.
   * The rule sees Y of the whole subset, also where statistics of parts were merged. The leaf Dice loss is not this: there
   * empty subsets still count in |Φ| (emptySubsets: 'perfect').
   */
  keepWhere(keeps: VolumeRule): Partition {
    if (typeof keeps !== 'function') throw new ConfigError('Partition.keepWhere', 'a function of Y', typeof keeps)
    return new Partition({ kind: 'adaptive', of: this, keeps })
  }

  /** The rule of an adaptive partition. */
  get rule(): VolumeRule | null {
    return this.specification.kind === 'adaptive' ? this.specification.keeps : null
  }

  /** Φ in a few characters, for messages. */
  toString(): string {
    const { specification: its } = this
    switch (its.kind) {
      case 'named':
        return its.name
      case 'axes':
        return `axes (${its.axes.join(',')})`
      case 'labels':
        return `labels ${show(its.labels.shape)}`
      case 'product':
        return 'a product'
      case 'refinement':
        return `${String(its.coarse)} ∧ ${String(its.other)}`
      case 'adaptive':
        return `${String(its.of)}, some by their labels`
    }
  }

  /**
   * The subsets of a (B, …, C) tensor with at least one spatial axis; channels below `firstChannel` are in none.
   *
   * @throws ShapeError for a tensor of lower rank, axes that it has not, or a label map of another shape.
   */
  resolve(where: string, shape: Shape, firstChannel: 0 | 1 = 0): Subsets {
    if (shape.length < 3) {
      throw new ShapeError(where, 'a prediction of shape (B,…,C) with at least one spatial axis', show(shape))
    }
    const its = this.specification
    if (its.kind === 'labels') return this.resolveLabels(where, its, shape, firstChannel)
    if (its.kind === 'adaptive') return { ...its.of.resolve(where, shape, firstChannel), keeps: its.keeps }
    const reduced = this.reducedAxes(where, shape.length)
    if (reduced === null) return this.labelled(where, shape).resolve(where, shape, firstChannel)
    const subsets = byAxes(shape, firstChannel, reduced, this.isNamed)
    if (its.kind !== 'refinement') return subsets
    const { index } = its.coarse.resolve(where, shape, firstChannel)
    return index.kind === 'axes'
      ? { ...subsets, parents: parentsByAxes(shape, firstChannel, reduced, index.strides, subsets.count) }
      : subsets
  }

  /** The reduced axes, where elements share a subset iff they agree on all others; null under labels. */
  private reducedAxes(where: string, rank: number): number[] | null {
    const its = this.specification
    if (its.kind === 'named') return axesOf(its.name, rank)
    if (its.kind === 'axes') return normalizeAxes(where, its.axes, rank)
    if (its.kind === 'adaptive') return its.of.reducedAxes(where, rank)
    if (its.kind !== 'refinement') return null
    const [a, b] = [its.coarse.reducedAxes(where, rank), its.other.reducedAxes(where, rank)]
    return a === null || b === null ? null : a.filter((axis) => b.includes(axis))
  }

  private get isNamed(): boolean {
    const its = this.specification
    return its.kind === 'named' || (its.kind === 'refinement' && its.coarse.isNamed && its.other.isNamed)
  }

  /** A product or a refinement as a label map for one shape; made once. */
  private labelled(where: string, shape: Shape): Partition {
    const key = shape.join()
    const known = this.byShape.get(key)
    if (known !== undefined) return known
    const its = this.specification
    const made =
      its.kind === 'product'
        ? productLabels(where, its.factors, shape)
        : its.kind === 'refinement'
          ? refineLabels(...refinedPair(where, its.coarse, its.other, shape))
          : null
    if (made === null) throw new ConfigError(where, 'a partition made of others', this.toString())
    const partition = new Partition({ kind: 'labels', ...made, labels: ownTensor(made.labels, shape) })
    this.byShape.set(key, partition)
    return partition
  }

  private resolveLabels(
    where: string,
    { labels, count, parents = null }: Omit<LabelSpecification, 'parents'> & { readonly parents?: Int32Array | null },
    shape: Shape,
    firstChannel: 0 | 1,
  ): Subsets {
    if (!sameShape(labels.shape, shape)) {
      throw new ShapeError(where, `phi: a label map of shape ${show(shape)}`, show(labels.shape))
    }
    let classes = this.byLabels.get(firstChannel)
    if (classes === undefined) {
      classes = classesOfLabels(labels, count, firstChannel)
      this.byLabels.set(firstChannel, classes)
    }
    const index = { kind: 'labels', labels } as const
    return { count, shape: [count], classes, separatesImages: false, index, parents, keeps: null }
  }
}

/** A tensor of the partition's own: no scope gives it back and no memory report counts it; it goes with the partition. */
function ownTensor(values: Int32Array, shape: Shape): Tensor {
  return new Tensor(new Storage(values, false), 'int32', [...shape], denseStrides(shape), 0, null, false)
}

function refinedPair(where: string, a: Partition, b: Partition, shape: Shape): [Int32Array, Int32Array] {
  return [labelsOf(a.resolve(where, shape), shape), labelsOf(b.resolve(where, shape), shape)]
}
