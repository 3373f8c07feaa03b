/** What users call: `backward`, `grad`, `valueAndGrad`, `customOp`. */
import { ConfigError, ShapeError } from '../../tensor/errors.js'
import { onesLike, zerosLike } from '../../tensor/create.js'
import { sameShape, show } from '../../tensor/shape.js'
import { scope } from '../../tensor/scope.js'
import { type Tensor } from '../../tensor/tensor.js'
import { type Variable } from '../../tensor/variable.js'
import { add } from '../../ops/add.js'
import { isRecording, withRecording } from '../graph/node.js'
import { type Cotangent, type Op, type Saved, apply } from '../graph/op.js'
import { differentiate } from './differentiate.js'

export interface BackwardOptions {
  /** The cotangent of the result; required unless it is a scalar, where it is 1. */
  readonly cotangent?: Tensor
  /** Record the backward pass, so that `grad` can be differentiated again. Default false. */
  readonly createGraph?: boolean
  /** Keep the graph for another backward pass. Default: `createGraph`. */
  readonly retainGraph?: boolean
}

/**
 * Adds d output / d leaf to `leaf.grad` for every leaf that requires it, and lets go of the graph.
 *
 * @throws ShapeError when the output is no scalar and no cotangent is given.
 * @throws ConfigError when the output depends on no tensor that requires a derivative.
 */
export function backward(output: Tensor, options: BackwardOptions = {}): void {
  if (output.variable === null) {
    throw new ConfigError('backward', 'a result that depends on a tensor with requiresGrad', 'one that does not')
  }
  const createGraph = options.createGraph ?? false
  scope(() => {
    const retainGraph = options.retainGraph ?? createGraph
    differentiate(output, cotangentOf(output, options.cotangent), null, { createGraph, retainGraph }, accumulate)
  })
}

/** A leaf owns its derivative: no scope disposes it. */
function accumulate(leaf: Variable, cotangent: Tensor): void {
  const before = leaf.grad
  if (before === null || before.disposed) {
    leaf.grad = cotangent
    return
  }
  const total = add(before, cotangent)
  leaf.grad = total.alias()
  for (const each of [total, before, cotangent]) each.dispose()
}

function cotangentOf(output: Tensor, given: Tensor | undefined): Tensor {
  if (given === undefined) {
    if (output.size !== 1) throw new ShapeError('backward', 'a scalar, or a cotangent', `shape ${show(output.shape)}`)
    return onesLike(output)
  }
  if (!sameShape(given.shape, output.shape)) {
    throw new ShapeError('backward', `a cotangent of shape ${show(output.shape)}`, show(given.shape))
  }
  return given
}

export interface GradOptions {
  /** Record the derivative, so that it can be differentiated again. Default: inside another grad, or when an argument is tracked. */
  readonly createGraph?: boolean
}

/** The derivatives of one argument, or of several, in their order. */
export type Gradients<Arguments extends readonly Tensor[]> = Arguments extends readonly [Tensor]
  ? Tensor
  : { [K in keyof Arguments]: Tensor }

/** The identity, recorded: gives a nested `grad` a variable of its own, so that it cannot be confused with an outer one. */
const enterOp: Op<readonly [Tensor], null> = {
  name: 'enter',
  forward: ([x]) => x.detach(),
  saves: { inputs: [] },
  vjp: (g) => [() => g],
}

let depth = 0

/**
 * x ↦ (f(x), df/dx) for a function with a scalar result. One argument gives a Tensor, several give an array.
 *
 *     const [value, dx] = valueAndGrad((x: Tensor) => x.pow(2).sum())(x)
 */
