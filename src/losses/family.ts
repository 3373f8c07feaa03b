/** What a family of subsets of Ω is: a partition, a cover, or neither. Counts only; which losses may be taken over it is not asked here. */
import { ShapeError } from '../tensor/errors.js'

/** Subsets of Ω, each the indices of its elements in C order. */
export type Family = Iterable<Iterable<number>>

export interface FamilyReport {
  /** 'partition': every element in exactly one subset, no subset without elements. 'cover': every element in at least one. */
  readonly kind: 'partition' | 'cover' | 'neither'
  /** Elements that are in no subset. */
  readonly uncovered: number
  /** Elements that are in several subsets. */
  readonly shared: number
  /** Subsets without elements. */
  readonly withoutElements: number
}

/** @throws ShapeError for an index that is no element of Ω. An element that a subset names twice is in it once. */
export function countFamily(family: Family, size: number): FamilyReport {
  const memberships = new Uint32Array(size)
  let withoutElements = 0
  for (const subset of family) {
    const members = new Set(subset)
    if (members.size === 0) withoutElements += 1
    for (const i of members) {
      if (!Number.isInteger(i) || i < 0 || i >= size) {
        throw new ShapeError('Partition.validate', `elements from 0 to ${size - 1}`, String(i))
      }
      memberships[i] = (memberships[i] ?? 0) + 1
    }
  }
  let [uncovered, shared] = [0, 0]
  for (const count of memberships) {
    if (count === 0) uncovered += 1
    if (count > 1) shared += 1
  }
  return report(uncovered, shared, withoutElements)
}

/** The same for the subsets 0 … count − 1 of a label map, −1 for none. */
export function countLabels(labels: Int32Array, count: number): FamilyReport {
  const isUsed = new Uint8Array(count)
  let uncovered = 0
  for (const label of labels) {
    if (label < 0) uncovered += 1
    else isUsed[label] = 1
  }
  return report(
    uncovered,
    0,
    isUsed.reduce((rest, used) => rest - used, count),
  )
}

function report(uncovered: number, shared: number, withoutElements: number): FamilyReport {
  const isPartition = uncovered === 0 && shared === 0 && withoutElements === 0
  const kind = isPartition ? 'partition' : uncovered === 0 ? 'cover' : 'neither'
  return { kind, uncovered, shared, withoutElements }
}
