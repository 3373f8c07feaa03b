/**
 * One step of Adam, in place. With g = gradient + weightDecay·parameter:
 *
 *   m ← β₁·m + (1 − β₁)·g      v ← β₂·v + (1 − β₂)·g²
 *   parameter ← parameter − learningRate · (m / (1 − β₁^t)) / (√(v / (1 − β₂^t)) + ε)
 */
import type { Kernels } from '../kernels.js'
import { denseArray } from './layout.js'

export const adamStep: Kernels['adamStep'] = (parameter, gradient, firstMoment, secondMoment, options) => {
  const { learningRate, beta1, beta2, epsilon, weightDecay, step } = options
  const p = denseArray(parameter)
  const g = denseArray(gradient)
  const m = denseArray(firstMoment)
  const v = denseArray(secondMoment)
  const rate = learningRate / (1 - beta1 ** step)
  const inverse = 1 / (1 - beta2 ** step)
  for (let i = 0; i < p.length; i++) {
    const value = p[i] as number
    const slope = (g[i] as number) + weightDecay * value
    const first = beta1 * (m[i] as number) + (1 - beta1) * slope
    const second = beta2 * (v[i] as number) + (1 - beta2) * slope * slope
    m[i] = first
    v[i] = second
    p[i] = value - (rate * first) / (Math.sqrt(second * inverse) + epsilon)
  }
}
