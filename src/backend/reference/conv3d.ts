/**
 * 3-D convolution (cross-correlation, as every network library has it), reference kernel:
 *
 *   out[b, o, d] = bias[d] + Σ_t Σ_c x[b, o·stride − padding + t·dilation, c] · weight[t, c, d]
 *
 * with c over the input channels of d's group. Shapes are those of Conv3dGeometry; they are checked by the op.
 */
import type { Conv3dGeometry, FloatArray } from '../geometry.js'
import type { AxisGather } from './gather.js'
import { gatherConvolution } from './gatherConvolution.js'

/** How outputs meet inputs along one axis. */
export function forwardAxis(g: Conv3dGeometry, axis: 0 | 1 | 2): AxisGather {
  return {
    positions: g.output[axis],
    origin: -g.padding[axis],
    step: g.stride[axis],
    taps: g.kernel[axis],
    tapStep: g.dilation[axis],
    firstTap: 0,
    weightStep: 1,
    targetOrigin: 0,
    targetStep: 1,
  }
}

/** x (B, X, Y, Z, Cin), weight (kx, ky, kz, Cin/groups, Cout), bias (Cout) → out (B, X', Y', Z', Cout), all of it written. */
export function conv3d(
  x: FloatArray,
  weight: FloatArray,
  bias: FloatArray | null,
  out: FloatArray,
  g: Conv3dGeometry,
): void {
  gatherConvolution(x, weight, bias, out, {
    batch: g.batch,
    groups: g.groups,
    axes: [forwardAxis(g, 0), forwardAxis(g, 1), forwardAxis(g, 2)],
    source: g.input,
    target: g.output,
    sourceChannels: g.inChannels,
    targetChannels: g.outChannels,
    kernel: g.kernel,
    tapElements: (g.inChannels / g.groups) * g.outChannels,
    sourceStride: g.outChannels,
    targetStride: 1,
    groupStride: g.outChannels / g.groups,
  })
}
