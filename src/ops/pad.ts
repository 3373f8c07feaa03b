/** Writes a tensor into a larger one. `place` is the transpose of `slice`; `pad` is what users call. */
import { describe, isList } from '../tensor/describe.js'
import { checkTensor } from '../tensor/arguments.js'
import { type Op, apply } from '../autograd/graph/op.js'
import { kernelsOf } from '../backend/select.js'
import { ConfigError, ShapeError } from '../tensor/errors.js'
import { type Shape, at, checkShape } from '../tensor/shape.js'
import { type Tensor, empty } from '../tensor/tensor.js'
import { dense } from './elementwise.js'
import { window } from './slice.js'

export interface PadParams {
  readonly shape: Shape
  readonly start: readonly number[]
  readonly step: readonly number[]
  readonly value: number
}

export const padOp: Op<readonly [Tensor], PadParams> = {
  name: 'pad',
  forward([x], { shape, start, step, value }) {
    const out = empty(shape, x.dtype)
    kernelsOf(x.device).pad(dense(x), start, step, value, out)
    return out
  },
  saves: { inputs: [] },
  vjp: (g, { inputs: [x], params: { start, step } }) => [() => window(g, { start, step, shape: x.shape })],
}

/** Zeros of `shape` with x written into them from `start` on, `step` elements apart. */
export function place(x: Tensor, shape: Shape, start: readonly number[], step: readonly number[]): Tensor {
  return apply(padOp, [x], { shape, start, step, value: 0 })
}

/** x with `widths[axis] = [before, after]` elements of `value` around it. */
export function pad(x: Tensor, widths: readonly (readonly [before: number, after: number])[], value = 0): Tensor {
  checkTensor('pad', x)
  const pairs = isList(widths) && widths.every((pair) => isList(pair) && pair.length === 2)
  if (!pairs || widths.length !== x.rank || !widths.flat().every((n) => Number.isSafeInteger(n) && n >= 0)) {
    throw new ShapeError(
      'pad',
      `[before, after] ≥ 0 for each of ${x.rank} axes`,
      isList(widths) ? JSON.stringify(widths) : describe(widths),
    )
  }
  if (typeof value !== 'number') throw new ConfigError('pad.value', 'a number', describe(value))
  const shape = widths.map(([before, after], axis) => before + at(x.shape, axis) + after)
  checkShape('pad', shape)
  return apply(padOp, [x], { shape, start: widths.map(([before]) => before), step: x.shape.map(() => 1), value })
}
