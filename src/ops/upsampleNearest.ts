/** Every voxel becomes a block of equal voxels. The derivative sums over the block. */
import { type Op, apply } from '../autograd/graph/op.js'
import type { UpsampleGeometry } from '../backend/geometry.js'
import { kernelsOf } from '../backend/select.js'
import { at } from '../tensor/shape.js'
import { type Tensor, empty } from '../tensor/tensor.js'
import { type PerAxis, mapTriple, spatial, triple } from './convolution.js'
import { checkFloat, dense } from './elementwise.js'
import { reshape } from './reshape.js'
import { sum } from './sum.js'

export const upsampleNearestOp: Op<readonly [Tensor], UpsampleGeometry> = {
  name: 'upsampleNearest',
  forward([x], geometry) {
    const out = empty([geometry.batch, ...upsampledSize(geometry), geometry.channels], x.dtype)
    kernelsOf(x.device).upsampleNearest(dense(x), geometry, out)
    return out
  },
  saves: { inputs: [] },
  vjp: (g, { params }) => [() => blockSums(g, params)],
  fusedVjp(g, { inputs: [x], params: geometry }) {
    const out = empty(x.shape, x.dtype)
    kernelsOf(g.device).upsampleNearestGradient(dense(g), geometry, out)
    return [out]
  },
}

/** The transpose: sums (B, fx·X, fy·Y, fz·Z, C) over the blocks → (B, X, Y, Z, C). */
export function blockSums(g: Tensor, { batch, input, factors, channels }: UpsampleGeometry): Tensor {
  const blocks = [0, 1, 2].flatMap((axis) => [at(input, axis), at(factors, axis)])
  return sum(reshape(g, [batch, ...blocks, channels]), [2, 4, 6])
}

export function upsampledSize({ input, factors }: UpsampleGeometry): number[] {
  return mapTriple((axis) => input[axis] * factors[axis])
}

/** Sizes of an upsampling of x (B, X, Y, Z, C). */
export function upsampleGeometry(where: string, x: Tensor, factors: PerAxis): UpsampleGeometry {
  checkFloat(where, x)
  const input = spatial(where, 'input', x.shape)
  return { batch: at(x.shape, 0), input, factors: triple(where, 'factors', factors, 1), channels: at(x.shape, 4) }
}

/** x (B, X, Y, Z, C) → (B, fx·X, fy·Y, fz·Z, C) by repetition. */
export function upsampleNearest(x: Tensor, factors: PerAxis): Tensor {
  return apply(upsampleNearestOp, [x], upsampleGeometry('upsampleNearest', x, factors))
}
