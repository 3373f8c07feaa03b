/** phigrad: tensors, ops and derivatives. Networks, optimizers, losses and the rest have entries of their own. */
import './ops/methods.js'

export * from './tensor/errors.js'
export { dtypes, type DType, type NumberArray } from './tensor/dtype.js'
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
  setSeed,
  type TensorOptions,
  type FromArrayOptions,
  type RandomOptions,
} from './tensor/create.js'
export { noGrad } from './autograd/graph/node.js'
export {
  backward,
  grad,
  valueAndGrad,
  customOp,
  type BackwardOptions,
  type GradOptions,
} from './autograd/transforms/grad.js'
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
export { relu } from './ops/relu.js'
export { leakyRelu } from './ops/leakyRelu.js'
export { softmax } from './ops/softmax.js'
export { cast } from './ops/cast.js'
export { sum, type ReduceOptions } from './ops/sum.js'
export { mean } from './ops/mean.js'
export { max } from './ops/max.js'
export { segmentSum, segmentExpand } from './ops/segmentSum.js'
export { reshape } from './ops/reshape.js'
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
export { upsampleNearest } from './ops/upsampleNearest.js'
export { upsampleConcat } from './ops/upsampleConcat.js'
export { instanceNorm, normActivation, type NormOptions } from './ops/normActivation.js'
