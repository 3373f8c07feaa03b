/**
 * The methods of Tensor. The class stands below the ops and knows none of them; here they are attached once, so that
 * `x.add(y)` and `add(x, y)` are the same. `backward` comes from above the ops and is attached in the same place.
 */
import { type BackwardOptions, backward } from '../autograd/transforms/grad.js'
import type { DType } from '../tensor/dtype.js'
import { DeviceError } from '../tensor/errors.js'
import type { Shape } from '../tensor/shape.js'
import type { Device } from '../tensor/storage.js'
import { Tensor } from '../tensor/tensor.js'
import { add } from './add.js'
import { cast } from './cast.js'
import { div } from './div.js'
import type { Operand } from './elementwise.js'
import { equal } from './equal.js'
import { exp } from './exp.js'
import { expand } from './expand.js'
import { flip } from './flip.js'
import { greater } from './greater.js'
import { greaterEqual } from './greaterEqual.js'
import { leakyRelu } from './leakyRelu.js'
import { less } from './less.js'
import { lessEqual } from './lessEqual.js'
import { log } from './log.js'
import { max } from './max.js'
import { maximum } from './maximum.js'
import { mean } from './mean.js'
import { minimum } from './minimum.js'
import { mul } from './mul.js'
import { neg } from './neg.js'
import { notEqual } from './notEqual.js'
import { pad } from './pad.js'
import { pow } from './pow.js'
import { relu } from './relu.js'
import { reshape } from './reshape.js'
import { sigmoid } from './sigmoid.js'
import { type Range, slice } from './slice.js'
import { softmax } from './softmax.js'
import { sqrt } from './sqrt.js'
import { sub } from './sub.js'
import { type ReduceOptions, sum } from './sum.js'
import { transpose } from './transpose.js'

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
    relu(): Tensor
    leakyRelu(slope?: number): Tensor
    softmax(axis?: number): Tensor
    cast(dtype: DType): Tensor
    /** The same values on another device. */
    to(device: Device): Tensor
    sum(axes?: Axes, options?: ReduceOptions): Tensor
    mean(axes?: Axes, options?: ReduceOptions): Tensor
    max(axes?: Axes, options?: ReduceOptions): Tensor
    reshape(shape: Shape): Tensor
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
  if (device === x.device) return x
  throw new DeviceError('to', `device '${x.device}'`, `'${device}': this build has no CUDA backend`)
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
  relu: method(relu),
  leakyRelu: method(leakyRelu),
  softmax: method(softmax),
  cast: method(cast),
  to: method(to),
  sum: method(sum),
  mean: method(mean),
  max: method(max),
  reshape: method(reshape),
  transpose: method(transpose),
  expand: method(expand),
  slice: method(slice),
  pad: method(pad),
  flip: method(flip),
  backward: method(backward),
})
