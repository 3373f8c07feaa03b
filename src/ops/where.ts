/** condition ? a : b. The derivative goes to the chosen side; the other gets 0. */
import { type Op, apply } from '../autograd/graph/op.js'
import { kernelsOf } from '../backend/select.js'
import { zerosLike } from '../tensor/create.js'
import { DTypeError } from '../tensor/errors.js'
import { broadcastShapes } from '../tensor/shape.js'
import { type Tensor, empty } from '../tensor/tensor.js'
import { type Operand, broadcastTo, checkSameDType, operands } from './elementwise.js'

export const whereOp: Op<readonly [Tensor, Tensor, Tensor], null> = {
  name: 'where',
  forward([condition, a, b]) {
    if (condition.dtype !== 'bool') throw new DTypeError('where', 'a bool condition', condition.dtype)
    checkSameDType('where', [a, b])
    const shape = broadcastShapes('where', condition.shape, broadcastShapes('where', a.shape, b.shape))
    const out = empty(shape, a.dtype)
    kernelsOf(a.device).where(broadcastTo(condition, shape), broadcastTo(a, shape), broadcastTo(b, shape), out)
    return out
  },
  saves: { inputs: [0] },
  vjp: (g, { inputs: [condition] }) => [
    null,
    () => where(condition, g, zerosLike(g)),
    () => where(condition, zerosLike(g), g),
  ],
}

/** a where the bool `condition` holds, b elsewhere; all three broadcast together. */
export function where(condition: Tensor, a: Operand, b: Operand): Tensor {
  return apply(whereOp, [condition, ...operands('where', a, b)], null)
}
