/** The nearest integer; halves go to the even one, as in NumPy (IEEE 754 roundTiesToEven). Derivative 0, also at the jumps. */
import { type Op, apply } from '../autograd/graph/op.js'
import type { Tensor } from '../tensor/tensor.js'
import { unaryFloat } from './elementwise.js'

export const roundOp: Op<readonly [Tensor], null> = {
  name: 'round',
  forward: ([x]) => unaryFloat('round', x),
  saves: { inputs: [] },
  vjp: () => [() => null],
}

/** Nearest integer, elementwise, of a float tensor: 0.5 → 0, 1.5 → 2, 2.5 → 2. */
export function round(x: Tensor): Tensor {
  return apply(roundOp, [x], null)
}
