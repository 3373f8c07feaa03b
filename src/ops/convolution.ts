/** The shape rule of 3-D convolutions and what their three ops share. */
import { describe, isList } from '../tensor/describe.js'
import { checkTensor } from '../tensor/arguments.js'
import type { Conv3dGeometry, Triple } from '../backend/geometry.js'
import { ConfigError, ShapeError } from '../tensor/errors.js'
import { type Shape, at, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'

/** One number for all three axes, or one for each of x, y, z. */
export type PerAxis = number | Triple

/** 'same': output size ⌈input / stride⌉, the odd zero at the end; 'valid': none; else zeros before and after each axis. */
export type Padding = 'same' | 'valid' | PerAxis | readonly [Pair, Pair, Pair]
type Pair = readonly [before: number, after: number]

export interface Conv3dOptions {
  readonly stride?: PerAxis
  /** Default 'same'. */
  readonly padding?: Padding
  readonly dilation?: PerAxis
  /** Input and output channels are split into this many groups that do not meet. Default 1. */
  readonly groups?: number
}

export function triple(where: string, name: string, value: PerAxis, least: number): Triple {
  const three: Triple = typeof value === 'number' ? [value, value, value] : value
  if (!isList(three) || three.length !== 3 || !three.every((n) => Number.isSafeInteger(n) && n >= least)) {
    const got = typeof value === 'object' && isList(value) ? show(value) : describe(value)
    throw new ConfigError(`${where}.${name}`, `an integer ≥ ${least}, or three of them`, got)
  }
  return three
}

/** x, y, z of a (B, X, Y, Z, C) shape. */
export function spatial(where: string, what: string, shape: Shape): Triple {
  if (shape.length !== 5) throw new ShapeError(where, `${what} of rank 5`, show(shape))
  return [at(shape, 1), at(shape, 2), at(shape, 3)]
}

export function mapTriple<T>(f: (axis: 0 | 1 | 2) => T): [T, T, T] {
  return [f(0), f(1), f(2)]
}

function pairs(
  where: string,
  padding: Padding,
  input: Triple,
  kernel: Triple,
  stride: Triple,
  dilation: Triple,
): [Pair, Pair, Pair] {
  if (padding === 'valid')
    return [
      [0, 0],
      [0, 0],
      [0, 0],
    ]
  if (padding === 'same') {
    return mapTriple((axis) => {
      const output = Math.ceil(input[axis] / stride[axis])
      const total = Math.max(0, (output - 1) * stride[axis] + (kernel[axis] - 1) * dilation[axis] + 1 - input[axis])
      return [Math.floor(total / 2), Math.ceil(total / 2)]
    })
  }
  if (Array.isArray(padding) && padding.some((pair) => Array.isArray(pair))) {
    const flat = padding.flat()
    const isPairs = padding.length === 3 && padding.every((pair) => Array.isArray(pair) && pair.length === 2)
    if (isPairs && flat.every((n) => Number.isSafeInteger(n) && n >= 0)) return padding as [Pair, Pair, Pair]
    throw new ConfigError(`${where}.padding`, '[before, after] ≥ 0 for each of 3 axes', JSON.stringify(padding))
  }
  const each = triple(where, 'padding', padding as PerAxis, 0)
  return mapTriple((axis) => [each[axis], each[axis]])
}

/**
 * Checks a convolution of x (B, X, Y, Z, Cin) with weight (kx, ky, kz, Cin/groups, Cout) and works out its sizes.
 *
 * @throws ShapeError when ranks, channels or sizes do not fit; ConfigError for a bad option.
 */
export function convolutionGeometry(where: string, x: Shape, weight: Shape, options: Conv3dOptions): Conv3dGeometry {
  const input = spatial(where, 'input', x)
  if (weight.length !== 5) throw new ShapeError(where, 'weight of shape (kx,ky,kz,Cin,Cout)', show(weight))
  const kernel: Triple = [at(weight, 0), at(weight, 1), at(weight, 2)]
  const stride = triple(where, 'stride', options.stride ?? 1, 1)
  const dilation = triple(where, 'dilation', options.dilation ?? 1, 1)
  const { groups = 1 } = options
  const inChannels = at(x, 4)
  const outChannels = at(weight, 4)
  if (!Number.isInteger(groups) || groups < 1 || inChannels % groups !== 0 || outChannels % groups !== 0) {
    throw new ConfigError(
      `${where}.groups`,
      `a common divisor of ${inChannels} and ${outChannels} channels`,
      describe(groups),
    )
  }
  if (kernel.some((n) => n < 1) || at(weight, 3) !== inChannels / groups) {
    const wanted = [...kernel.map((n) => Math.max(1, n)), inChannels / groups, outChannels]
    throw new ShapeError(where, `weight of shape ${show(wanted)}`, show(weight))
  }
  const padding = pairs(where, options.padding ?? 'same', input, kernel, stride, dilation)
  const output = mapTriple((axis) => {
    const reach = (kernel[axis] - 1) * dilation[axis] + 1
    return Math.floor((input[axis] + padding[axis][0] + padding[axis][1] - reach) / stride[axis]) + 1
  })
  if (output.some((n) => n < 1))
    throw new ShapeError(where, `an input that a kernel of ${show(kernel)} fits in`, show(input))
  return {
    batch: at(x, 0),
    input,
    output,
    kernel,
    stride,
    dilation,
    padding: mapTriple((axis) => padding[axis][0]),
    inChannels,
    outChannels,
    groups,
  }
}

export function inputShape(g: Conv3dGeometry): Shape {
  return [g.batch, ...g.input, g.inChannels]
}

export function outputShape(g: Conv3dGeometry): Shape {
  return [g.batch, ...g.output, g.outChannels]
}

export function weightShape(g: Conv3dGeometry): Shape {
  return [...g.kernel, g.inChannels / g.groups, g.outChannels]
}

/** @throws ShapeError unless the bias has one value per output channel. */
export function checkBias(where: string, bias: Tensor | undefined, channels: number): void {
  if (bias !== undefined) checkTensor(where, bias)
  if (bias !== undefined && (bias.rank !== 1 || bias.size !== channels)) {
    throw new ShapeError(where, `bias of shape (${channels},)`, show(bias.shape))
  }
}
