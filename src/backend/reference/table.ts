/** The reference backend: every kernel in pure TypeScript. It is what the other backends are tested against. */
import type { Kernels } from '../kernels.js'
import { adamStep } from './adamStep.js'
import { add } from './add.js'
import { sub } from './sub.js'
import { mul } from './mul.js'
import { div } from './div.js'
import { pow } from './pow.js'
import { minimum } from './minimum.js'
import { maximum } from './maximum.js'
import { equal } from './equal.js'
import { notEqual } from './notEqual.js'
import { less } from './less.js'
import { lessEqual } from './lessEqual.js'
import { greater } from './greater.js'
import { greaterEqual } from './greaterEqual.js'
import { neg } from './neg.js'
import { exp } from './exp.js'
import { log } from './log.js'
import { sqrt } from './sqrt.js'
import { sigmoid } from './sigmoid.js'
import { relu } from './relu.js'
import { leakyRelu } from './leakyRelu.js'
import { copy } from './copy.js'
import { cast } from './cast.js'
import { volumeKernels } from './volumes.js'
import { where } from './where.js'
import { abs } from './abs.js'
import { sign } from './sign.js'
import { floor } from './floor.js'
import { round } from './round.js'
import { sin } from './sin.js'
import { cos } from './cos.js'
import { tanh } from './tanh.js'
import { log1p } from './log1p.js'
import { expm1 } from './expm1.js'
import { softplus } from './softplus.js'
import { erf } from './erf.js'
import { min } from './min.js'
import { argMax } from './argMax.js'
import { argMin } from './argMin.js'
import { cumsum } from './cumsum.js'
import { argSort } from './argSort.js'
import { matmul } from './matmul.js'
import { sum } from './sum.js'
import { max } from './max.js'
import { segmentSum } from './segmentSum.js'
import { segmentExpand } from './segmentExpand.js'
import { pad } from './pad.js'
import { concat } from './concat.js'
import { softmax } from './softmax.js'
import { overlapGradient } from './overlapGradient.js'
import { overlapStatistics } from './overlapStatistics.js'

export const referenceKernels: Kernels = {
  adamStep,
  add,
  sub,
  mul,
  div,
  pow,
  minimum,
  maximum,
  equal,
  notEqual,
  less,
  lessEqual,
  greater,
  greaterEqual,
  neg,
  exp,
  log,
  sqrt,
  sigmoid,
  abs,
  sign,
  floor,
  round,
  sin,
  cos,
  tanh,
  log1p,
  expm1,
  softplus,
  erf,
  relu,
  leakyRelu,
  copy,
  cast,
  where,
  sum,
  max,
  min,
  argMax,
  argMin,
  cumsum,
  argSort,
  matmul,
  segmentSum,
  segmentExpand,
  pad,
  concat,
  softmax,
  overlapStatistics,
  overlapGradient,
  ...volumeKernels,
}
