/**
 * For every op of the table: how to draw inputs of random shape, and a float64 function of them that is smooth there. The
 * derivative tests run over this list, and fail when an op of the table is not in it.
 */
import fc from 'fast-check'
import type { Tensor } from '../../src/index.js'
import * as phi from '../../src/index.js'
import { conv3dInputGradient } from '../../src/ops/conv3dInputGradient.js'
import { conv3dWeightGradient } from '../../src/ops/conv3dWeightGradient.js'
import { convolutionGeometry, inputShape, outputShape, weightShape } from '../../src/ops/convolution.js'
import { diceLoss } from '../../src/losses/index.js'
import type { opTable } from '../../src/ops/table.js'

export interface Case {
  /** Shapes of the differentiable inputs. */
  readonly shapes: readonly (readonly number[])[]
  readonly f: (...inputs: Tensor[]) => Tensor
  /** Where the inputs are drawn; default: distinct values in (−2, 2), none near 0. */
  readonly domain?: 'positive'
  /** Ops without a derivative are compared by value only. */
  readonly differentiable?: false
}

export type Arbitrary = fc.Arbitrary<Case>

export const shape = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 0, maxLength: 4 })
export const axis = (rank: number): fc.Arbitrary<number> => fc.integer({ min: -rank, max: rank - 1 })
export const nonScalar = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 4 })
export const volume = fc.tuple(
  fc.integer({ min: 1, max: 2 }),
  ...[1, 2, 3].map(() => fc.integer({ min: 2, max: 4 })),
  fc.integer({ min: 1, max: 3 }),
)

/** A shape and another that broadcasts with it: leading axes missing, some sizes 1. */
const broadcastPair = shape.chain((full) =>
  fc
    .tuple(
      fc.integer({ min: 0, max: full.length }),
      fc.array(fc.boolean(), { minLength: full.length, maxLength: full.length }),
      fc.boolean(),
    )
    .map(([missing, ones, swap]) => {
      const other = full.map((n, i) => (ones[i] === true ? 1 : n)).slice(missing)
      return swap ? [other, full] : [full, other]
    }),
)

export const unary = (f: (x: Tensor) => Tensor, domain?: 'positive'): Arbitrary =>
  shape.map((s) => ({ shapes: [s], f: (x) => f(x), ...(domain && { domain }) }))

const binary = (f: (a: Tensor, b: Tensor) => Tensor, domain?: 'positive'): Arbitrary =>
  broadcastPair.map((shapes) => ({ shapes, f: (a, b) => f(a, b), ...(domain && { domain }) }))

const comparison = (f: (a: Tensor, b: Tensor) => Tensor): Arbitrary =>
  broadcastPair.map((shapes) => ({ shapes, f: (a, b) => f(a, b), differentiable: false }))

export const one = (f: (x: Tensor) => Tensor, s: readonly number[]): Case => ({ shapes: [s], f: (x) => f(x) })

type Reduction = (x: Tensor, axes: readonly number[], options: phi.ReduceOptions) => Tensor

/** Over a random subset of the axes of a random shape. */
export const reduction = (f: Reduction): Arbitrary =>
  shape.chain((s) =>
    fc
      .tuple(fc.subarray(s.map((_, i) => i)), fc.boolean())
      .map(([axes, keepDims]) => one((x) => f(x, axes, { keepDims }), s)),
  )

/** Every other element true. */
const checkered = (s: readonly number[]): Tensor => {
  const size = s.reduce((n, m) => n * m, 1)
  return phi.tensor(
    Uint8Array.from({ length: size }, (_, i) => i % 2),
    { shape: s, dtype: 'bool' },
  )
}

/** A label map with segments 0 … count − 1 and some elements in none. */
const labelMap = (s: readonly number[], count: number): Tensor => {
  const size = s.reduce((n, m) => n * m, 1)
  return phi.tensor(
    Int32Array.from({ length: size }, (_, i) => ((i * 7) % (count + 1)) - 1),
    { shape: s },
  )
}

