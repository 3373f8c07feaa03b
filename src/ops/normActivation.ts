/**
 * Normalisation, affine map and leaky ReLU in one: with u = (x − mean) / √(variance + ε) over the voxels of each (b, c), or of
 * each c for batch statistics, the result is leakyRelu(scale·u + shift). Variances are those of the population (÷ n).
 * Source: Ulyanov et al., "Instance normalization", 2016; Ioffe & Szegedy, "Batch normalization", ICML 2015.
 */
import { type Op, apply } from '../autograd/graph/op.js'
import type { NormGeometry } from '../backend/geometry.js'
import { type NormActivationOptions } from '../backend/kernels.js'
import { kernelsOf } from '../backend/select.js'
import { checkNumber, checkOptions, checkTensor } from '../tensor/arguments.js'
import { describe } from '../tensor/describe.js'
import { ConfigError, ShapeError } from '../tensor/errors.js'
import { at, show, sizeOf } from '../tensor/shape.js'
import { type Tensor, empty } from '../tensor/tensor.js'
import { add } from './add.js'
import { div } from './div.js'
import { checkFloat, checkSameDType, dense } from './elementwise.js'
import { leakyRelu } from './leakyRelu.js'
import { mean } from './mean.js'
import { mul } from './mul.js'
import { sqrt } from './sqrt.js'
import { sub } from './sub.js'

export interface NormParams extends NormActivationOptions {
  readonly over: 'instance' | 'batch'
}

function geometryOf(x: Tensor, over: NormParams['over']): NormGeometry {
  const voxels = sizeOf(x.shape.slice(1, -1))
  const channels = at(x.shape, x.rank - 1)
  const batch = at(x.shape, 0)
  return over === 'batch' ? { batch: 1, positions: batch * voxels, channels } : { batch, positions: voxels, channels }
}

export const normActivationOp: Op<readonly [Tensor, Tensor, Tensor], NormParams> = {
  name: 'normActivation',
  forward([x, scale, shift], params) {
    const geometry = geometryOf(x, params.over)
    const output = empty(x.shape, x.dtype)
    const [average, inverseDeviation] = [0, 1].map(() => empty([geometry.batch * geometry.channels], 'float64')) as [
      Tensor,
      Tensor,
    ]
    kernelsOf(x.device).normActivation(
      dense(x),
      dense(scale),
      dense(shift),
      params,
      geometry,
      output,
      average,
      inverseDeviation,
    )
    return { output, aside: [average, inverseDeviation] }
  },
  composition([x, scale, shift], { over, epsilon, slope }) {
    const axes = Array.from({ length: x.rank - 1 }, (_, axis) => axis).slice(over === 'batch' ? 0 : 1)
    const centered = sub(x, mean(x, axes, { keepDims: true }))
    const variance = mean(mul(centered, centered), axes, { keepDims: true })
    const affine = add(mul(div(centered, sqrt(add(variance, epsilon))), scale), shift)
    return slope === 1 ? affine : leakyRelu(affine, slope)
  },
  fusedVjp(g, { inputs: [x, scale, shift], params: { slope, over }, aside: [average, inverseDeviation] }) {
    const gradients = [empty(x.shape, x.dtype), empty(scale.shape, x.dtype), empty(shift.shape, x.dtype)] as const
    if (average === undefined || inverseDeviation === undefined) return []
    const forward = { x: dense(x), scale: dense(scale), shift: dense(shift), mean: average, inverseDeviation }
    const out = { x: gradients[0], scale: gradients[1], shift: gradients[2] }
    kernelsOf(x.device).normActivationGradient(forward, dense(g), slope, geometryOf(x, over), out)
    return gradients
  },
}

export interface NormOptions {
  /** Added to the variance. Default 1e-3, as in Keras and the authors' networks. */
  readonly epsilon?: number
  /** Statistics per image and channel ('instance', default) or per channel over the whole batch ('batch'). */
  readonly over?: 'instance' | 'batch'
}

/**
 * leakyRelu(scale · (x − mean)/√(variance + ε) + shift) for x (B, …, C), scale and shift (C).
 *
 *     normActivation(x, scale, shift, { slope: 0.01 })
 */
export function normActivation(
  x: Tensor,
  scale: Tensor,
  shift: Tensor,
  options: NormOptions & { readonly slope?: number } = {},
): Tensor {
  checkOptions('normActivation', options)
  return normalize('normActivation', x, scale, shift, options.slope ?? 0.01, options)
}

/** The same without an activation: scale · (x − mean)/√(variance + ε) + shift, statistics per image and channel. */
export function instanceNorm(
  x: Tensor,
  scale: Tensor,
  shift: Tensor,
  options: { readonly epsilon?: number } = {},
): Tensor {
  return normalize('instanceNorm', x, scale, shift, 1, options)
}

/** @throws ConfigError unless `parameter` is a tensor; ShapeError unless it has one value per channel of x. */
export function checkChannelParameter(where: string, name: string, parameter: Tensor, x: Tensor): void {
  checkTensor(where, parameter)
  const channels = at(x.shape, x.rank - 1)
  if (parameter.rank !== 1 || parameter.size !== channels) {
    throw new ShapeError(where, `${name} of shape (${channels},)`, show(parameter.shape))
  }
}

/** @throws ConfigError unless epsilon, which is added to a variance, is ≥ 0. */
export function checkEpsilon(where: string, epsilon: number): void {
  if (!(typeof epsilon === 'number' && epsilon >= 0)) {
    throw new ConfigError(`${where}.epsilon`, 'a number ≥ 0', describe(epsilon))
  }
}

function normalize(
  where: string,
  x: Tensor,
  scale: Tensor,
  shift: Tensor,
  slope: number,
  options: NormOptions,
): Tensor {
  checkTensor(where, x)
  checkOptions(where, options)
  checkFloat(where, x)
  if (x.rank < 3) throw new ShapeError(where, 'x of shape (B,…,C) with at least one spatial axis', show(x.shape))
  checkChannelParameter(where, 'scale', scale, x)
  checkChannelParameter(where, 'shift', shift, x)
  checkSameDType(where, [x, scale, shift])
  const { epsilon = 1e-3, over = 'instance' } = options
  checkEpsilon(where, epsilon)
  if (over !== 'instance' && over !== 'batch') {
    throw new ConfigError(`${where}.over`, "'instance' or 'batch'", describe(over))
  }
  checkNumber(`${where}.slope`, slope)
  return apply(normActivationOp, [x, scale, shift], { epsilon, over, slope })
}
