/** sin x. Derivative cos x. */
import { type Op, apply } from '../autograd/graph/op.js'
import type { Tensor } from '../tensor/tensor.js'
import { cos } from './cos.js'
import { mul } from './mul.js'
import { unaryFloat } from './elementwise.js'

export const sinOp: Op<readonly [Tensor], null> = {
  name: 'sin',
  forward: ([x]) => unaryFloat('sin', x),
  saves: { inputs: [0] },
  vjp: (g, { inputs: [x] }) => [() => mul(g, cos(x))],
}

/** Sine of x in radians, elementwise. */
export function sin(x: Tensor): Tensor {
  return apply(sinOp, [x], null)
}
