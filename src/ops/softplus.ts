/** ln(1 + e^x), a smooth max(x, 0). Derivative σ(x). */
import { type Op, apply } from '../autograd/graph/op.js'
import type { Tensor } from '../tensor/tensor.js'
import { mul } from './mul.js'
import { sigmoid } from './sigmoid.js'
import { unaryFloat } from './elementwise.js'

export const softplusOp: Op<readonly [Tensor], null> = {
  name: 'softplus',
  forward: ([x]) => unaryFloat('softplus', x),
  saves: { inputs: [0] },
  vjp: (g, { inputs: [x] }) => [() => mul(g, sigmoid(x))],
}

/** ln(1 + e^x), elementwise; never overflows. */
export function softplus(x: Tensor): Tensor {
  return apply(softplusOp, [x], null)
}
