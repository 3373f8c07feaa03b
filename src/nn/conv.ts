/** Convolution layers: a weight, a bias, and the geometry they are used with. What they compute stands in src/ops. */
import { conv3d } from '../ops/conv3d.js'
import { type Conv3dOptions, type Padding, type PerAxis, triple } from '../ops/convolution.js'
import { type ConvTranspose3dOptions, convTranspose3d } from '../ops/convTranspose3d.js'
import type { FloatDType } from '../tensor/dtype.js'
import { ConfigError } from '../tensor/errors.js'
import type { Generator } from '../tensor/random.js'
import { sizeOf } from '../tensor/shape.js'
import { zeros } from '../tensor/create.js'
import type { Tensor } from '../tensor/tensor.js'
import { type Initializer, heNormal } from './initialize.js'
import { Module } from './module.js'
import { parameter } from './parameter.js'

interface LayerOptions {
  readonly inChannels: number
  readonly outChannels: number
  /** Voxels along each axis, such as 3 or [3, 3, 1]. */
  readonly kernel: PerAxis
  readonly stride?: PerAxis
  readonly dilation?: PerAxis
  /** Whether a learned constant is added to each output channel; it begins at 0. Default true. */
  readonly bias?: boolean
  /** Default `heNormal`. */
  readonly initializer?: Initializer
  /** Where the weight is drawn from. */
  readonly generator: Generator
  /** Default float32. */
  readonly dtype?: FloatDType
}

export interface Conv3dLayerOptions extends LayerOptions {
  /** Default 'same'. */
  readonly padding?: Padding
  readonly groups?: number
}

/** @throws ConfigError naming the field, unless it is a positive integer. */
export function checkChannels(where: string, count: number): void {
  if (!Number.isInteger(count) || count < 1) throw new ConfigError(where, 'a positive integer', String(count))
}

/**
 * x (B, X, Y, Z, Cin) → (B, X', Y', Z', Cout); weight (kx, ky, kz, Cin/groups, Cout), bias (Cout). See the op `conv3d`.
 *
 *     new Conv3d({ inChannels: 4, outChannels: 8, kernel: 3, generator: new Generator(seed) })
 */
export class Conv3d extends Module {
  readonly weight: Tensor
  readonly bias: Tensor | null
  private readonly geometry: Conv3dOptions

  constructor(options: Conv3dLayerOptions) {
    super()
    const {
      inChannels,
      outChannels,
      stride = 1,
      dilation = 1,
      padding = 'same',
      groups = 1,
      dtype = 'float32',
    } = options
    checkChannels('Conv3d.inChannels', inChannels)
    checkChannels('Conv3d.outChannels', outChannels)
    if (!Number.isInteger(groups) || groups < 1 || inChannels % groups !== 0 || outChannels % groups !== 0) {
      throw new ConfigError('Conv3d.groups', `a common divisor of ${inChannels} and ${outChannels}`, String(groups))
    }
    const kernel = triple('Conv3d', 'kernel', options.kernel, 1)
    const fans = { fanIn: sizeOf(kernel) * (inChannels / groups), fanOut: sizeOf(kernel) * (outChannels / groups) }
    const shape = [...kernel, inChannels / groups, outChannels]
    const { initializer = heNormal, generator } = options
    this.weight = parameter(initializer(shape, fans, generator, dtype))
    this.bias = options.bias === false ? null : parameter(zeros([outChannels], { dtype }))
    this.geometry = { stride, dilation, padding, groups }
  }

  override forward(x: Tensor): Tensor {
    return conv3d(x, this.weight, this.bias === null ? this.geometry : { ...this.geometry, bias: this.bias })
  }
}

export interface ConvTranspose3dLayerOptions extends LayerOptions {
  /** Voxels cut off at both ends of the result. Default 0. */
  readonly padding?: PerAxis
  /** Voxels added at the far end. Default 0. */
  readonly outputPadding?: PerAxis
}

/**
 * x (B, X, Y, Z, Cin) → (B, X', Y', Z', Cout), X' = (X − 1)·stride − 2·padding + (kx − 1)·dilation + 1 + outputPadding;
 * weight (kx, ky, kz, Cout, Cin), bias (Cout). See the op `convTranspose3d`. An output voxel meets about one in stride³ of
 * the taps, which fanIn takes into account.
 */
export class ConvTranspose3d extends Module {
  readonly weight: Tensor
  readonly bias: Tensor | null
  private readonly geometry: ConvTranspose3dOptions

  constructor(options: ConvTranspose3dLayerOptions) {
    super()
    const { inChannels, outChannels, stride = 1, dilation = 1, padding = 0, outputPadding = 0 } = options
    checkChannels('ConvTranspose3d.inChannels', inChannels)
    checkChannels('ConvTranspose3d.outChannels', outChannels)
    const kernel = triple('ConvTranspose3d', 'kernel', options.kernel, 1)
    const steps = sizeOf(triple('ConvTranspose3d', 'stride', stride, 1))
    const fans = { fanIn: (sizeOf(kernel) * inChannels) / steps, fanOut: sizeOf(kernel) * outChannels }
    const { initializer = heNormal, generator, dtype = 'float32' } = options
    this.weight = parameter(initializer([...kernel, outChannels, inChannels], fans, generator, dtype))
    this.bias = options.bias === false ? null : parameter(zeros([outChannels], { dtype }))
    this.geometry = { stride, dilation, padding, outputPadding }
  }

  override forward(x: Tensor): Tensor {
    return convTranspose3d(x, this.weight, this.bias === null ? this.geometry : { ...this.geometry, bias: this.bias })
  }
}
