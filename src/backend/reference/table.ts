/** The reference backend: every kernel in pure TypeScript. It is what the other backends are tested against. */
import type { Kernels } from '../kernels.js'
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
import { sum } from './sum.js'
import { max } from './max.js'
import { segmentSum } from './segmentSum.js'
import { segmentExpand } from './segmentExpand.js'
import { pad } from './pad.js'
import { concat } from './concat.js'
import { softmax } from './softmax.js'

export const referenceKernels: Kernels = {
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
  relu,
  leakyRelu,
  copy,
  cast,
  where,
  sum,
  max,
  segmentSum,
  segmentExpand,
  pad,
  concat,
  softmax,
  ...volumeKernels,
}
