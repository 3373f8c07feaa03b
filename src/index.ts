/** phigrad: tensors, ops and derivatives. Networks, optimizers, losses and the rest have entries of their own. */
import './ops/methods.js'

export * from './tensor/errors.js'
export { dtypes, type DType, type FloatDType, type NumberArray } from './tensor/dtype.js'
export type { Shape } from './tensor/shape.js'
export { Tensor, type NestedNumbers } from './tensor/tensor.js'
export { Generator } from './tensor/random.js'
export { scope, keep } from './tensor/scope.js'
export { memory, type Device, type MemoryReport } from './tensor/storage.js'
export { emptyPool, setPoolLimit } from './tensor/pool.js'
export {
  tensor,
  full,
  zeros,
  ones,
  zerosLike,
  onesLike,
  arange,
  randn,
  uniform,
  bernoulli,
  setSeed,
  type TensorOptions,
  type FromArrayOptions,
  type RandomOptions,
  type BernoulliOptions,
} from './tensor/create.js'
export { cpuBackend, type CpuBackend } from './backend/select.js'
export { noGrad } from './autograd/graph/node.js'
export type { Cotangent, Saved } from './autograd/graph/op.js'
export {
  backward,
  grad,
  valueAndGrad,
  customOp,
  type BackwardOptions,
  type CustomOp,
  type Gradients,
  type GradOptions,
} from './autograd/transforms/grad.js'
export { hessianVectorProduct, jvp } from './autograd/transforms/jvp.js'
export { checkpoint } from './autograd/transforms/checkpoint.js'
export { gradcheck, gradgradcheck, type GradcheckOptions } from './autograd/transforms/check.js'
export type { Operand } from './ops/elementwise.js'
export { add } from './ops/add.js'
export { sub } from './ops/sub.js'
export { mul } from './ops/mul.js'
export { div } from './ops/div.js'
export { pow } from './ops/pow.js'
export { minimum } from './ops/minimum.js'
export { maximum } from './ops/maximum.js'
export { equal } from './ops/equal.js'
export { notEqual } from './ops/notEqual.js'
export { less } from './ops/less.js'
export { lessEqual } from './ops/lessEqual.js'
export { greater } from './ops/greater.js'
export { greaterEqual } from './ops/greaterEqual.js'
export { where } from './ops/where.js'
export { neg } from './ops/neg.js'
export { exp } from './ops/exp.js'
export { log } from './ops/log.js'
export { sqrt } from './ops/sqrt.js'
export { sigmoid } from './ops/sigmoid.js'
export { abs } from './ops/abs.js'
export { sign } from './ops/sign.js'
export { floor } from './ops/floor.js'
export { round } from './ops/round.js'
export { sin } from './ops/sin.js'
export { cos } from './ops/cos.js'
export { tanh } from './ops/tanh.js'
export { log1p } from './ops/log1p.js'
export { expm1 } from './ops/expm1.js'
export { softplus } from './ops/softplus.js'
export { erf } from './ops/erf.js'
export { clip } from './ops/clip.js'
export { square } from './ops/square.js'
export { reciprocal } from './ops/reciprocal.js'
export { rsqrt } from './ops/rsqrt.js'
export { elu } from './ops/elu.js'
export { gelu } from './ops/gelu.js'
export { relu } from './ops/relu.js'
export { leakyRelu } from './ops/leakyRelu.js'
export { prelu } from './ops/prelu.js'
export { softmax } from './ops/softmax.js'
export { logSoftmax } from './ops/logSoftmax.js'
export { cast } from './ops/cast.js'
export { sum, type ReduceOptions } from './ops/sum.js'
export { mean } from './ops/mean.js'
export { max } from './ops/max.js'
export { min } from './ops/min.js'
export { prod } from './ops/prod.js'
export { variance, type VarianceOptions } from './ops/variance.js'
export { logSumExp } from './ops/logSumExp.js'
export { argMax } from './ops/argMax.js'
export { argMin } from './ops/argMin.js'
export { any } from './ops/any.js'
export { all } from './ops/all.js'
export { cumsum } from './ops/cumsum.js'
export { argSort, type SortOptions } from './ops/argSort.js'
export { sort } from './ops/sort.js'
export { segmentSum, segmentExpand } from './ops/segmentSum.js'
export { gather } from './ops/gather.js'
export { take } from './ops/take.js'
export { scatterAdd } from './ops/scatterAdd.js'
export { oneHot, type OneHotOptions } from './ops/oneHot.js'
export { matmul } from './ops/matmul.js'
export { reshape } from './ops/reshape.js'
export { squeeze, unsqueeze, unsqueeze as expandDims } from './ops/squeeze.js'
export { repeat } from './ops/repeat.js'
export { tile } from './ops/tile.js'
export { transpose } from './ops/transpose.js'
export { expand } from './ops/expand.js'
export { slice, type Range } from './ops/slice.js'
export { pad } from './ops/pad.js'
export { concat } from './ops/concat.js'
export { stack } from './ops/stack.js'
export { flip } from './ops/flip.js'
export { conv3d } from './ops/conv3d.js'
export { convTranspose3d, type ConvTranspose3dOptions } from './ops/convTranspose3d.js'
export type { Conv3dOptions, Padding, PerAxis } from './ops/convolution.js'
export { maxPool3d } from './ops/maxPool3d.js'
export { avgPool3d } from './ops/avgPool3d.js'
export { upsampleNearest } from './ops/upsampleNearest.js'
export { upsampleTrilinear } from './ops/upsampleTrilinear.js'
export { upsampleConcat } from './ops/upsampleConcat.js'
export { instanceNorm, normActivation, type NormOptions } from './ops/normActivation.js'
export { batchNorm, type BatchNormOptions } from './ops/batchNorm.js'
export { groupNorm } from './ops/groupNorm.js'
export { layerNorm } from './ops/layerNorm.js'
export { dropout, type DropoutOptions } from './ops/dropout.js'
