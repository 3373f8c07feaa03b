/**
 * a^b. Derivatives b·a^(b−1), which is 0 at b = 0, and a^b·ln a, which is 0 at a = 0 for b > 0. A numeric exponent is a parameter, so that x^0, x^1 and
 * x^2 have finite derivatives of every order at 0.
 */
import { type Op, apply } from '../autograd/graph/op.js'
import { kernelsOf } from '../backend/select.js'
import { constant, onesLike } from '../tensor/create.js'
import { Tensor, empty } from '../tensor/tensor.js'
import { type Operand, binary, broadcastTo, checkFloat, operands } from './elementwise.js'
import { equal } from './equal.js'
import { log } from './log.js'
import { mul } from './mul.js'
import { sub } from './sub.js'
import { where } from './where.js'

export const powOp: Op<readonly [Tensor, Tensor], null> = {
  name: 'pow',
  forward: ([a, b]) => binary('pow', a, b, 'float'),
  vjp: (g, { inputs: [a, b] }) => [
    () => mul(g, mul(b, pow(a, sub(where(equal(b, 0), 1, b), 1)))),
    () => mul(g, mul(pow(a, b), log(where(equal(a, 0), onesLike(a), a)))),
  ],
}

export const powerOp: Op<readonly [Tensor], { readonly exponent: number }> = {
  name: 'power',
  forward([x], { exponent }) {
    checkFloat('pow', x)
    const out = empty(x.shape, x.dtype)
    kernelsOf(x.device).pow(x, broadcastTo(constant(exponent, x.dtype), x.shape), out)
    return out
  },
  vjp: (g, { inputs: [x], params: { exponent } }) => [
    () => (exponent === 0 ? null : mul(g, mul(pow(x, exponent - 1), exponent))),
  ],
}

/** a^b, elementwise, of float tensors. Broadcasts as NumPy does. */
export function pow(a: Operand, b: Operand): Tensor {
  if (a instanceof Tensor && typeof b === 'number') return apply(powerOp, [a], { exponent: b })
  return apply(powOp, operands('pow', a, b), null)
}
