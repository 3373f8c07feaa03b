/** Every op and every composition: the lists that the derivative checks, the documentation and the coverage tests go through. */
import { absOp } from './abs.js'
import { addOp } from './add.js'
import { all } from './all.js'
import { any } from './any.js'
import { argMaxOp } from './argMax.js'
import { argMinOp } from './argMin.js'
import { argSortOp } from './argSort.js'
import { avgPool3d } from './avgPool3d.js'
import { batchNorm } from './batchNorm.js'
import { castOp } from './cast.js'
import { clipOp } from './clip.js'
import { concatOp } from './concat.js'
import { conv3dOp } from './conv3d.js'
import { conv3dInputGradientOp } from './conv3dInputGradient.js'
import { conv3dWeightGradientOp } from './conv3dWeightGradient.js'
import { convTranspose3d } from './convTranspose3d.js'
import { cosOp } from './cos.js'
import { cumsumOp } from './cumsum.js'
import { divOp } from './div.js'
import { dropout } from './dropout.js'
import { elu } from './elu.js'
import { equalOp } from './equal.js'
import { erfOp } from './erf.js'
import { expOp } from './exp.js'
import { expandOp } from './expand.js'
import { expm1Op } from './expm1.js'
import { flipOp } from './flip.js'
import { floorOp } from './floor.js'
import { gather } from './gather.js'
import { gelu } from './gelu.js'
import { greaterOp } from './greater.js'
import { greaterEqualOp } from './greaterEqual.js'
import { groupNorm } from './groupNorm.js'
import { layerNorm } from './layerNorm.js'
import { leakyReluOp } from './leakyRelu.js'
import { lessOp } from './less.js'
import { lessEqualOp } from './lessEqual.js'
import { logOp } from './log.js'
import { log1pOp } from './log1p.js'
import { logSoftmax } from './logSoftmax.js'
import { logSumExp } from './logSumExp.js'
import { matmulOp } from './matmul.js'
import { maxOp } from './max.js'
import { maximumOp } from './maximum.js'
import { maxPool3dOp } from './maxPool3d.js'
import { mean } from './mean.js'
import { minOp } from './min.js'
import { minimumOp } from './minimum.js'
import { mulOp } from './mul.js'
import { negOp } from './neg.js'
import { instanceNorm, normActivationOp } from './normActivation.js'
import { notEqualOp } from './notEqual.js'
import { oneHot } from './oneHot.js'
import { overlapLossOp } from './overlapLoss.js'
import { padOp } from './pad.js'
import { powerOp, powOp } from './pow.js'
import { preluOp } from './prelu.js'
import { prod } from './prod.js'
import { reciprocal } from './reciprocal.js'
import { reluOp } from './relu.js'
import { repeat } from './repeat.js'
import { reshapeOp } from './reshape.js'
import { roundOp } from './round.js'
import { rsqrt } from './rsqrt.js'
import { scatterAdd } from './scatterAdd.js'
import { segmentExpandOp, segmentSumOp } from './segmentSum.js'
import { sigmoidOp } from './sigmoid.js'
import { signOp } from './sign.js'
import { sinOp } from './sin.js'
import { sliceOp } from './slice.js'
import { softmaxOp } from './softmax.js'
import { softplusOp } from './softplus.js'
import { sort } from './sort.js'
import { sqrtOp } from './sqrt.js'
import { square } from './square.js'
import { squeeze, unsqueeze } from './squeeze.js'
import { stack } from './stack.js'
import { subOp } from './sub.js'
import { sumOp } from './sum.js'
import { take } from './take.js'
import { tanhOp } from './tanh.js'
import { tile } from './tile.js'
import { transposeOp } from './transpose.js'
import { upsampleConcatOp } from './upsampleConcat.js'
import { upsampleNearestOp } from './upsampleNearest.js'
import { upsampleTrilinear } from './upsampleTrilinear.js'
import { variance } from './variance.js'
import { whereOp } from './where.js'

export const opTable = {
  add: addOp,
  sub: subOp,
  mul: mulOp,
  div: divOp,
  pow: powOp,
  power: powerOp,
  minimum: minimumOp,
  maximum: maximumOp,
  equal: equalOp,
  notEqual: notEqualOp,
  less: lessOp,
  lessEqual: lessEqualOp,
  greater: greaterOp,
  greaterEqual: greaterEqualOp,
  where: whereOp,
  neg: negOp,
  exp: expOp,
  log: logOp,
  sqrt: sqrtOp,
  sigmoid: sigmoidOp,
  abs: absOp,
  sign: signOp,
  floor: floorOp,
  round: roundOp,
  sin: sinOp,
  cos: cosOp,
  tanh: tanhOp,
  log1p: log1pOp,
  expm1: expm1Op,
  softplus: softplusOp,
  erf: erfOp,
  clip: clipOp,
  relu: reluOp,
  leakyRelu: leakyReluOp,
  prelu: preluOp,
  softmax: softmaxOp,
  cast: castOp,
  sum: sumOp,
  max: maxOp,
  min: minOp,
  argMax: argMaxOp,
  argMin: argMinOp,
  cumsum: cumsumOp,
  argSort: argSortOp,
  matmul: matmulOp,
  segmentSum: segmentSumOp,
  segmentExpand: segmentExpandOp,
  reshape: reshapeOp,
  transpose: transposeOp,
  expand: expandOp,
  slice: sliceOp,
  pad: padOp,
  concat: concatOp,
  flip: flipOp,
  conv3d: conv3dOp,
  conv3dInputGradient: conv3dInputGradientOp,
  conv3dWeightGradient: conv3dWeightGradientOp,
  maxPool3d: maxPool3dOp,
  upsampleNearest: upsampleNearestOp,
  upsampleConcat: upsampleConcatOp,
  normActivation: normActivationOp,
  overlapLoss: overlapLossOp,
}

/** Functions made of those ops: they have no kernel and no derivative rule of their own. */
export const compositionTable = {
  mean,
  variance,
  prod,
  logSumExp,
  logSoftmax,
  any,
  all,
  square,
  reciprocal,
  rsqrt,
  elu,
  gelu,
  sort,
  gather,
  take,
  scatterAdd,
  oneHot,
  repeat,
  tile,
  squeeze,
  unsqueeze,
  stack,
  convTranspose3d,
  avgPool3d,
  upsampleTrilinear,
  instanceNorm,
  batchNorm,
  groupNorm,
  layerNorm,
  dropout,
}
