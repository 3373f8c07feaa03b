/**
 * Derivatives in a direction. `jvp` needs no forward-mode rules: the vjp g(u) = uᵀJ is linear in u, so that differentiating
 * ⟨g(u), v⟩ in u gives J·v (the "double-vjp trick", Townsend 2017; it costs about two backward passes).
 */
import { add } from '../../ops/add.js'
import { mul } from '../../ops/mul.js'
import { sum } from '../../ops/sum.js'
import { checkTensor } from '../../tensor/arguments.js'
import { onesLike, zerosLike } from '../../tensor/create.js'
import { DTypeError, ShapeError } from '../../tensor/errors.js'
import { scope } from '../../tensor/scope.js'
import { sameShape, show } from '../../tensor/shape.js'
import { Tensor } from '../../tensor/tensor.js'
import { type Gradients, enter, grad, gradientsOf, nested, wantsGraph } from './grad.js'

/** One argument as a tensor, several as an array. */
export type Packed<Arguments extends readonly Tensor[]> = Arguments extends readonly [Tensor]
  ? Tensor | Arguments
  : Arguments

/** The arguments and the direction as lists. @throws ShapeError or DTypeError where a direction does not fit its argument. */
function unpack<Arguments extends readonly Tensor[]>(
  where: string,
  x: Packed<Arguments>,
  v: Packed<Arguments>,
): readonly [Arguments, readonly Tensor[]] {
  const inputs: readonly Tensor[] = x instanceof Tensor ? [x] : x
  const directions: readonly Tensor[] = v instanceof Tensor ? [v] : v
  if (inputs.length !== directions.length) {
    throw new ShapeError(where, `a direction for each of ${inputs.length} arguments`, String(directions.length))
  }
  inputs.forEach((input, i) => {
    const direction: unknown = directions[i]
    checkTensor(where, input)
    checkTensor(where, direction)
    if (!sameShape(input.shape, direction.shape)) {
      throw new ShapeError(where, `a direction of shape ${show(input.shape)}`, show(direction.shape))
    }
    if (input.dtype !== direction.dtype) throw new DTypeError(where, `a direction of ${input.dtype}`, direction.dtype)
  })
  return [inputs as Arguments, directions]
}

/** Σ ⟨a_i, b_i⟩, a scalar. */
function innerProduct(a: readonly Tensor[], b: readonly Tensor[]): Tensor {
  return a.map((each, i) => sum(mul(each, b[i] ?? each))).reduce((total, part) => add(total, part))
}

/**
 * (x, v) ↦ (f(x), J(x)·v): the value and its derivative in the direction v, of the shape of the value. For several arguments x and
 * v are arrays.
 *
 *     const [value, slope] = jvp((x: Tensor) => x.exp())(x, v)      // slope = e^x · v
 *
 * @throws ShapeError or DTypeError where v does not fit x; NumericalError where an op of f is not twice differentiable.
 */
export function jvp<Arguments extends readonly Tensor[]>(
  f: (...inputs: Arguments) => Tensor,
): (x: Packed<Arguments>, v: Packed<Arguments>) => readonly [value: Tensor, tangent: Tensor] {
  return (x, v) => {
    const [inputs, directions] = unpack<Arguments>('jvp', x, v)
    const createGraph = wantsGraph([...inputs, ...directions])
    return scope(() => {
      const entered = inputs.map(enter)
      const output = nested(() => f(...(entered as readonly Tensor[] as Arguments)))
      const cotangent = zerosLike(output).requireGrad()
      const pulled = gradientsOf(output, cotangent, entered, true)
      const product = nested(() => innerProduct(pulled, directions))
      const [tangent = zerosLike(output)] = gradientsOf(product, onesLike(product), [cotangent], createGraph)
      return [createGraph ? output : output.detach(), createGraph ? tangent : tangent.detach()]
    })
  }
}

/**
 * (x, v) ↦ H(x)·v, H the matrix of second derivatives of a function with a scalar result: the derivative of ⟨∇f(x), v⟩, at the
 * cost of about two gradients and without H itself. It has the form of the gradient: a tensor, or one for each argument.
 *
 *     hessianVectorProduct((x: Tensor) => x.pow(3).sum())(x, v)     // 6x · v
 *
 * @throws as jvp, and ShapeError unless the result of f is a scalar.
 */
export function hessianVectorProduct<Arguments extends readonly Tensor[]>(
  f: (...inputs: Arguments) => Tensor,
): (x: Packed<Arguments>, v: Packed<Arguments>) => Gradients<Arguments> {
  const slope = grad(f, { createGraph: true })
  return (x, v) => {
    const [inputs, directions] = unpack<Arguments>('hessianVectorProduct', x, v)
    return scope(() =>
      grad((...each: Arguments) => {
        const gradients: Tensor | readonly Tensor[] = slope(...each)
        return innerProduct(gradients instanceof Tensor ? [gradients] : gradients, directions)
      })(...inputs),
    )
  }
}
