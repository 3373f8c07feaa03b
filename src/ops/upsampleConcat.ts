/** concat([skip, upsampleNearest(x)]) along the channels: the way up of a U-Net in one pass over memory. */
import { checkTensor } from '../tensor/arguments.js'
import { type Op, apply } from '../autograd/graph/op.js'
import type { UpsampleGeometry } from '../backend/geometry.js'
import { kernelsOf } from '../backend/select.js'
import { ShapeError } from '../tensor/errors.js'
import { at, sameShape, show } from '../tensor/shape.js'
import { type Tensor, empty } from '../tensor/tensor.js'
import type { PerAxis } from './convolution.js'
import { checkSameDType, dense } from './elementwise.js'
import { slice } from './slice.js'
import { blockSums, upsampleGeometry, upsampledSize } from './upsampleNearest.js'

export const upsampleConcatOp: Op<readonly [Tensor, Tensor], UpsampleGeometry> = {
  name: 'upsampleConcat',
  forward([skip, x], geometry) {
    const out = empty([...skip.shape.slice(0, 4), at(skip.shape, 4) + geometry.channels], skip.dtype)
    kernelsOf(x.device).upsampleConcat(dense(skip), dense(x), geometry, out)
    return out
  },
  saves: { inputs: [] },
  vjp(g, { inputs: [skip], params: geometry }) {
    const split = at(skip.shape, 4)
    return [
      () => slice(g, [null, null, null, null, [0, split]]),
      () => blockSums(slice(g, [null, null, null, null, [split, split + geometry.channels]]), geometry),
    ]
  },
  fusedVjp(g, { inputs: [skip, x], params: geometry }) {
    const skipGradient = empty(skip.shape, skip.dtype)
    const gradient = empty(x.shape, x.dtype)
    kernelsOf(g.device).upsampleConcatGradient(dense(g), geometry, skipGradient, gradient)
    return [skipGradient, gradient]
  },
}

/** skip (B, fx·X, fy·Y, fz·Z, C1) and x (B, X, Y, Z, C2) → (B, fx·X, fy·Y, fz·Z, C1 + C2). */
export function upsampleConcat(skip: Tensor, x: Tensor, factors: PerAxis): Tensor {
  checkTensor('upsampleConcat', skip)
  const geometry = upsampleGeometry('upsampleConcat', x, factors)
  checkSameDType('upsampleConcat', [skip, x])
  const wanted = [geometry.batch, ...upsampledSize(geometry)]
  if (skip.rank !== 5 || !sameShape(skip.shape.slice(0, 4), wanted)) {
    throw new ShapeError('upsampleConcat', `skip of shape ${show([...wanted, at(skip.shape, 4)])}`, show(skip.shape))
  }
  return apply(upsampleConcatOp, [skip, x], geometry)
}
