/**
 * What empty maps (annotated, Y = 0) are to the derivative: whether a network would learn from them to predict nothing, or hardly
 * notice them. Missing maps are none of this: they have no derivative where `present` says that they are missing.
 * Source: Tilborghs, Bertels et al., MICCAI 2022, Sect. 2.2 and 2.3.
 */

/** labelled: Y > 0. empty: annotated, Y = 0. missing: not annotated. masked: no voxel of it counts. */
export type MapState = 'labelled' | 'empty' | 'missing' | 'masked'

/** One class of one image. */
export interface MapGradient {
  readonly image: number
  readonly class: number
  readonly state: MapState
  /** Σ y and Σ p of the map, in voxels. */
  readonly Y: number
  readonly P: number
  /** Mean of |g| where y = 0: what pushes false positives down. */
  readonly g0: number
  /** Σ|g| of the map over Σ|g| of all. */
  readonly share: number
  /** Whether it has voxels in a subset with Y > 0, be it by the labels of another map. */
  readonly sharesSubset: boolean
}

/** How strong the derivative on empty maps is beside that on the background of labelled maps. */
export type EmptyVerdict =
  /** No empty maps. */
  | 'none'
  /** Nothing to compare with: no labelled map, or one without derivative. */
  | 'alone'
  /** 0. */
  | 'zero'
  /** Below 1 %. */
  | 'negligible'
  /** From 1 % to 10 %. */
  | 'weak'
  /** 10 % and more. */
  | 'strong'

export interface EmptyMaps {
  /** How many maps are empty, and how many are labelled or empty. */
  readonly maps: number
  readonly annotated: number
  /** How many of the empty maps lie in subsets that are empty as a whole. */
  readonly inEmptySubsets: number
  /** How many subsets are empty. */
  readonly subsets: number
  /** Mean g0 over the empty maps, and over the labelled ones; null where there is none. */
  readonly g0: number | null
  readonly labelledG0: number | null
  /** The first over the second; null where one is missing or the second is 0. */
  readonly ratio: number | null
  /** Σ|g| of the empty maps over Σ|g| of all. */
  readonly share: number
  readonly verdict: EmptyVerdict
}

const NEGLIGIBLE = 0.01
const STRONG = 0.1

function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length
}

export function judgeEmptyMaps(
  maps: readonly MapGradient[],
  subsets: readonly { readonly state: MapState }[],
): EmptyMaps {
  const empty = maps.filter(({ state }) => state === 'empty')
  const labelled = maps.filter(({ state }) => state === 'labelled')
  const g0 = mean(empty.map((map) => map.g0))
  const labelledG0 = mean(labelled.map((map) => map.g0))
  const ratio = g0 === null || labelledG0 === null || labelledG0 === 0 ? null : g0 / labelledG0
  return {
    maps: empty.length,
    annotated: empty.length + labelled.length,
    inEmptySubsets: empty.filter((map) => !map.sharesSubset).length,
    subsets: subsets.filter(({ state }) => state === 'empty').length,
    ...{ g0, labelledG0, ratio },
    share: empty.reduce((sum, map) => sum + map.share, 0),
    verdict: verdictOf(g0, ratio),
  }
}

function verdictOf(g0: number | null, ratio: number | null): EmptyVerdict {
  if (g0 === null) return 'none'
  if (g0 === 0) return 'zero'
  if (ratio === null) return 'alone'
  if (ratio < NEGLIGIBLE) return 'negligible'
  return ratio < STRONG ? 'weak' : 'strong'
}

interface VolumeOfSubset {
  readonly class: number | null
  readonly state: MapState
  readonly epsilon: number
  readonly Y: number
}

/**
 * The predicted volume v above which an empty subset's derivative ε/(N (v + ε)²) is below 1 % of 1/(4 N v_fg), that of a labelled
 * subset with Y = P = v_fg and overlap ½: 4 ε v_fg/v² < 1 % where v > 20 √(ε v_fg). v_fg is the mean Y of the labelled subsets
 * of the same class, or of all. An estimate, for v ≫ ε; null where the subset is not empty or no subset is labelled.
 */
export function negligibleAbove(subset: VolumeOfSubset, subsets: readonly VolumeOfSubset[]): number | null {
  if (subset.state !== 'empty') return null
  const labelled = subsets.filter(({ state }) => state === 'labelled')
  const same = labelled.filter((one) => one.class === subset.class)
  const typical = mean((same.length > 0 ? same : labelled).map(({ Y }) => Y))
  return typical === null ? null : negligibleVolume(subset.epsilon, typical)
}

/** 20 √(ε v_fg), in voxels; see `negligibleAbove`. */
export function negligibleVolume(epsilon: number, labelVolume: number): number {
  return 20 * Math.sqrt(epsilon * labelVolume)
}
