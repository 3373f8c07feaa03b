/**
 * x where x > 0, alpha·x elsewhere, alpha one learned slope per channel. Derivatives: 1 or alpha in x, 0 or x in alpha; at
 * x = 0 those of the negative side, as for leakyRelu. Source: He et al., "Delving deep into rectifiers", ICCV 2015.
 */
import { noGrad } from '../autograd/graph/node.js'
import { type Op, apply } from '../autograd/graph/op.js'
import { ShapeError } from '../tensor/errors.js'
import { scope } from '../tensor/scope.js'
import { at, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { checkFloat, checkSameDType } from './elementwise.js'
import { greater } from './greater.js'
import { mul } from './mul.js'
import { where } from './where.js'

export const preluOp: Op<readonly [Tensor, Tensor], null> = {
  name: 'prelu',
  forward: ([x, alpha]) => noGrad(() => scope(() => where(greater(x, 0), x, mul(x, alpha)))),
  vjp: (g, { inputs: [x, alpha] }) => [
    () => where(greater(x, 0), g, mul(g, alpha)),
    () => where(greater(x, 0), 0, mul(g, x)),
  ],
}

/**
 * x (…, C), alpha (C) → (…, C).
 *
 * @throws ShapeError unless alpha has one slope per channel; DTypeError unless both are of one float dtype.
 */
export function prelu(x: Tensor, alpha: Tensor): Tensor {
  checkFloat('prelu', x)
  checkSameDType('prelu', [x, alpha])
  if (x.rank === 0) throw new ShapeError('prelu', 'x of shape (…,C)', 'a scalar')
  const channels = at(x.shape, x.rank - 1)
  if (alpha.rank !== 1 || alpha.size !== channels) {
    throw new ShapeError('prelu', `alpha of shape (${channels},)`, show(alpha.shape))
  }
  return apply(preluOp, [x, alpha], null)
}
