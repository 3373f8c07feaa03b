/**
 * Largest value of non-overlapping windows, such as (2,2,1). The first element in C order wins a tie and gets the whole
 * derivative; voxels beyond the last full window are not read.
 */
import { type Op, apply } from '../autograd/graph/op.js'
import type { Pool3dGeometry } from '../backend/geometry.js'
import { kernelsOf } from '../backend/select.js'
import { ShapeError } from '../tensor/errors.js'
import { at, show } from '../tensor/shape.js'
import { type Tensor, empty } from '../tensor/tensor.js'
import { type PerAxis, mapTriple, spatial, triple } from './convolution.js'
import { checkFloat, dense } from './elementwise.js'
import { reshape } from './reshape.js'
import { segmentSum } from './segmentSum.js'

export const maxPool3dOp: Op<readonly [Tensor], Pool3dGeometry> = {
  name: 'maxPool3d',
  forward([x], geometry) {
    const out = empty(pooledShape(geometry), x.dtype)
    kernelsOf(x.device).maxPool3d(dense(x), geometry, out)
    return out
  },
  vjp: (g, { inputs: [x], params: geometry }) => [
    () => {
      const indices = empty([g.size], 'int32')
      kernelsOf(x.device).maxPool3dIndices(dense(x), geometry, indices)
      return reshape(segmentSum(reshape(g, [-1]), indices, x.size), x.shape)
    },
  ],
  fusedVjp(g, { inputs: [x], params: geometry }) {
    const out = empty(x.shape, x.dtype)
    kernelsOf(x.device).maxPool3dGradient(dense(x), dense(g), geometry, out)
    return [out]
  },
}

function pooledShape(g: Pool3dGeometry): number[] {
  return [g.batch, ...mapTriple((axis) => Math.floor(g.input[axis] / g.window[axis])), g.channels]
}

/** x (B, X, Y, Z, C) → (B, ⌊X/wx⌋, ⌊Y/wy⌋, ⌊Z/wz⌋, C); the stride is the window. */
export function maxPool3d(x: Tensor, window: PerAxis): Tensor {
  checkFloat('maxPool3d', x)
  const input = spatial('maxPool3d', 'input', x.shape)
  const size = triple('maxPool3d', 'window', window, 1)
  if (size.some((n, axis) => n > at(input, axis))) {
    throw new ShapeError('maxPool3d', `an input of at least ${show(size)} voxels`, show(input))
  }
  return apply(maxPool3dOp, [x], { batch: at(x.shape, 0), input, window: size, channels: at(x.shape, 4) })
}
