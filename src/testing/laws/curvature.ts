/** Laws of the second derivative and of how steep the loss can be. */
import { type Law, law } from '../law.js'
import type { Subject } from '../loss-under-test.js'
import { type Problem, type Subset, binary, interior, read, subsetsOf, withPrediction } from '../problem.js'
import { Violation, short } from '../violation.js'
import { halfStep, moved, sameDifference, withSums } from './derivative.js'

/** The Hessian as rows, from central differences of the loss's own derivative. */
function hessianOf(subject: Subject, problem: Problem): Float64Array[] {
  return Array.from(problem.prediction, (_, i) => {
    const [up, down] = moved(problem, i)
    const [plus, minus] = [subject.evaluate(up).gradient, subject.evaluate(down).gradient]
    return plus.map((g, j) => halfStep(g - read(minus, j)))
  })
}

export const hessian = law({
  name: 'hessian',
  identity: 'd²DL/dp_i dp_j = 2 (y_i + y_j − s)/(|Φ| D²) within a subset, 0 across',
  needs: ['float64'],
  check(subject, given) {
    const problem = interior(given)
    const subsets = subsetsOf(problem)
    hessianOf(subject, problem).forEach((row, i) => {
      const own = subsets[read(problem.subsetOf, i)]
      row.forEach((got, j) => {
        let expected = 0
        if (own !== undefined && read(problem.subsetOf, j) === own.index) {
          const labels = read(problem.target, i) + read(problem.target, j)
          expected = (2 * (labels - own.score)) / (problem.count * own.denominator ** 2)
        }
        sameDifference(problem, `d²L/dp² with element ${i}`, expected, got, { element: j })
      })
    })
  },
})

/** The two eigenvalues other than 0: 2/(|Φ| D²) · (t ± √(t² + 4 (n Σ y² − Y²)))/2 with t = 2 Y − s n. */
function eigenvalues(problem: Problem, { elements, target, score, denominator }: Subset): readonly [number, number] {
  const n = elements.length
  const squares = elements.reduce((sum, i) => sum + read(problem.target, i) ** 2, 0)
  const t = 2 * target - score * n
  const root = Math.sqrt(t * t + 4 * Math.max(0, n * squares - target * target))
  const scale = 1 / (problem.count * denominator ** 2)
  return [scale * (t + root), scale * (t - root)]
}

export const curvature = law({
  name: 'curvature',
  identity:
    'in a subset the Hessian has rank ≤ 2 with eigenvalues (t ± √(t² + 4 (n Σ y² − Y²)))/(|Φ| D²), t = 2 Y − s n: concave on an empty label, convex on a full one, indefinite between',
  needs: ['float64'],
  check(subject, given) {
    const problem = interior(given)
    const rows = hessianOf(subject, problem)
    for (const subset of subsetsOf(problem)) {
      const block = subset.elements.map((i) => subset.elements.map((j) => read(rows[i] ?? [], j)))
      const trace = (k: number): number => {
        let power = block
        for (let i = 1; i < k; i++) power = product(power, block)
        return power.reduce((sum, row, i) => sum + read(row, i), 0)
      }
      // Σ λᵏ for k = 1, 2, 3 says what the eigenvalues other than 0 are; scaled so that the largest is 1.
      const [up, down] = eigenvalues(problem, subset)
      const size = Math.max(Math.abs(up), Math.abs(down), 1e-3)
      for (const k of [1, 2, 3]) {
        const expected = (up / size) ** k + (down / size) ** k
        const name = k === 1 ? 'the sum of the eigenvalues' : `the sum of the eigenvalues to the power ${k}`
        sameDifference(problem, `${name}, largest 1`, expected, trace(k) / size ** k, { subset: subset.index })
      }
    }
  },
})

function product(a: readonly (readonly number[])[], b: readonly (readonly number[])[]): number[][] {
  return a.map((row) => row.map((_, j) => row.reduce((sum, x, k) => sum + x * read(b[k] ?? [], j), 0)))
}

export const steepest = law({
  name: 'steepest',
  identity:
    'binary y: |dDL/dp| ≤ (2 Y + ε)/(|Φ| (Y + ε)²), attained at p = 0: the Lipschitz constant in the sum of |Δp|',
  check(subject, given) {
    const problem = withSums(binary(given))
    const { gradient } = subject.evaluate(problem)
    const most = ({ target: y }: Subset): number =>
      (2 * y + problem.epsilon) / (problem.count * (y + problem.epsilon) ** 2)
    const subsets = subsetsOf(problem).filter(({ target: y }) => y + problem.epsilon > 0)
    for (const subset of subsets) {
      const bound = most(subset)
      for (const element of subset.elements) {
        const g = Math.abs(read(gradient, element))
        if (g <= bound * (1 + subject.tolerance) + subject.tolerance) continue
        throw new Violation(problem, '|dL/dp|', `at most ${short(bound)}`, short(g), { element })
      }
    }
    const nowhere = withPrediction(problem, new Float64Array(problem.prediction.length))
    if (subsetsOf(nowhere).some(({ denominator }) => denominator === 0)) return
    const { gradient: atZero } = subject.evaluate(nowhere)
    for (const subset of subsets) {
      const steepest = Math.max(...subset.elements.map((i) => Math.abs(read(atZero, i))))
      subject.same(nowhere, 'the largest |dL/dp| at p = 0', most(subset), steepest, { subset: subset.index })
    }
  },
})

export const curvatureLaws: readonly Law[] = [hessian, curvature, steepest]
