/** Every op: the list that the derivative checks, the documentation and the coverage tests go through. */
import { addOp } from './add.js'
import { castOp } from './cast.js'
import { concatOp } from './concat.js'
import { conv3dOp } from './conv3d.js'
import { conv3dInputGradientOp } from './conv3dInputGradient.js'
import { conv3dWeightGradientOp } from './conv3dWeightGradient.js'
import { divOp } from './div.js'
import { equalOp } from './equal.js'
import { expOp } from './exp.js'
import { expandOp } from './expand.js'
import { flipOp } from './flip.js'
import { greaterOp } from './greater.js'
import { greaterEqualOp } from './greaterEqual.js'
import { leakyReluOp } from './leakyRelu.js'
import { lessOp } from './less.js'
import { lessEqualOp } from './lessEqual.js'
import { logOp } from './log.js'
import { maxOp } from './max.js'
import { maximumOp } from './maximum.js'
import { maxPool3dOp } from './maxPool3d.js'
import { minimumOp } from './minimum.js'
import { mulOp } from './mul.js'
import { negOp } from './neg.js'
import { normActivationOp } from './normActivation.js'
import { notEqualOp } from './notEqual.js'
import { padOp } from './pad.js'
import { powerOp, powOp } from './pow.js'
import { reluOp } from './relu.js'
import { reshapeOp } from './reshape.js'
import { segmentExpandOp, segmentSumOp } from './segmentSum.js'
import { sigmoidOp } from './sigmoid.js'
import { sliceOp } from './slice.js'
import { softmaxOp } from './softmax.js'
import { sqrtOp } from './sqrt.js'
import { subOp } from './sub.js'
import { sumOp } from './sum.js'
import { transposeOp } from './transpose.js'
import { upsampleConcatOp } from './upsampleConcat.js'
import { upsampleNearestOp } from './upsampleNearest.js'
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
  relu: reluOp,
  leakyRelu: leakyReluOp,
  softmax: softmaxOp,
  cast: castOp,
  sum: sumOp,
  max: maxOp,
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
}
