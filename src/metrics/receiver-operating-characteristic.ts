/**
 * Receiver operating characteristic of a score that should be higher for positives, and the area under it.
 * A case is called positive where its score ≥ the threshold.
 */
import { DataError, ShapeError } from '../tensor/errors.js'

export interface RocPoint {
  /** Cases with a score of at least this are called positive; Infinity for the first point, where none is. */
  readonly threshold: number
  readonly falsePositiveRate: number
  readonly truePositiveRate: number
}

interface ScoreGroup {
  readonly score: number
  readonly positives: number
  readonly negatives: number
}

/**
 * The points of the ROC curve from (0,0) to (1,1), one for each distinct score in descending order: cases of equal
 * score enter together, as one oblique step, so that the curve does not depend on the order of the cases.
 *
 * `scores` are numbers, infinite ones too; `positives` says of each case whether it is one.
 * Throws ShapeError where the lengths differ, DataError for a NaN score or where one of the classes has no case.
 *
 * @example rocCurve([2, 1], [true, false]).length // 3: (0,0), (0,1), (1,1)
 */
export function rocCurve(scores: ArrayLike<number>, positives: ArrayLike<boolean>): RocPoint[] {
  const groups = groupByScore('rocCurve', scores, positives)
  const { positives: allPositives, negatives: allNegatives } = totals(groups)
  const points: RocPoint[] = [{ threshold: Infinity, falsePositiveRate: 0, truePositiveRate: 0 }]
  let truePositives = 0
  let falsePositives = 0
  for (const group of groups) {
    truePositives += group.positives
    falsePositives += group.negatives
    points.push({
      threshold: group.score,
      falsePositiveRate: falsePositives / allNegatives,
      truePositiveRate: truePositives / allPositives,
    })
  }
  return points
}

/**
 * Area under the ROC curve: the share of pairs (positive, negative) in which the positive has the higher score, a tie
 * counting half. It is the Mann-Whitney statistic U / (n₊ n₋), counted exactly in integers and divided once.
 *
 * Arguments and errors as in rocCurve. 1: every positive above every negative; 0.5: no better than chance.
 * Source: Hanley & McNeil, "The meaning and use of the area under a ROC curve", Radiology 143, 1982.
 *
 * @example areaUnderCurve([3, 1, 2], [true, true, false]) // 0.5
 */
export function areaUnderCurve(scores: ArrayLike<number>, positives: ArrayLike<boolean>): number {
  const groups = groupByScore('areaUnderCurve', scores, positives)
  const { positives: allPositives, negatives: allNegatives } = totals(groups)
  let twiceWins = 0
  let negativesBelow = allNegatives
  for (const group of groups) {
    negativesBelow -= group.negatives
    twiceWins += group.positives * (2 * negativesBelow + group.negatives)
  }
  return twiceWins / (2 * allPositives * allNegatives)
}

/** Cases of equal score together, the highest score first. */
function groupByScore(where: string, scores: ArrayLike<number>, positives: ArrayLike<boolean>): ScoreGroup[] {
  if (scores.length !== positives.length) {
    throw new ShapeError(where, `${positives.length} scores, one per case`, String(scores.length))
  }
  const counts = new Map<number, { positives: number; negatives: number }>()
  for (let index = 0; index < scores.length; index++) {
    const score = scores[index] ?? Number.NaN
    if (Number.isNaN(score)) throw new DataError(where, 'scores that are numbers', `NaN at case ${index}`)
    const count = counts.get(score) ?? { positives: 0, negatives: 0 }
    if (positives[index] === true) count.positives += 1
    else count.negatives += 1
    counts.set(score, count)
  }
  const groups = [...counts].map(([score, count]) => ({ score, ...count })).sort((a, b) => (a.score < b.score ? 1 : -1))
  const total = totals(groups)
  if (total.positives === 0 || total.negatives === 0) {
    throw new DataError(
      where,
      'at least one positive and one negative case',
      `${total.positives} positive, ${total.negatives} negative`,
    )
  }
  return groups
}

function totals(groups: readonly ScoreGroup[]): { positives: number; negatives: number } {
  let positives = 0
  let negatives = 0
  for (const group of groups) {
    positives += group.positives
    negatives += group.negatives
  }
  return { positives, negatives }
}
