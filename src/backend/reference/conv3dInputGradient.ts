/**
 * The vjp of conv3d for its input, which is also the forward pass of convTranspose3d:
 *
 *   xGradient[b, i, c] = Σ_t Σ_d outGradient[b, (i + padding − t·dilation) / stride, d] · weight[t, c, d]
 *
 * over the taps t where the division has no remainder. Those depend on (i + padding) mod stride only, so the inputs are
 * taken class by class: within one class it is a convolution with stride 1, and no product with an inserted zero is made.
 */
import type { Conv3dGeometry, FloatArray } from '../geometry.js'
import type { AxisGather } from './gather.js'
import { gatherConvolution } from './gatherConvolution.js'

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b)
}

/** One gather for every residue class of the axis; a class that no tap reaches has `taps` 0. */
function residueClasses(g: Conv3dGeometry, axis: 0 | 1 | 2): AxisGather[] {
  const size = g.input[axis]
  const stride = g.stride[axis]
  const dilation = g.dilation[axis]
  const padding = g.padding[axis]
  const tapPeriod = stride / greatestCommonDivisor(stride, dilation)
  const classes: AxisGather[] = []
  for (let first = 0; first < Math.min(stride, size); first++) {
    const reaching: number[] = []
    for (let tap = 0; tap < g.kernel[axis]; tap++) {
      if ((first + padding - tap * dilation) % stride === 0) reaching.push(tap)
    }
    // Later taps meet earlier sources: taps are walked from the last to the first, so that sources ascend.
    const last = reaching.at(-1) ?? 0
    classes.push({
      positions: Math.ceil((size - first) / stride),
      origin: Math.floor((first + padding - last * dilation) / stride),
      step: 1,
      taps: reaching.length,
      tapStep: (tapPeriod * dilation) / stride,
      firstTap: last,
      weightStep: -tapPeriod,
      targetOrigin: first,
      targetStep: stride,
    })
  }
  return classes
}

/** outGradient (B, X', Y', Z', Cout), weight (kx, ky, kz, Cin/groups, Cout) → xGradient (B, X, Y, Z, Cin), all of it written. */
export function conv3dInputGradient(
  outGradient: FloatArray,
  weight: FloatArray,
  xGradient: FloatArray,
  g: Conv3dGeometry,
): void {
  const [xs, ys, zs] = [residueClasses(g, 0), residueClasses(g, 1), residueClasses(g, 2)]
  if ([...xs, ...ys, ...zs].some((axis) => axis.taps === 0)) xGradient.fill(0)
  for (const x of xs) {
    for (const y of ys) {
      for (const z of zs) {
        if (x.taps * y.taps * z.taps === 0) continue
        gatherConvolution(outGradient, weight, null, xGradient, {
          batch: g.batch,
          groups: g.groups,
          axes: [x, y, z],
          source: g.output,
          target: g.input,
          sourceChannels: g.outChannels,
          targetChannels: g.inChannels,
          kernel: g.kernel,
          tapElements: (g.inChannels / g.groups) * g.outChannels,
          sourceStride: 1,
          targetStride: g.outChannels,
          groupStride: g.outChannels / g.groups,
        })
      }
    }
  }
}
