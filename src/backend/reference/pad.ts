/** Writes x into a larger tensor filled with one value, row by row of the last axis. */
import { at, denseStrides } from '../../tensor/shape.js'
import type { Kernels } from '../kernels.js'
import { denseArray } from './layout.js'

export const pad: Kernels['pad'] = (input, start, step, value, output) => {
  const out = denseArray(output).fill(value)
  if (input.size === 0) return
  const x = denseArray(input)
  const strides = denseStrides(output.shape)
  const steps = strides.map((stride, axis) => stride * at(step, axis))
  const last = input.rank - 1
  const row = input.rank === 0 ? 1 : at(input.shape, last)
  const rowStep = input.rank === 0 ? 1 : at(steps, last)
  const index = new Array<number>(Math.max(0, last)).fill(0)
  let to = strides.reduce((sum, stride, axis) => sum + stride * at(start, axis), 0)
  for (let from = 0; from < x.length; from += row) {
    for (let i = 0; i < row; i++) out[to + i * rowStep] = x[from + i] as number
    for (let axis = last - 1; axis >= 0; axis--) {
      const next = at(index, axis) + 1
      to += at(steps, axis)
      if (next < at(input.shape, axis)) {
        index[axis] = next
        break
      }
      to -= next * at(steps, axis)
      index[axis] = 0
    }
  }
}
