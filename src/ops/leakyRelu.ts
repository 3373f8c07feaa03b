/** x where x > 0, slope·x elsewhere. Derivative 1 where x > 0, slope elsewhere (slope at 0). */
import { checkNumber } from '../tensor/arguments.js'
import { type Op, apply } from '../autograd/graph/op.js'
import { kernelsOf } from '../backend/select.js'
import { type Tensor, empty } from '../tensor/tensor.js'
import { add } from './add.js'
import { cast } from './cast.js'
import { checkFloat, dense } from './elementwise.js'
import { greater } from './greater.js'
import { mul } from './mul.js'

export const leakyReluOp: Op<readonly [Tensor], { readonly slope: number }> = {
  name: 'leakyRelu',
  forward([x], { slope }) {
    checkFloat('leakyRelu', x)
    const out = empty(x.shape, x.dtype)
    kernelsOf(x.device).leakyRelu(dense(x), slope, out)
    return out
  },
  vjp: (g, { inputs: [x], params: { slope } }) => [
    () => mul(g, add(mul(cast(greater(x, 0), x.dtype), 1 - slope), slope)),
  ],
}

/** x where x > 0, slope·x elsewhere. */
export function leakyRelu(x: Tensor, slope = 0.01): Tensor {
  checkNumber('leakyRelu.slope', slope)
  return apply(leakyReluOp, [x], { slope })
}
