/**
 * The native addon as TypeScript sees it: the functions of native/cpu/entries, with the argument order given there. Every
 * function refuses typed arrays of another kind or shorter than its geometry asks for; shapes are the ops' business.
 */

import type { NumberArray } from '../../tensor/dtype.js'

/** Sizes in the order that the entry reads them. */
type Sizes = Float64Array

export interface Addon {
  /** The instruction set in use: `avx512`, `avx2`, `neon` or `base`. */
  isa(): string
  /** Those this machine can run, least first. */
  isaLevels(): string[]
  /** For tests: uses another level from now on, in the whole process. */
  setIsa(level: string): void
  threads(): number
  /** Threads that may work on one kernel, the caller included; for the whole process. */
  setThreads(count: number): void

  neg: NativeUnary
  exp: NativeUnary
  log: NativeUnary
  sqrt: NativeUnary
  sigmoid: NativeUnary
  relu: NativeUnary
  leakyRelu: NativeUnary
  abs: NativeUnary

  conv3d(geometry: Sizes, x: Float32Array, weight: Float32Array, bias: Float32Array | null, out: Float32Array): void
  conv3dInputGradient(geometry: Sizes, outputGradient: Float32Array, weight: Float32Array, out: Float32Array): void
  conv3dWeightGradient(geometry: Sizes, x: Float32Array, outputGradient: Float32Array, out: Float32Array): void
  add: NativeBinary<Float32Array>
  sub: NativeBinary<Float32Array>
  mul: NativeBinary<Float32Array>
  div: NativeBinary<Float32Array>
  pow: NativeBinary<Float32Array>
  minimum: NativeBinary<Float32Array>
  maximum: NativeBinary<Float32Array>
  equal: NativeBinary<Uint8Array>
  notEqual: NativeBinary<Uint8Array>
  less: NativeBinary<Uint8Array>
  lessEqual: NativeBinary<Uint8Array>
  greater: NativeBinary<Uint8Array>
  greaterEqual: NativeBinary<Uint8Array>
  where(
    geometry: Sizes,
    condition: Uint8Array,
    conditionOffset: number,
    a: Float32Array,
    aOffset: number,
    b: Float32Array,
    bOffset: number,
    out: Float32Array,
  ): void
  copy(geometry: Sizes, x: NumberArray, offset: number, out: NumberArray): void
  pad(geometry: Sizes, x: Float32Array, value: number, out: Float32Array, offset: number): void

  /** Over the middle of (groups, length, width). */
  sum(geometry: Sizes, x: Float32Array | Float64Array, out: Float32Array | Float64Array): void
  max(geometry: Sizes, x: Float32Array, out: Float32Array): void
  min(geometry: Sizes, x: Float32Array, out: Float32Array): void
  segmentSum(x: Float32Array, labels: Int32Array, out: Float32Array): void
  segmentExpand(x: Float32Array, labels: Int32Array, out: Float32Array): void
  softmax(x: Float32Array, rows: number, classes: number, out: Float32Array): void
  /** Block k of x, `length` long, to out[start + k·step]. */
  concatPart(x: Float32Array, blocks: number, length: number, start: number, step: number, out: Float32Array): void
  floatToDouble(x: Float32Array, out: Float64Array): void
  doubleToFloat(x: Float64Array, out: Float32Array): void
  byteToFloat(x: Uint8Array, out: Float32Array): void
  floatToBool(x: Float32Array, out: Uint8Array): void

