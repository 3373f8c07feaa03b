/** cos x. Derivative −sin x. */
import { type Op, apply } from '../autograd/graph/op.js'
import type { Tensor } from '../tensor/tensor.js'
import { mul } from './mul.js'
import { neg } from './neg.js'
import { sin } from './sin.js'
import { unaryFloat } from './elementwise.js'

export const cosOp: Op<readonly [Tensor], null> = {
  name: 'cos',
  forward: ([x]) => unaryFloat('cos', x),
  saves: { inputs: [0] },
  vjp: (g, { inputs: [x] }) => [() => neg(mul(g, sin(x)))],
}

/** Cosine of x in radians, elementwise. */
export function cos(x: Tensor): Tensor {
  return apply(cosOp, [x], null)
}
