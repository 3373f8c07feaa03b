/**
 * From a survey of a data set's labels to Φ and ε, for the two things one may want of maps without a label: that the network ignores
 * them (missing labels), or that it learns to predict nothing there (empty maps). Numbers only; advice.ts puts them into words.
 * Source: Tilborghs, Bertels et al., MICCAI 2022, Sect. 2.2 and 2.3.
 */
import type { Survey, SurveyedMap } from '../data/survey.js'
import { type ExactEpsilon, exactEpsilon, heuristicEpsilon } from '../losses/index.js'
import { DataError } from '../tensor/errors.js'

/** What a class is like in the data, and what follows for ε. Volumes and ε in voxels. */
export interface ClassAdvice {
  readonly class: string
  readonly labelled: number
  readonly empty: number
  readonly missing: number
  /** v: mean volume of the labelled maps; null where there is none. */
  readonly voxels: number | null
  readonly ml: number | null
  /** q: labelled over annotated maps; null where none is annotated. */
  readonly nonEmptyFraction: number | null
  /** Mean volume over the annotated maps, empty ones included. */
  readonly heuristicEpsilon: number | null
  /** Eq. 5 at overlap ½ and union 2, with q. */
  readonly exactEpsilon: ExactEpsilon | null
  /** With the proposed negligible ε: an empty map has below 1 % of a typical derivative while more voxels than this are predicted. */
  readonly negligibleAbove: number | null
  /** With the heuristic ε: derivative on an empty map with v predicted voxels over 1/(4 N v), that of a labelled one half overlapped. */
  readonly emptyStrength: number | null
  /** With the heuristic ε: what is left of the derivative where y = 1, at half overlap. */
  readonly foregroundLeft: number | null
}

export interface Advice {
  readonly survey: Omit<Survey, 'maps'>
  readonly classes: readonly ClassAdvice[]
  /** Labelled, empty and missing maps by group of subjects and class, where a data set has groups. */
  readonly groups: readonly GroupCount[]
  /** Φ and ε with which maps without label are ignored. */
  readonly ignoreMissing: { readonly phi: 'I'; readonly epsilon: number }
  /** Φ and ε with which empty maps are learned: image-wise with ε per class, or batch-wise. */
  readonly learnEmpty: {
    readonly imageWise: { readonly phi: 'I'; readonly epsilon: readonly number[] }
    readonly batchWise: {
      readonly phi: 'BI'
      readonly epsilon: number
      /** For each batch size: the chance, in the class where it is least, that a batch holds a labelled map: 1 − (1 − q)^B. */
      readonly chances: readonly { readonly batch: number; readonly chance: number }[]
    }
  }
}

export interface GroupCount {
  readonly group: string
  readonly class: string
  readonly labelled: number
  readonly empty: number
  readonly missing: number
}

/** The paper's and the field's usual choice of a negligible ε. */
const USUAL_EPSILON = 1e-7
const BATCHES = [2, 4, 8]

/**
 * Φ and ε for a data set. The negligible ε is 1e-7, or the power of ten below 1/(400 v) of the class with the largest mean volume
 * v, so that one predicted voxel suffices for an empty map to have less than 1 % of a typical derivative: 4 ε v < 1 %.
 *
 * Throws DataError where no map has a label: then there is nothing that ε could be measured by.
 *
 * @example adviseOn(surveyLabels('data/BraTS2018')).learnEmpty.imageWise.epsilon
 */
export function adviseOn({ maps, ...survey }: Survey): Advice {
  const volumes = survey.classes.map((name) => mapsOf(maps, name))
  const means = volumes.map((list) => mean(list.filter(isLabelled).map(({ voxels }) => voxels)))
  const known = means.filter((value) => value !== null)
  if (known.length === 0) throw new DataError(survey.folder, 'at least one map with a label', 'none')
  const epsilon = Math.min(USUAL_EPSILON, 10 ** Math.floor(Math.log10(1 / (400 * Math.max(...known)))))
  const classes = survey.classes.map((name, c) => classAdvice(name, volumes[c] ?? [], epsilon))
  const heuristics = classes.flatMap((one) => one.heuristicEpsilon ?? []).filter((value) => value > 0)
  return {
    survey,
    classes,
    groups: groupsOf(maps, survey.classes),
    ignoreMissing: { phi: 'I', epsilon },
    learnEmpty: {
      imageWise: {
        phi: 'I',
        // A class without any label has no volume of its own: that of the largest is a stand-in, and keeps ε above 0.
        epsilon: classes.map((one) => rounded(one.heuristicEpsilon || Math.max(...heuristics))),
      },
      batchWise: { phi: 'BI', epsilon, chances: BATCHES.map((batch) => ({ batch, chance: chanceOf(classes, batch) })) },
    },
  }
}

const isLabelled = ({ state }: SurveyedMap): boolean => state === 'labelled'
const mapsOf = (maps: readonly SurveyedMap[], name: string): SurveyedMap[] => maps.filter((map) => map.class === name)

function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length
}

/** Four digits: more would pretend that an estimate is none. */
function rounded(value: number): number {
  return Number(value.toPrecision(4))
}

function countStates(maps: readonly SurveyedMap[]): Pick<GroupCount, 'labelled' | 'empty' | 'missing'> {
  const count = (state: SurveyedMap['state']): number => maps.filter((map) => map.state === state).length
  return { labelled: count('labelled'), empty: count('empty'), missing: count('missing') }
}

function classAdvice(name: string, maps: readonly SurveyedMap[], epsilon: number): ClassAdvice {
  const counts = countStates(maps)
  const annotated = maps.filter(({ state }) => state !== 'missing')
  const labelled = maps.filter(isLabelled)
  const voxels = mean(labelled.map((map) => map.voxels))
  const q = annotated.length === 0 ? null : counts.labelled / annotated.length
  const [heuristic = null] = annotated.length === 0 ? [] : heuristicEpsilon(annotated.map((map) => map.voxels))
  const k = heuristic === null || voxels === null ? null : heuristic / voxels
  return {
    class: name,
    ...counts,
    voxels,
    ml: mean(labelled.map((map) => map.ml)),
    nonEmptyFraction: q,
    heuristicEpsilon: heuristic,
    exactEpsilon:
      voxels === null || q === null
        ? null
        : exactEpsilon({ overlap: 0.5, union: 2, volume: voxels, nonEmptyFraction: q }),
    negligibleAbove: voxels === null ? null : 20 * Math.sqrt(epsilon * voxels),
    // ε/(v + ε)² over 1/(4 v), and (3 v + ε)/(2 v + ε)² over its value ¾/v at ε = 0, with ε = k v.
    emptyStrength: k === null ? null : (4 * k) / (1 + k) ** 2,
    foregroundLeft: k === null ? null : ((4 / 3) * (3 + k)) / (2 + k) ** 2,
  }
}

function groupsOf(maps: readonly SurveyedMap[], classes: readonly string[]): GroupCount[] {
  const groups = [...new Set(maps.map(({ group }) => group))].filter((group) => group !== '')
  return groups.flatMap((group) =>
    classes.map((name) => ({
      ...{ group, class: name },
      ...countStates(mapsOf(maps, name).filter((map) => map.group === group)),
    })),
  )
}

function chanceOf(classes: readonly ClassAdvice[], batch: number): number {
  const fractions = classes.flatMap(({ nonEmptyFraction: q }) => (q === null || q === 0 ? [] : q))
  return Math.min(...fractions.map((q) => 1 - (1 - q) ** batch))
}