  normActivation(
    geometry: Sizes,
    x: Float32Array,
    scale: Float32Array,
    shift: Float32Array,
    epsilon: number,
    slope: number,
    out: Float32Array,
    mean: Float64Array,
    inverseDeviation: Float64Array,
  ): void
  normActivationGradient(
    geometry: Sizes,
    x: Float32Array,
    scale: Float32Array,
    shift: Float32Array,
    mean: Float64Array,
    inverseDeviation: Float64Array,
    outputGradient: Float32Array,
    slope: number,
    xOut: Float32Array,
    scaleOut: Float32Array,
    shiftOut: Float32Array,
  ): void
  maxPool3d(geometry: Sizes, x: Float32Array, out: Float32Array): void
  maxPool3dIndices(geometry: Sizes, x: Float32Array, out: Int32Array): void
  maxPool3dGradient(geometry: Sizes, x: Float32Array, outputGradient: Float32Array, out: Float32Array): void
  upsampleConcat(geometry: Sizes, skip: Float32Array | null, x: Float32Array, out: Float32Array): void
  upsampleConcatGradient(
    geometry: Sizes,
    outputGradient: Float32Array,
    skipOut: Float32Array | null,
    xOut: Float32Array,
  ): void
  overlapStatistics(...args: [...NativeOverlap, sums: Float64Array, counts: Float64Array]): void
  overlapGradient(
    ...args: [
      ...NativeOverlap,
      partials: Float64Array,
      predictionOut: Float32Array | Float64Array | null,
      targetOut: Float32Array | Float64Array | null,
    ]
  ): void
  adamStep(
    parameter: Float32Array,
    gradient: Float32Array,
    firstMoment: Float32Array,
    secondMoment: Float32Array,
    options: Float64Array,
  ): void
}

/** The operands of an overlap loss; the geometry's numbers are those of native/cpu/entries/overlap.cc. */
export type NativeOverlap = [
  geometry: Sizes,
  prediction: Float32Array | Float64Array,
  target: Float32Array | Float64Array | Uint8Array,
  mask: Uint8Array | null,
  labels: Int32Array | null,
  annotated: Uint8Array | null,
  channelFactors: Float64Array | null,
  factoredSubsets: Uint8Array | null,
]

/** out[i] = f(x[i]) for every element of out; `parameter` is the slope of leakyRelu. */
export type NativeUnary = (x: Float32Array, parameter: number, out: Float32Array) => void

/** Operands of the geometry's shape with its strides, from their offsets on; out is dense. */
export type NativeBinary<Out> = (
  geometry: Sizes,
  a: Float32Array,
  aOffset: number,
  b: Float32Array,
  bOffset: number,
  out: Out,
) => void

/** What an addon must offer to be of this version. */
const names: Readonly<Record<keyof Addon, true>> = {
  isa: true,
  isaLevels: true,
  setIsa: true,
  threads: true,
  setThreads: true,
  neg: true,
  exp: true,
  log: true,
  sqrt: true,
  sigmoid: true,
  relu: true,
  leakyRelu: true,
  abs: true,
  conv3d: true,
  conv3dInputGradient: true,
  conv3dWeightGradient: true,
  add: true,
  sub: true,
  mul: true,
  div: true,
  pow: true,
  minimum: true,
  maximum: true,
  equal: true,
  notEqual: true,
  less: true,
  lessEqual: true,
  greater: true,
  greaterEqual: true,
  where: true,
  copy: true,
  pad: true,
  sum: true,
  max: true,
  min: true,
  segmentSum: true,
  segmentExpand: true,
  softmax: true,
  concatPart: true,
  floatToDouble: true,
  doubleToFloat: true,
  byteToFloat: true,
  floatToBool: true,
  normActivation: true,
  normActivationGradient: true,
  maxPool3d: true,
  maxPool3dIndices: true,
  maxPool3dGradient: true,
  upsampleConcat: true,
  upsampleConcatGradient: true,
  overlapStatistics: true,
  overlapGradient: true,
  adamStep: true,
}

/** The functions that `module` lacks of those that this version calls. */
export function missingFunctions(module: unknown): string[] {
  const found = new Map(Object.entries(module ?? {}))
  return Object.keys(names).filter((name) => typeof found.get(name) !== 'function')
}

/** Whether a loaded module is an addon of this version. */
export function isAddon(module: unknown): module is Addon {
  return missingFunctions(module).length === 0
}