const convolution = fc
  .record({
    batch: fc.integer({ min: 1, max: 2 }),
    input: fc.tuple(...[0, 1, 2].map(() => fc.integer({ min: 3, max: 4 }))),
    kernel: fc.constantFrom([1, 1, 1], [3, 3, 1], [2, 1, 3], [1, 2, 2]),
    channels: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 })),
    stride: fc.integer({ min: 1, max: 2 }),
    dilation: fc.constantFrom(1, 1, 2),
    padding: fc.constantFrom('same' as const, 1),
    groups: fc.integer({ min: 1, max: 2 }),
  })
  .map(({ batch, input, kernel, channels: [cin, cout], groups, ...options }) => {
    const x = [batch, ...input, cin * groups]
    const weight = [...kernel, cin, cout * groups]
    return {
      x,
      weight,
      options: { ...options, groups },
      geometry: convolutionGeometry('test', x, weight, { ...options, groups }),
    }
  })

export const cases: { readonly [K in keyof typeof opTable]: Arbitrary } = {
  add: binary(phi.add),
  sub: binary(phi.sub),
  mul: binary(phi.mul),
  div: binary(phi.div),
  pow: binary(phi.pow, 'positive'),
  power: fc.tuple(shape, fc.constantFrom(0, 1, 2, 3, -1)).map(([s, exponent]) => one((x) => phi.pow(x, exponent), s)),
  minimum: binary(phi.minimum),
  maximum: binary(phi.maximum),
  equal: comparison(phi.equal),
  notEqual: comparison(phi.notEqual),
  less: comparison(phi.less),
  lessEqual: comparison(phi.lessEqual),
  greater: comparison(phi.greater),
  greaterEqual: comparison(phi.greaterEqual),
  where: broadcastPair.map(([a = [], b = []]) => ({
    shapes: [a, b],
    f: (x, y) => phi.where(checkered(a), x, y),
  })),
  neg: unary(phi.neg),
  exp: unary(phi.exp),
  log: unary(phi.log, 'positive'),
  sqrt: unary(phi.sqrt, 'positive'),
  sigmoid: unary(phi.sigmoid),
  abs: unary(phi.abs),
  sign: unary(phi.sign),
  floor: unary(phi.floor),
  round: unary(phi.round),
  sin: unary(phi.sin),
  cos: unary(phi.cos),
  tanh: unary(phi.tanh),
  log1p: unary(phi.log1p, 'positive'),
  expm1: unary(phi.expm1),
  softplus: unary(phi.softplus),
  erf: unary(phi.erf),
  clip: unary((x) => phi.clip(x, -1, 1.5)),
  relu: unary(phi.relu),
  leakyRelu: unary((x) => phi.leakyRelu(x, 0.1)),
  prelu: nonScalar.map((s) => ({
    shapes: [s, s.slice(-1)],
    f: (x, alpha) => phi.prelu(x, alpha),
  })),
  softmax: nonScalar.chain((s) => axis(s.length).map((a) => one((x) => phi.softmax(x, a), s))),
  cast: unary((x) => phi.cast(phi.mul(x, x), 'float64')),
  sum: reduction(phi.sum),
  max: reduction(phi.max),
  min: reduction(phi.min),
  argMax: nonScalar.chain((s) =>
    axis(s.length).map((a) => ({ shapes: [s], f: (x) => phi.argMax(x, a), differentiable: false })),
  ),
  argMin: nonScalar.chain((s) =>
    axis(s.length).map((a) => ({ shapes: [s], f: (x) => phi.argMin(x, a), differentiable: false })),
  ),
  argSort: nonScalar.chain((s) =>
    axis(s.length).map((a) => ({ shapes: [s], f: (x) => phi.argSort(x, a), differentiable: false })),
  ),
  cumsum: nonScalar.chain((s) => axis(s.length).map((a) => one((x) => phi.cumsum(x, a), s))),
  matmul: fc
    .tuple(broadcastPair, fc.tuple(...[1, 2, 3].map(() => fc.integer({ min: 1, max: 5 }))))
    .map(([[a = [], b = []], [m = 1, k = 1, n = 1]]) => ({
      shapes: [
        [...a.slice(-2), m, k],
        [...b.slice(-2), k, n],
      ],
      f: (x, y) => phi.matmul(x, y),
    })),
  segmentSum: shape.map((s) => one((x) => phi.segmentSum(x, labelMap(s, 2), 2), s)),
  segmentExpand: shape.map((s) => one((x) => phi.segmentExpand(x, labelMap(s, 3)), [3])),
  reshape: shape.map((s) => one((x) => phi.reshape(phi.transpose(x), [-1]), s)),
  transpose: shape.chain((s) =>
    fc
      .shuffledSubarray(
        s.map((_, i) => i),
        { minLength: s.length },
      )
      .map((axes) => one((x) => phi.transpose(x, axes), s)),
  ),
  expand: broadcastPair.map(([a = [], b = []]) => {
    const [small, large] =
      a.length < b.length || a.reduce((n, m) => n * m, 1) < b.reduce((n, m) => n * m, 1) ? [a, b] : [b, a]
    return one((x) => phi.expand(x, large), small)
  }),
  slice: nonScalar.map((s) =>
    one(
      (x) =>
        phi.slice(
          x,
          s.map((n, i) => (i % 2 === 0 ? [0, n, 2] : n > 1 ? [1, n] : 0)),
        ),
      s,
    ),
  ),
  pad: shape.map((s) =>
    one(
      (x) =>
        phi.pad(
          x,
          s.map((_, i) => [i % 2, 1]),
          5,
        ),
      s,
    ),
  ),
  concat: nonScalar.chain((s) =>
    axis(s.length).map((a) => ({
      shapes: [s, s.map((n, i) => (i === (a + s.length) % s.length ? n + 1 : n))],
      f: (x, y) => phi.concat([x, y], a),
    })),
  ),
  flip: shape.chain((s) => fc.subarray(s.map((_, i) => i)).map((axes) => one((x) => phi.flip(x, axes), s))),
  conv3d: fc.tuple(convolution, fc.boolean()).map(([{ x, weight, options, geometry }, withBias]) => ({
    shapes: withBias ? [x, weight, [geometry.outChannels]] : [x, weight],
    f: (a, w, bias) => phi.conv3d(a, w, bias === undefined ? options : { ...options, bias }),
  })),
  conv3dInputGradient: convolution.map(({ geometry: g }) => ({
    shapes: [outputShape(g), weightShape(g)],
    f: (a, w) => conv3dInputGradient(a, w, g),
  })),
  conv3dWeightGradient: convolution.map(({ geometry: g }) => ({
    shapes: [inputShape(g), outputShape(g)],
    f: (x, a) => conv3dWeightGradient(x, a, g),
  })),
  maxPool3d: fc
    .tuple(volume, fc.constantFrom([2, 2, 1], [1, 2, 2], [2, 2, 2]) as fc.Arbitrary<readonly [number, number, number]>)
    .map(([s, window]) => one((x) => phi.maxPool3d(x, window), s)),
  upsampleNearest: fc
    .tuple(volume, fc.constantFrom([2, 1, 1], [1, 2, 2]) as fc.Arbitrary<readonly [number, number, number]>)
    .map(([s, factors]) => one((x) => phi.upsampleNearest(x, factors), s)),
  upsampleConcat: fc
    .tuple(volume, fc.constantFrom([2, 1, 1], [1, 2, 2]) as fc.Arbitrary<readonly [number, number, number]>)
    .map(([s, factors]) => {
      const [batch, ...rest] = s
      const skip = [batch, ...factors.map((factor, i) => factor * (rest[i] ?? 1)), 2]
      return { shapes: [skip, s], f: (a, b) => phi.upsampleConcat(a, b, factors) }
    }),
  normActivation: fc
    .tuple(volume, fc.constantFrom('instance' as const, 'batch' as const), fc.constantFrom(0.01, 1))
    .map(([s, over, slope]) => ({
      shapes: [s, s.slice(-1), s.slice(-1)],
      f: (x, scale, shift) => phi.normActivation(x, scale, shift, { over, slope }),
    })),
  overlapLoss: fc
    .tuple(volume, fc.constantFrom('I' as const, 'CI' as const, 'BI' as const, 'BCI' as const))
    .map(([s, phi]) => ({
      shapes: [s, s],
      f: (p, y) => diceLoss(p, y, { phi, epsilon: 1, fromLogits: 'sigmoid', norm: 'L2' }),
    })),
}

/** Inputs for a case: distinct values away from 0 and from each other, so that no tie or kink lies within a difference step. */
export function drawInputs({ shapes, domain }: Case, seed: number): Tensor[] {
  const generator = new phi.Generator(seed)
  return shapes.map((s) => {
    const size = s.reduce((n, m) => n * m, 1)
    const order = generator.permutation(size)
    const values = Float64Array.from(order, (rank) => {
      const magnitude = 0.3 + (1.7 * (rank + 0.25 + 0.5 * generator.uniform())) / size
      return domain === 'positive' || generator.uniform() < 0.5 ? magnitude : -magnitude
    })
    return phi.tensor(values, { shape: s })
  })
}
