/** The error function 2/√π ∫₀ˣ e^−t² dt. Derivative 2/√π · e^−x². */
import { type Op, apply } from '../autograd/graph/op.js'
import type { Tensor } from '../tensor/tensor.js'
import { exp } from './exp.js'
import { mul } from './mul.js'
import { neg } from './neg.js'
import { unaryFloat } from './elementwise.js'

export const erfOp: Op<readonly [Tensor], null> = {
  name: 'erf',
  forward: ([x]) => unaryFloat('erf', x),
  saves: { inputs: [0] },
  vjp: (g, { inputs: [x] }) => [() => mul(g, mul(exp(neg(mul(x, x))), 2 / Math.sqrt(Math.PI)))],
}

/** Error function, elementwise. */
export function erf(x: Tensor): Tensor {
  return apply(erfOp, [x], null)
}
