/**
 * The checked sizes that ops hand to kernels. An op has compared every shape before it fills one of these in; a kernel
 * trusts them and looks at nothing else. Arrays are dense, in C order, channels last: (B, X, Y, Z, C).
 */

export type FloatArray = Float32Array | Float64Array

/** One value per spatial axis: x, y, z. */
export type Triple = readonly [number, number, number]

/**
 * A 3-D convolution x (B, X, Y, Z, Cin) ∗ weight (kx, ky, kz, Cin/groups, Cout) → (B, X', Y', Z', Cout):
 * output index o meets input index o·stride − padding + t·dilation at tap t; what lies outside the input is 0.
 */
export interface Conv3dGeometry {
  readonly batch: number
  readonly input: Triple
  readonly output: Triple
  readonly kernel: Triple
  readonly stride: Triple
  readonly dilation: Triple
  /** Zeros before each axis; those after it follow from the output size. */
  readonly padding: Triple
  readonly inChannels: number
  readonly outChannels: number
  readonly groups: number
}

/** Non-overlapping pooling: window = stride; the output size is ⌊input / window⌋ and what is left over is not read. */
export interface Pool3dGeometry {
  readonly batch: number
  readonly input: Triple
  readonly window: Triple
  readonly channels: number
}

/** Nearest upsampling: every input voxel becomes a block of `factors` output voxels. */
export interface UpsampleGeometry {
  readonly batch: number
  readonly input: Triple
  readonly factors: Triple
  readonly channels: number
}

/** Normalisation of x (batch, positions, channels) over `positions`. */
export interface NormGeometry {
  readonly batch: number
  readonly positions: number
  readonly channels: number
}

/** Voxels of a grid. */
export function volume(size: Triple): number {
  return size[0] * size[1] * size[2]
}
