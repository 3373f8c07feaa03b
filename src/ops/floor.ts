/** ⌊x⌋. Constant between integers, so its derivative is 0, also at the jumps. */
import { type Op, apply } from '../autograd/graph/op.js'
import type { Tensor } from '../tensor/tensor.js'
import { unaryFloat } from './elementwise.js'

export const floorOp: Op<readonly [Tensor], null> = {
  name: 'floor',
  forward: ([x]) => unaryFloat('floor', x),
  saves: { inputs: [] },
  vjp: () => [() => null],
}

/** Largest integer ≤ x, elementwise, of a float tensor. */
export function floor(x: Tensor): Tensor {
  return apply(floorOp, [x], null)
}
