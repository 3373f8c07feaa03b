/** Clipping of gradients by their global norm. Source: Pascanu et al., "On the difficulty of training recurrent networks", 2013. */
import { noGrad } from '../autograd/graph/node.js'
import { cast } from '../ops/cast.js'
import { mul } from '../ops/mul.js'
import { square } from '../ops/square.js'
import { sum } from '../ops/sum.js'
import { ConfigError, NumericalError } from '../tensor/errors.js'
import { scope } from '../tensor/scope.js'
import type { Tensor } from '../tensor/tensor.js'
import type { Parameters } from './optimizer.js'

/**
 * Scales all derivatives by max / norm where norm = √(Σ g²) over all parameters exceeds `max`, and returns the norm as it was.
 * Call it between `backward()` and `step()`. Parameters without a derivative count as 0. The sum is taken in float64.
 *
 *     clipGradientNorm(net.namedParameters(), 1)
 *
 * @throws ConfigError unless max > 0; NumericalError when the norm is not finite, before anything was changed.
 */
export function clipGradientNorm(parameters: Parameters, max: number): number {
  if (!(max > 0)) throw new ConfigError('clipGradientNorm.max', 'a number > 0', String(max))
  const tracked = [...parameters.values()].filter(({ grad }) => grad !== null && !grad.disposed)
  return noGrad(() =>
    scope(() => {
      const norm = Math.sqrt(tracked.reduce((total, { grad }) => total + (grad === null ? 0 : squaredNorm(grad)), 0))
      if (!Number.isFinite(norm)) throw new NumericalError('clipGradientNorm', 'a finite norm', String(norm))
      if (norm > max) for (const parameter of tracked) scaleGradient(parameter, max / norm)
      return norm
    }),
  )
}

function squaredNorm(gradient: Tensor): number {
  return sum(square(cast(gradient, 'float64'))).item()
}

/** A derivative may be a view that repeats one number, so it is replaced rather than overwritten. */
function scaleGradient({ variable }: Tensor, factor: number): void {
  if (variable === null || variable.grad === null) return
  const scaled = mul(variable.grad, factor)
  variable.grad.dispose()
  variable.grad = scaled.alias()
}
