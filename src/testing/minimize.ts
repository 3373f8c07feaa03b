/**
 * Makes a counterexample smaller: fewer images, voxels and classes, fewer subsets, rounder values. fast-check shrinks the shape only
 * as long as the values that came with the next shape still break the law; this goes on from where it stopped.
 */
import { Partition } from '../losses/partition.js'
import { at, denseStrides, sizeOf } from '../tensor/shape.js'
import { type Problem, gathered, problemOf, read, subsetsOf } from './problem.js'

/** Evaluations after which the smallest problem so far is good enough. */
const MOST_TRIALS = 2000

/** The smallest problem that `breaks`, reached from `problem`, which does. */
export function minimize(problem: Problem, breaks: (problem: Problem) => boolean): Problem {
  let smallest = problem
  let trials = 0
  for (let found = true; found && trials < MOST_TRIALS;) {
    found = false
    for (const candidate of smaller(smallest)) {
      trials += 1
      if (trials >= MOST_TRIALS) break
      if (!breaks(candidate)) continue
      smallest = candidate
      found = true
      break
    }
  }
  return smallest
}

function* smaller(problem: Problem): Iterable<Problem> {
  yield* withoutSlices(problem)
  yield* withoutSubsets(problem)
  yield* withRounderValues(problem)
}

/** Without one image, one plane of voxels, or one class. */
function* withoutSlices(problem: Problem): Iterable<Problem> {
  const { shape } = problem
  for (let axis = 0; axis < shape.length; axis++) {
    for (let index = at(shape, axis) - 1; index >= 0 && at(shape, axis) > 1; index--) yield cut(problem, axis, index)
  }
}

function cut(problem: Problem, axis: number, index: number): Problem {
  const { shape } = problem
  const stride = at(denseStrides(shape), axis)
  const source = Int32Array.from({ length: sizeOf(shape) }, (_, i) => i).filter(
    (i) => Math.floor(i / stride) % at(shape, axis) !== index,
  )
  const shorter = shape.map((n, a) => (a === axis ? n - 1 : n))
  return tidied(gathered(problem, shorter, source))
}

/** With the subsets of a label map that have elements, numbered from 0 on. */
function tidied(problem: Problem): Problem {
  if (typeof problem.phi === 'string') return problem
  return relabelled(problem, problem.subsetOf)
}

function relabelled(problem: Problem, raw: Int32Array): Problem {
  const names = [...new Set(raw)].filter((label) => label >= 0)
  const labels = raw.map((label) => names.indexOf(label))
  return problemOf({ ...problem, phi: Partition.labels(labels, { shape: problem.shape, subsets: names.length }) })
}

/** Two subsets of a label map as one. */
function* withoutSubsets(problem: Problem): Iterable<Problem> {
  if (typeof problem.phi === 'string') return
  for (let gone = problem.count - 1; gone > 0; gone--) {
    yield relabelled(
      problem,
      problem.subsetOf.map((subset) => (subset === gone ? 0 : subset)),
    )
  }
}

/** The values that a number may become: rounder ones only, so that an end is reached. */
function rounder(x: number): readonly number[] {
  const values = [0, 1, 0.5, Math.round(10 * x) / 10, Math.round(100 * x) / 100]
  const rank = (value: number): number => {
    const place = [0, 1, 0.5].indexOf(value)
    return place >= 0 ? place : 2 + String(value).length
  }
  return [...new Set(values)].filter((value) => rank(value) < rank(x))
}

function* withRounderValues(problem: Problem): Iterable<Problem> {
  const { target, prediction } = problem
  for (const { elements } of subsetsOf(problem)) {
    for (const i of elements) {
      const changed = (values: Float64Array, value: number): Float64Array =>
        values.map((old, j) => (i === j ? value : old))
      for (const value of rounder(read(target, i))) yield { ...problem, target: changed(target, value) }
      for (const value of rounder(read(prediction, i))) yield { ...problem, prediction: changed(prediction, value) }
    }
  }
}
