/** Which laws a kind of loss obeys. */
import type { Law } from './law.js'
import { curvatureLaws } from './laws/curvature.js'
import { derivativeLaws } from './laws/derivative.js'
import { invarianceLaws } from './laws/invariance.js'
import { numericalLaws } from './laws/numerics.js'
import { partitionLaws } from './laws/partition.js'
import { relativeLaws } from './laws/relatives.js'
import { smoothingLaws } from './laws/smoothing.js'
import { valueLaws } from './laws/values.js'

/** Every law, in the order in which they are checked and reported: the general before the particular. */
export const laws: readonly Law[] = [
  ...derivativeLaws,
  ...valueLaws,
  ...smoothingLaws,
  ...partitionLaws,
  ...invarianceLaws,
  ...curvatureLaws,
  ...numericalLaws,
  ...relativeLaws,
]

/** What any mean over subsets of a function of their sums obeys. */
const overlap = [
  'derivative',
  'decomposition',
  'degenerateShapes',
  'elementOrder',
  'imageAndClassOrder',
  'subsetOrder',
  'namedIsLabelled',
  'localAverage',
] as const

const dice = [
  ...overlap,
  'diceValue',
  'gradient',
  'scalarInvariants',
  'affineInTarget',
  'signAndRatio',
  'bounds',
  'zeroWherePerfect',
  'symmetry',
  'countsErrors',
  'relaxedTriangle',
  'hardOptimum',
  'virtualObject',
  'fallsWithEpsilon',
  'emptyLabel',
  'missingWithoutEpsilon',
  'loudestEpsilon',
  'equationFive',
  'batchEquivalence',
  'priceOfEpsilon',
  'coarsening',
  'replication',
  'padding',
  'hessian',
  'curvature',
  'steepest',
  'single',
  'logitsBound',
  'softmaxIsLinear',
  'sharding',
] as const

/**
 * - `overlap`: any loss that is the mean over Φ of something that depends on the pairs (y, p) of a subset only;
 * - `dice`: Eq. 3 with its derivative, Eq. 4; `jaccard`, `tversky`; `squaredDice`: V-Net's L2; `semimetric`: Σ |p − y|;
 *   `leaf`: empty subsets count as perfect; `generalizedDice`: class weights in the sums.
 */
export const families = {
  overlap,
  dice,
  jaccard: [
    ...overlap,
    'jaccardOfDice',
    'zeroWherePerfect',
    'symmetry',
    'triangleInequality',
    'relaxedTriangle',
    'replication',
    'padding',
  ],
  tversky: [...overlap, 'tversky', 'tverskyExchange', 'zeroWherePerfect', 'replication', 'padding'],
  squaredDice: [...overlap, 'squaredDerivative', 'zeroWhereEqual', 'zeroWherePerfect', 'symmetry', 'replication'],
  semimetric: [
    ...overlap,
    'semimetric',
    'zeroWhereEqual',
    'symmetry',
    'countsErrors',
    'relaxedTriangle',
    'replication',
  ],
  leaf: [...overlap, 'leaf'],
  generalizedDice: ['derivative', 'weightedAllWise'],
} as const satisfies Readonly<Record<string, readonly string[]>>

export type FamilyName = keyof typeof families
