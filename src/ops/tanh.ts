/** tanh x. Derivative 1 − tanh² x. */
import { type Op, apply } from '../autograd/graph/op.js'
import type { Tensor } from '../tensor/tensor.js'
import { mul } from './mul.js'
import { sub } from './sub.js'
import { unaryFloat } from './elementwise.js'

export const tanhOp: Op<readonly [Tensor], null> = {
  name: 'tanh',
  forward: ([x]) => unaryFloat('tanh', x),
  saves: { inputs: [], output: true },
  vjp: (g, { output }) => [() => mul(g, sub(1, mul(output, output)))],
}

/** Hyperbolic tangent, elementwise. */
export function tanh(x: Tensor): Tensor {
  return apply(tanhOp, [x], null)
}
