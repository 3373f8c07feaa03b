/** min(max(x, low), high); NaN stays. Derivative 1 where low ≤ x ≤ high, bounds included, 0 beyond, as in PyTorch's clamp. */
import { noGrad } from '../autograd/graph/node.js'
import { type Op, apply } from '../autograd/graph/op.js'
import { checkTensor } from '../tensor/arguments.js'
import { describe } from '../tensor/describe.js'
import { ConfigError } from '../tensor/errors.js'
import { scope } from '../tensor/scope.js'
import type { Tensor } from '../tensor/tensor.js'
import { cast } from './cast.js'
import { greaterEqual } from './greaterEqual.js'
import { lessEqual } from './lessEqual.js'
import { maximum } from './maximum.js'
import { minimum } from './minimum.js'
import { mul } from './mul.js'

export interface Bounds {
  readonly low: number
  readonly high: number
}

export const clipOp: Op<readonly [Tensor], Bounds> = {
  name: 'clip',
  forward: ([x], { low, high }) =>
    noGrad(() =>
      scope(() => {
        const above = low === -Infinity ? cast(x, x.dtype) : maximum(x, low)
        return high === Infinity ? above : minimum(above, high)
      }),
    ),
  vjp: (g, { inputs: [x], params: { low, high } }) => [
    () => mul(g, mul(cast(greaterEqual(x, low), g.dtype), cast(lessEqual(x, high), g.dtype))),
  ],
}

/**
 * x kept between two numbers; −Infinity and Infinity leave a side open.
 *
 *     clip(probabilities, 1e-7, 1 - 1e-7)
 *
 * @throws ConfigError unless low ≤ high.
 */
export function clip(x: Tensor, low: number, high: number): Tensor {
  checkTensor('clip', x)
  if (!(typeof low === 'number' && typeof high === 'number' && low <= high)) {
    throw new ConfigError('clip', 'numbers low ≤ high', `${describe(low)} and ${describe(high)}`)
  }
  return apply(clipOp, [x], { low, high })
}
