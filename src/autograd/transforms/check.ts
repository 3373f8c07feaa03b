/** Numerical checks of derivatives in float64: the analytic Jacobian against central differences. */
import { DTypeError, NumericalError } from '../../tensor/errors.js'
import { Generator } from '../../tensor/random.js'
import { scope } from '../../tensor/scope.js'
import { show } from '../../tensor/shape.js'
import { randn, tensor } from '../../tensor/create.js'
import type { Tensor } from '../../tensor/tensor.js'
import { add } from '../../ops/add.js'
import { mul } from '../../ops/mul.js'
import { sum } from '../../ops/sum.js'
import { noGrad, withRecording } from '../graph/node.js'
import { gradientsOf } from './grad.js'

export interface GradcheckOptions {
  /** Half the width of the central difference, relative to max(1, |x|). Default 1e-5. */
  readonly step?: number
  /** Largest allowed |analytic − numeric| / max(1, |numeric|). Default 1e-6. */
  readonly tolerance?: number
  /** Seed of the random cotangent. */
  readonly seed?: number
}

type Differentiable = (...inputs: Tensor[]) => Tensor

/**
 * Compares the derivative of Σ c·f(x), c a random cotangent, with central differences in every element of every input.
 *
 * @throws NumericalError naming the input, the element and both values where they differ; DTypeError unless all are float64.
 */
export function gradcheck(f: Differentiable, inputs: readonly Tensor[], options: GradcheckOptions = {}): void {
  scope(() => {
    checkFloat64(inputs)
    compare('gradcheck', (...x) => projected(f, x, options.seed ?? 0), inputs, options)
  })
}

/** The same for the derivative itself: compares the second derivative with central differences of the first. */
export function gradgradcheck(f: Differentiable, inputs: readonly Tensor[], options: GradcheckOptions = {}): void {
  scope(() => {
    checkFloat64(inputs)
    const seed = options.seed ?? 0
    const directions = inputs.map((x, i) => randn(x.shape, { dtype: 'float64', generator: new Generator(seed, 1 + i) }))
    compare(
      'gradgradcheck',
      (...x) => {
        const tracked = x.map((each) => (each.requiresGrad ? each : each.detach().requireGrad()))
        const value = withRecording(true, () => projected(f, tracked, seed))
        const gradients = gradientsOf(value, tensor(1, { dtype: 'float64' }), tracked, true)
        const parts = withRecording(true, () => gradients.map((g, i) => sum(mul(g, directions[i] ?? g))))
        return withRecording(true, () => parts.reduce((total, part) => add(total, part)))
      },
      inputs,
      options,
    )
  })
}

function checkFloat64(inputs: readonly Tensor[]): void {
  for (const x of inputs) if (x.dtype !== 'float64') throw new DTypeError('gradcheck', 'float64 inputs', x.dtype)
}

/** Σ c·f(x) with c standard normal. */
function projected(f: Differentiable, inputs: readonly Tensor[], seed: number): Tensor {
  const output = f(...inputs)
  const cotangent = randn(output.shape, { dtype: 'float64', generator: new Generator(seed, 0) })
  return sum(mul(output, cotangent))
}

function compare(where: string, f: Differentiable, inputs: readonly Tensor[], options: GradcheckOptions): void {
  const { step = 1e-5, tolerance = 1e-6 } = options
  const tracked = inputs.map((x) => x.detach().requireGrad())
  const value = withRecording(true, () => f(...tracked))
  const analytic = gradientsOf(value, tensor(1, { dtype: 'float64' }), tracked, false).map((g) => g.data())
  inputs.forEach((input, which) => {
    const center = input.data()
    const at = (i: number, x: number): number =>
      scope(() => {
        const moved = center.slice()
        moved[i] = x
        const arguments_ = inputs.map((each, k) =>
          k === which ? tensor(moved, { shape: input.shape, dtype: 'float64' }) : each,
        )
        return noGrad(() => f(...arguments_)).item()
      })
    center.forEach((x, i) => {
      const h = step * Math.max(1, Math.abs(x))
      const numeric = (at(i, x + h) - at(i, x - h)) / (2 * h)
      const found = analytic[which]?.[i] ?? Number.NaN
      if (!(Math.abs(found - numeric) <= tolerance * Math.max(1, Math.abs(numeric)))) {
        throw new NumericalError(
          where,
          `derivative ${numeric} in element ${i} of input ${which} of shape ${show(input.shape)}`,
          String(found),
        )
      }
    })
  })
}
