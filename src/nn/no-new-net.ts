/**
 * The 3-D U-Net of the paper's experiments: No New-Net in pre-activation form, with the generality of the authors'
 * networks (widths and kernels of every convolution, pooling per level, either norm, either activation).
 * Source: Isensee et al., "No New-Net", BrainLes 2018; Tilborghs, Bertels et al., MICCAI 2022, Sect. 3.
 */
import { type PerAxis, mapTriple, triple } from '../ops/convolution.js'
import { maxPool3d } from '../ops/maxPool3d.js'
import { sigmoid } from '../ops/sigmoid.js'
import { softmax } from '../ops/softmax.js'
import { upsampleConcat } from '../ops/upsampleConcat.js'
import type { FloatDType } from '../tensor/dtype.js'
import { ConfigError, ShapeError } from '../tensor/errors.js'
import type { Generator } from '../tensor/random.js'
import { scope } from '../tensor/scope.js'
import { at, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { LeakyReLU, NormActivation, PReLU } from './activation.js'
import { Conv3d, checkChannels } from './conv.js'
import { Module } from './module.js'
import { BatchNorm, InstanceNorm, type Norm } from './norm.js'

/** One resolution of the network; level 0 is the input's own. */
export interface LevelOptions {
  /** Output channels of the convolutions on the way down, in their order; at least one. */
  readonly down: readonly number[]
  /** The same on the way up, after the skip concatenation; none in the lowest level, which has no way up. */
  readonly up: readonly number[]
  /** Kernel of each of these convolutions. Default 3×3×3. */
  readonly kernels?: { readonly down?: readonly PerAxis[]; readonly up?: readonly PerAxis[] }
}

interface CommonOptions {
  /** Default 4: the modalities of BraTS. */
  readonly inChannels?: number
  /** Default 1. */
  readonly outChannels?: number
  /** Default 'instance'. */
  readonly norm?: 'instance' | 'batch'
  /** Of batch normalisation; see `BatchNormOptions`. */
  readonly momentum?: number
  /** Default 'leakyRelu'. */
  readonly activation?: 'leakyRelu' | 'prelu'
  /** Of the leaky ReLU; default 0.01. */
  readonly slope?: number
  /** What makes probabilities of logits: default 'sigmoid'; 'softmax' over the channels. */
  readonly head?: 'sigmoid' | 'softmax'
  /** Where the weights are drawn from: He normal, in the order down, up (lowest first), head. */
  readonly generator: Generator
  /** Default float32. */
  readonly dtype?: FloatDType
}

export interface NoNewNetOptions extends CommonOptions {
  readonly levels: readonly LevelOptions[]
  /** pooling[i]: factors between levels i and i + 1, such as [2, 2, 1]. Default 2 everywhere. */
  readonly pooling?: readonly PerAxis[]
}

/** [norm → activation →] convolution. */
class PreActivationConv extends Module {
  constructor(
    readonly preactivation: NormActivation | null,
    readonly conv: Conv3d,
  ) {
    super()
  }

  override forward(x: Tensor): Tensor {
    return this.conv.call(this.preactivation === null ? x : this.preactivation.call(x))
  }
}

/**
 * x (B, X, Y, Z, Cin) → probabilities (B, X, Y, Z, Cout).
 *
 * Down: in each level the convolutions of `down`, then max pooling. Up: nearest ('copy') upsampling, concatenation
 * [skip, upsampled], the convolutions of `up`. Head: a 1×1×1 convolution, then sigmoid or softmax. Every convolution, the
 * head's too, is norm → activation → conv with bias and 'same' padding; the very first one is bare.
 *
 *     const net = new NoNewNet({ levels: [{ down: [8], up: [8] }, { down: [16], up: [] }], generator: new Generator(seed) })
 *     const probabilities = net.call(images)
 *
 * @throws ConfigError naming the option; ShapeError for an input of other channels or of sizes that pooling does not divide.
 */
export class NoNewNet extends Module {
  private readonly down: readonly (readonly PreActivationConv[])[]
  private readonly up: readonly (readonly PreActivationConv[])[]
  private readonly head: PreActivationConv
  private readonly pooling: readonly (readonly [number, number, number])[]
  private readonly inChannels: number
  private readonly activation: 'sigmoid' | 'softmax'

  constructor(options: NoNewNetOptions) {
    super()
    const { levels, inChannels = 4, outChannels = 1 } = options
    checkChannels('NoNewNet.inChannels', inChannels)
    checkChannels('NoNewNet.outChannels', outChannels)
    checkLevels(levels)
    this.inChannels = inChannels
    this.activation = oneOf('head', options.head ?? 'sigmoid', ['sigmoid', 'softmax'])
    this.pooling = poolingOf(options)
    const builder = new Builder(options, inChannels)
    this.down = levels.map(({ down, kernels }, i) => builder.convolutions(`levels[${i}].down`, down, kernels?.down))
    const skips = levels.map(({ down }) => at(down, down.length - 1))
    const up: PreActivationConv[][] = []
    for (let i = levels.length - 2; i >= 0; i--) {
      builder.channels += at(skips, i)
      up.unshift(builder.convolutions(`levels[${i}].up`, levels[i]?.up ?? [], levels[i]?.kernels?.up))
    }
    this.up = up
    this.head = builder.convolution(outChannels, 1)
  }

  override forward(x: Tensor): Tensor {
    const z = this.logits(x)
    return this.activation === 'softmax' ? softmax(z) : sigmoid(z)
  }

  /** What the sigmoid or softmax is applied to: (B, X, Y, Z, Cout). For losses with `fromLogits`. */
  logits(x: Tensor): Tensor {
    this.checkInput(x)
    return scope(() => this.head.call(this.level(0, x)))
  }

  /** Level i and all below it: x on the level's grid → what the level hands up. */
  private level(i: number, x: Tensor): Tensor {
    const factors = this.pooling[i]
    return scope(() => {
      const skip = through(this.down[i] ?? [], x)
      if (factors === undefined) return skip
      const below = this.level(i + 1, maxPool3d(skip, factors))
      return through(this.up[i] ?? [], upsampleConcat(skip, below, factors))
    })
  }

  private checkInput(x: Tensor): void {
    const product = mapTriple((axis) => this.pooling.reduce((n, factors) => n * factors[axis], 1))
    const fits = x.rank === 5 && at(x.shape, 4) === this.inChannels
    if (!fits || product.some((n, axis) => at(x.shape, axis + 1) % n !== 0)) {
      const wanted = `x of shape (B,X,Y,Z,${this.inChannels}) with X, Y, Z multiples of ${product.join(', ')}`
      throw new ShapeError('NoNewNet', wanted, show(x.shape))
    }
  }
}

function through(convolutions: readonly PreActivationConv[], x: Tensor): Tensor {
  return scope(() => convolutions.reduce((y, convolution) => convolution.call(y), x))
}

/** Makes the convolutions in the order in which data passes through them. */
class Builder {
  private first = true

  /** `channels`: of the tensor that the next convolution reads. */
  constructor(
    private readonly options: CommonOptions,
    public channels: number,
  ) {
    oneOf('norm', options.norm ?? 'instance', ['instance', 'batch'])
    oneOf('activation', options.activation ?? 'leakyRelu', ['leakyRelu', 'prelu'])
  }

  convolutions(where: string, widths: readonly number[], kernels: readonly PerAxis[] | undefined): PreActivationConv[] {
    if (kernels !== undefined && kernels.length !== widths.length) {
      throw new ConfigError(`NoNewNet.${where}`, `${widths.length} kernels, one per width`, String(kernels.length))
    }
    return widths.map((width, i) => this.convolution(width, kernels?.[i] ?? 3))
  }

  convolution(outChannels: number, kernel: PerAxis): PreActivationConv {
    const { channels, options, first } = this
    const { generator, dtype = 'float32' } = options
    const preactivation = first ? null : new NormActivation(this.norm(channels), this.activation(channels))
    this.first = false
    this.channels = outChannels
    return new PreActivationConv(
      preactivation,
      new Conv3d({ inChannels: channels, outChannels, kernel, generator, dtype }),
    )
  }

  private norm(channels: number): Norm {
    const { norm = 'instance', momentum = 0.1, dtype = 'float32' } = this.options
    return norm === 'batch' ? new BatchNorm({ channels, momentum, dtype }) : new InstanceNorm({ channels, dtype })
  }

  private activation(channels: number): LeakyReLU | PReLU {
    const { activation = 'leakyRelu', slope = 0.01, dtype = 'float32' } = this.options
    return activation === 'prelu' ? new PReLU({ channels, dtype }) : new LeakyReLU(slope)
  }
}

function oneOf<T extends string>(field: string, value: T, allowed: readonly T[]): T {
  if (!allowed.includes(value)) throw new ConfigError(`NoNewNet.${field}`, `one of ${allowed.join(', ')}`, value)
  return value
}

function checkLevels(levels: readonly LevelOptions[]): void {
  if (levels.length === 0) throw new ConfigError('NoNewNet.levels', 'at least one level', 'none')
  levels.forEach(({ down, up }, i) => {
    if (down.length === 0) throw new ConfigError(`NoNewNet.levels[${i}].down`, 'at least one width', 'none')
    if (i === levels.length - 1 && up.length > 0) {
      throw new ConfigError(`NoNewNet.levels[${i}].up`, 'no widths in the lowest level', up.join(', '))
    }
    for (const [side, widths] of Object.entries({ down, up })) {
      for (const width of widths) checkChannels(`NoNewNet.levels[${i}].${side}`, width)
    }
  })
}

function poolingOf({ levels, pooling }: NoNewNetOptions): (readonly [number, number, number])[] {
  const count = levels.length - 1
  const factors = pooling ?? Array.from({ length: count }, () => 2)
  if (factors.length !== count) {
    throw new ConfigError(
      'NoNewNet.pooling',
      `${count} factors, one between each pair of levels`,
      String(factors.length),
    )
  }
  return factors.map((factor) => triple('NoNewNet', 'pooling', factor, 1))
}

/**
 * The regular form: two convolutions per level and side, `base`·2^level wide, on the way up halved at the second where a
 * level lies above. `noNewNet({ base: 30, levels: 5, generator })` has 14 493 901 parameters.
 */
export function noNewNet(
  options: CommonOptions & { readonly base: number; readonly levels: number; readonly pooling?: readonly PerAxis[] },
): NoNewNet {
  const { base, levels: count } = options
  checkChannels('noNewNet.base', base)
  checkChannels('noNewNet.levels', count)
  const levels = Array.from({ length: count }, (_, i): LevelOptions => {
    const width = base * 2 ** i
    const half = Math.floor(width / 2)
    if (i === count - 1) return { down: [width, half], up: [] }
    return { down: [width, width], up: [width, i === 0 ? width : half] }
  })
  return new NoNewNet({ ...options, levels })
}

/** The network of the phantom studies: three levels, one convolution per side in the first; 60.0 k parameters for 4 → 1. */
export function phantomNet(options: CommonOptions): NoNewNet {
  const levels = [
    { down: [8], up: [8] },
    { down: [16, 16], up: [16, 8] },
    { down: [32, 16], up: [] },
  ]
  return new NoNewNet({ ...options, levels })
}
