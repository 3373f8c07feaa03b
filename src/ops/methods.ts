/**
 * The methods of Tensor. The class stands below the ops and knows none of them; here they are attached once, so that
 * `x.add(y)` and `add(x, y)` are the same. `backward` comes from above the ops and is attached in the same place.
 */
import { type BackwardOptions, backward } from '../autograd/transforms/grad.js'
import type { DType } from '../tensor/dtype.js'
import type { Shape } from '../tensor/shape.js'
import { type Device, checkDevice } from '../tensor/storage.js'
import { Tensor } from '../tensor/tensor.js'
import { abs } from './abs.js'
import { add } from './add.js'
import { all } from './all.js'
import { any } from './any.js'
import { argMax } from './argMax.js'
import { argMin } from './argMin.js'
import { type SortOptions, argSort } from './argSort.js'
import { cast } from './cast.js'
import { clip } from './clip.js'
import { cos } from './cos.js'
import { cumsum } from './cumsum.js'
import { div } from './div.js'
import type { Operand } from './elementwise.js'
import { elu } from './elu.js'
import { equal } from './equal.js'
import { erf } from './erf.js'
import { exp } from './exp.js'
import { expand } from './expand.js'
import { expm1 } from './expm1.js'
import { flip } from './flip.js'
import { floor } from './floor.js'
import { gather } from './gather.js'
import { gelu } from './gelu.js'
import { greater } from './greater.js'
import { greaterEqual } from './greaterEqual.js'
import { leakyRelu } from './leakyRelu.js'
import { less } from './less.js'
import { lessEqual } from './lessEqual.js'
import { log } from './log.js'
import { log1p } from './log1p.js'
import { logSoftmax } from './logSoftmax.js'
import { logSumExp } from './logSumExp.js'
import { matmul } from './matmul.js'
import { max } from './max.js'
import { maximum } from './maximum.js'
import { mean } from './mean.js'
import { min } from './min.js'
import { minimum } from './minimum.js'
import { mul } from './mul.js'
import { neg } from './neg.js'
import { notEqual } from './notEqual.js'
import { pad } from './pad.js'
import { pow } from './pow.js'
import { prod } from './prod.js'
import { reciprocal } from './reciprocal.js'
import { relu } from './relu.js'
import { repeat } from './repeat.js'
import { reshape } from './reshape.js'
import { round } from './round.js'
import { rsqrt } from './rsqrt.js'
import { scatterAdd } from './scatterAdd.js'
import { sigmoid } from './sigmoid.js'
import { sign } from './sign.js'
import { sin } from './sin.js'
import { type Range, slice } from './slice.js'
import { softmax } from './softmax.js'
import { softplus } from './softplus.js'
import { sort } from './sort.js'
import { sqrt } from './sqrt.js'
import { square } from './square.js'
import { squeeze, unsqueeze } from './squeeze.js'
import { sub } from './sub.js'
import { type ReduceOptions, sum } from './sum.js'
import { take } from './take.js'
import { tanh } from './tanh.js'
import { tile } from './tile.js'
import { transpose } from './transpose.js'
import { type VarianceOptions, variance } from './variance.js'

type Axes = number | readonly number[]

