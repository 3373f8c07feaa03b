/** As cases.ts, for the functions that are made of other ops. */
import fc from 'fast-check'
import type { Tensor } from '../../src/index.js'
import * as phi from '../../src/index.js'
import type { compositionTable } from '../../src/ops/table.js'
import { type Arbitrary, axis, nonScalar, one, reduction, shape, unary, volume } from './cases.js'

type Factors = readonly [number, number, number]

/** A function of a tensor and an axis, at any axis of a random shape. */
const along = (f: (x: Tensor, axis: number) => Tensor): Arbitrary =>
  nonScalar.chain((s) => axis(s.length).map((a) => one((x) => f(x, a), s)))

/** A predicate over axes: compared by value only. */
const predicate = (f: (x: Tensor, axes: readonly number[], options: phi.ReduceOptions) => Tensor): Arbitrary =>
  reduction((x, axes, options) => f(phi.floor(x), axes, options)).map((each) => ({ ...each, differentiable: false }))

/** Indices of shape `s` but for `count` along axis `a` of size n; some negative, some twice. */
const indicesAlong = (s: readonly number[], a: number, count: number): Tensor => {
  const sizes = s.map((n, i) => (i === (a + s.length) % s.length ? count : n))
  const n = s.at(a) ?? 1
  return phi.tensor(
    Int32Array.from({ length: sizes.reduce((m, k) => m * k, 1) }, (_, i) => ((i * 5) % (2 * n)) - n),
    { shape: sizes },
  )
}

const norm = (f: (x: Tensor, scale: Tensor, shift: Tensor) => Tensor): Arbitrary =>
  volume.map((s) => ({ shapes: [s, s.slice(-1), s.slice(-1)], f: (x, scale, shift) => f(x, scale, shift) }))

export const compositionCases: { readonly [K in keyof typeof compositionTable]: Arbitrary } = {
  mean: reduction(phi.mean),
  variance: reduction((x, axes, options) => phi.variance(x, axes, { ...options, ddof: 0.5 })),
  prod: reduction(phi.prod),
  logSumExp: reduction(phi.logSumExp),
  logSoftmax: along(phi.logSoftmax),
  any: predicate(phi.any),
  all: predicate(phi.all),
  square: unary(phi.square),
  reciprocal: unary(phi.reciprocal),
  rsqrt: unary(phi.rsqrt, 'positive'),
  elu: unary((x) => phi.elu(x, 0.7)),
  gelu: unary(phi.gelu),
  sort: fc
    .tuple(
      nonScalar.chain((s) => fc.tuple(fc.constant(s), axis(s.length))),
      fc.boolean(),
    )
    .map(([[s, a], descending]) => one((x) => phi.sort(x, a, { descending }), s)),
  gather: nonScalar.chain((s) => axis(s.length).map((a) => one((x) => phi.gather(x, indicesAlong(s, a, 4), a), s))),
  take: nonScalar.chain((s) =>
    axis(s.length).map((a) => one((x) => phi.take(x, indicesAlong([s.at(a) ?? 1, 2], 0, 3), a), s)),
  ),
  scatterAdd: nonScalar.chain((s) =>
    axis(s.length).map((a) => {
      const indices = [...s]
      indices.splice(a, 1, 4)
      return { shapes: [s, indices], f: (x, source) => phi.scatterAdd(x, indicesAlong(s, a, 4), source, a) }
    }),
  ),
  oneHot: shape.map((s) => ({
    shapes: [s],
    f: (x) => phi.oneHot(phi.cast(phi.floor(x), 'int32'), 3),
    differentiable: false,
  })),
  repeat: along((x, a) => phi.repeat(x, 3, a)),
  tile: shape.map((s) =>
    one(
      (x) =>
        phi.tile(
          x,
          s.map((_, i) => 1 + (i % 3)),
        ),
      s,
    ),
  ),
  squeeze: shape.map((s) => one((x) => phi.squeeze(x), s)),
  unsqueeze: shape.chain((s) => axis(s.length + 1).map((a) => one((x) => phi.unsqueeze(x, a), s))),
  stack: shape.chain((s) => axis(s.length + 1).map((a) => ({ shapes: [s, s], f: (x, y) => phi.stack([x, y], a) }))),
  convTranspose3d: fc.constantFrom([2, 2, 1], [1, 2, 3]).map((kernel) => ({
    shapes: [
      [1, 2, 3, 2, 2],
      [...kernel, 2, 2],
    ],
    f: (x, weight) => phi.convTranspose3d(x, weight, { stride: 2 }),
  })),
  avgPool3d: fc
    .tuple(volume, fc.constantFrom<Factors>([2, 2, 1], [1, 2, 2], [2, 2, 2]))
    .map(([s, window]) => one((x) => phi.avgPool3d(x, window), s)),
  upsampleTrilinear: fc
    .tuple(volume, fc.constantFrom<Factors>([2, 1, 1], [1, 2, 3]))
    .map(([s, factors]) => one((x) => phi.upsampleTrilinear(x, factors), s)),
  instanceNorm: norm((x, scale, shift) => phi.instanceNorm(x, scale, shift)),
  batchNorm: norm((x, scale, shift) => phi.batchNorm(x, scale, shift)),
  groupNorm: norm((x, scale, shift) => phi.groupNorm(x, scale.size % 2 === 0 ? 2 : 1, scale, shift)),
  layerNorm: norm((x, scale, shift) => phi.layerNorm(x, scale, shift, { epsilon: 0.1 })),
  dropout: unary((x) => phi.dropout(x, 0.4, { generator: new phi.Generator(3) })),
}