export function valueAndGrad<Arguments extends readonly Tensor[]>(
  f: (...inputs: Arguments) => Tensor,
  options: GradOptions = {},
): (...inputs: Arguments) => readonly [value: Tensor, gradients: Gradients<Arguments>] {
  return (...inputs) => {
    const createGraph = options.createGraph ?? wantsGraph(inputs)
    const entered = inputs.map(enter) as readonly Tensor[] as Arguments
    const output = nested(() => f(...entered))
    if (output.size !== 1)
      throw new ShapeError('grad', 'a function with a scalar result', `shape ${show(output.shape)}`)
    const cotangent = onesLike(output)
    const found = gradientsOf(output, cotangent, entered, createGraph)
    const value = createGraph ? output : output.detach()
    if (!createGraph) for (const made of [cotangent, ...entered]) if (made !== output) made.dispose()
    return [value, (found.length === 1 ? found[0] : found) as Gradients<Arguments>]
  }
}

/** x ↦ df/dx for a function with a scalar result; see `valueAndGrad`. */
export function grad<Arguments extends readonly Tensor[]>(
  f: (...inputs: Arguments) => Tensor,
  options: GradOptions = {},
): (...inputs: Arguments) => Gradients<Arguments> {
  const both = valueAndGrad(f, options)
  return (...inputs) => both(...inputs)[1]
}

/** Whether a derivative of a derivative is asked for: inside another transform, or when an argument is tracked. */
export function wantsGraph(inputs: readonly Tensor[]): boolean {
  return depth > 0 || (isRecording() && inputs.some((x) => x.requiresGrad))
}

/** Runs `fn`, recorded, inside a transform: transforms in it record their derivatives. */
export function nested<T>(fn: () => T): T {
  depth += 1
  try {
    return withRecording(true, fn)
  } finally {
    depth -= 1
  }
}

/** x as a transform's own variable, connected to the graph of x. */
export function enter(x: Tensor): Tensor {
  if (x.requiresGrad && isRecording()) return withRecording(true, () => apply(enterOp, [x], null))
  return x.detach().requireGrad()
}

/** cotangent · d output / d target for each target; zeros where the output does not depend on it. */
export function gradientsOf(
  output: Tensor,
  cotangent: Tensor,
  targets: readonly Tensor[],
  createGraph: boolean,
): Tensor[] {
  const results = new Map<Variable, Tensor>()
  const variables = new Set(targets.map((x) => x.variable).filter((variable) => variable !== null))
  differentiate(output, cotangent, variables, { createGraph, retainGraph: createGraph }, (target, value) => {
    results.set(target, value.alias(true))
    value.dispose()
  })
  return targets.map((x) => (x.variable === null ? undefined : results.get(x.variable)) ?? zerosLike(x))
}

export interface CustomOp<Inputs extends readonly Tensor[], Params> {
  readonly name: string
  /** The result, from values; nothing in here is recorded. */
  forward(inputs: Inputs, params: Params): Tensor
  /** One cotangent per input, written with public ops if it is to be differentiated again. */
  vjp(cotangent: Tensor, saved: Saved<Inputs, Params>): readonly (Cotangent | null)[]
}

/**
 * An op of the user's own, with a derivative of the user's own.
 *
 *     const cube = customOp({
 *       name: 'cube',
 *       forward: ([x]: [Tensor]) => x.mul(x).mul(x),
 *       vjp: (g, { inputs: [x] }) => [() => g.mul(x).mul(x).mul(3)],
 *     })
 *     cube([x])
 */
export function customOp<Inputs extends readonly Tensor[], Params = undefined>(
  definition: CustomOp<Inputs, Params>,
): (inputs: Inputs, ...params: Params extends undefined ? [] : [Params]) => Tensor {
  const op: Op<Inputs, Params> = {
    ...definition,
    saves: { output: true },
    forward(inputs, params) {
      const output = withRecording(false, () => definition.forward(inputs, params))
      // A result that is an input, or some other tensor with a place in the graph, must not lose it to this op.
      return inputs.includes(output) || output.variable !== null ? output.detach() : output
    },
  }
  return (inputs, ...[params]) => apply(op, inputs, params as Params)
}