declare module '../tensor/tensor.js' {
  interface Tensor {
    add(other: Operand): Tensor
    sub(other: Operand): Tensor
    mul(other: Operand): Tensor
    div(other: Operand): Tensor
    pow(exponent: Operand): Tensor
    minimum(other: Operand): Tensor
    maximum(other: Operand): Tensor
    equal(other: Operand): Tensor
    notEqual(other: Operand): Tensor
    less(other: Operand): Tensor
    lessEqual(other: Operand): Tensor
    greater(other: Operand): Tensor
    greaterEqual(other: Operand): Tensor
    neg(): Tensor
    exp(): Tensor
    log(): Tensor
    sqrt(): Tensor
    sigmoid(): Tensor
    abs(): Tensor
    sign(): Tensor
    floor(): Tensor
    round(): Tensor
    sin(): Tensor
    cos(): Tensor
    tanh(): Tensor
    log1p(): Tensor
    expm1(): Tensor
    softplus(): Tensor
    erf(): Tensor
    square(): Tensor
    reciprocal(): Tensor
    rsqrt(): Tensor
    gelu(): Tensor
    clip(low: number, high: number): Tensor
    elu(alpha?: number): Tensor
    relu(): Tensor
    leakyRelu(slope?: number): Tensor
    softmax(axis?: number): Tensor
    logSoftmax(axis?: number): Tensor
    cast(dtype: DType): Tensor
    /** The same values on another device. */
    to(device: Device): Tensor
    sum(axes?: Axes, options?: ReduceOptions): Tensor
    mean(axes?: Axes, options?: ReduceOptions): Tensor
    max(axes?: Axes, options?: ReduceOptions): Tensor
    min(axes?: Axes, options?: ReduceOptions): Tensor
    prod(axes?: Axes, options?: ReduceOptions): Tensor
    variance(axes?: Axes, options?: VarianceOptions): Tensor
    logSumExp(axes?: Axes, options?: ReduceOptions): Tensor
    any(axes?: Axes, options?: ReduceOptions): Tensor
    all(axes?: Axes, options?: ReduceOptions): Tensor
    argMax(axis?: number, options?: ReduceOptions): Tensor
    argMin(axis?: number, options?: ReduceOptions): Tensor
    cumsum(axis?: number): Tensor
    sort(axis?: number, options?: SortOptions): Tensor
    argSort(axis?: number, options?: SortOptions): Tensor
    gather(indices: Tensor, axis?: number): Tensor
    take(indices: Tensor, axis?: number): Tensor
    scatterAdd(indices: Tensor, source: Tensor, axis?: number): Tensor
    matmul(other: Tensor): Tensor
    reshape(shape: Shape): Tensor
    squeeze(axes?: Axes): Tensor
    unsqueeze(axis: number): Tensor
    repeat(count: number, axis?: number): Tensor
    tile(counts: readonly number[]): Tensor
    transpose(axes?: readonly number[]): Tensor
    expand(shape: Shape): Tensor
    slice(ranges: readonly Range[]): Tensor
    pad(widths: readonly (readonly [before: number, after: number])[], value?: number): Tensor
    flip(axes?: Axes): Tensor
    /** Adds d this / d leaf to the `grad` of every leaf; see `backward`. */
    backward(options?: BackwardOptions): void
  }
}

function to(x: Tensor, device: Device): Tensor {
  checkDevice('to', device)
  return x
}

/** Makes a method of a function that takes the tensor first. */
function method<Rest extends readonly unknown[], Result>(f: (x: Tensor, ...rest: Rest) => Result) {
  return function (this: Tensor, ...rest: Rest): Result {
    return f(this, ...rest)
  }
}

Object.assign(Tensor.prototype, {
  add: method(add),
  sub: method(sub),
  mul: method(mul),
  div: method(div),
  pow: method(pow),
  minimum: method(minimum),
  maximum: method(maximum),
  equal: method(equal),
  notEqual: method(notEqual),
  less: method(less),
  lessEqual: method(lessEqual),
  greater: method(greater),
  greaterEqual: method(greaterEqual),
  neg: method(neg),
  exp: method(exp),
  log: method(log),
  sqrt: method(sqrt),
  sigmoid: method(sigmoid),
  abs: method(abs),
  sign: method(sign),
  floor: method(floor),
  round: method(round),
  sin: method(sin),
  cos: method(cos),
  tanh: method(tanh),
  log1p: method(log1p),
  expm1: method(expm1),
  softplus: method(softplus),
  erf: method(erf),
  square: method(square),
  reciprocal: method(reciprocal),
  rsqrt: method(rsqrt),
  gelu: method(gelu),
  clip: method(clip),
  elu: method(elu),
  relu: method(relu),
  leakyRelu: method(leakyRelu),
  softmax: method(softmax),
  logSoftmax: method(logSoftmax),
  cast: method(cast),
  to: method(to),
  sum: method(sum),
  mean: method(mean),
  max: method(max),
  min: method(min),
  prod: method(prod),
  variance: method(variance),
  logSumExp: method(logSumExp),
  any: method(any),
  all: method(all),
  argMax: method(argMax),
  argMin: method(argMin),
  cumsum: method(cumsum),
  sort: method(sort),
  argSort: method(argSort),
  gather: method(gather),
  take: method(take),
  scatterAdd: method(scatterAdd),
  matmul: method(matmul),
  reshape: method(reshape),
  squeeze: method(squeeze),
  unsqueeze: method(unsqueeze),
  repeat: method(repeat),
  tile: method(tile),
  transpose: method(transpose),
  expand: method(expand),
  slice: method(slice),
  pad: method(pad),
  flip: method(flip),
  backward: method(backward),
})
