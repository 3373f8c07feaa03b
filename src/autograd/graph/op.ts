/**
 * What an op declares, and how it is applied. An op's forward sees values only; whether the application is recorded, what
 * is saved and when it is let go is decided here, once. Un-broadcasting, accumulation and arity checks stand in the driver
 * (`transforms/differentiate.ts`).
 */
import { isFloat } from '../../tensor/dtype.js'
import { describe } from '../../tensor/describe.js'
import { ConfigError, DeviceError } from '../../tensor/errors.js'
import { Tensor } from '../../tensor/tensor.js'
import { Variable } from '../../tensor/variable.js'
import { Node, isRecording } from './node.js'

/** What a backward rule may use. Inputs that the op does not save know their shape and dtype, but have no values. */
export interface Saved<Inputs extends readonly Tensor[], Params> {
  readonly inputs: Inputs
  /** The op's result, where `saves.output` says so; it has no values otherwise. */
  readonly output: Tensor
  readonly params: Params
  /** What forward put aside for the backward. */
  readonly aside: readonly Tensor[]
}

/** A result together with tensors that its backward needs and no user sees. */
export interface WithAside {
  readonly output: Tensor
  readonly aside: readonly Tensor[]
}

/** The cotangent of one input, made only when it is needed; null stands for zero. */
export type Cotangent = () => Tensor | null

export interface Op<Inputs extends readonly Tensor[], Params> {
  readonly name: string
  /** Shape rule, allocation, kernel. Not recorded. */
  forward(inputs: Inputs, params: Params): Tensor | WithAside
  /** Which values the backward needs. Default: all inputs, not the output. */
  readonly saves?: { readonly inputs?: readonly number[]; readonly output?: boolean }
  /**
   * The vector–Jacobian product, one entry per input, written with public differentiable ops so that it can be
   * differentiated again. A cotangent may have the broadcast shape; the driver reduces it.
   */
  vjp?(cotangent: Tensor, saved: Saved<Inputs, Params>): readonly (Cotangent | null)[]
  /** A kernel that computes all cotangents at once; used when no further derivative is asked for. */
  fusedVjp?(cotangent: Tensor, saved: Saved<Inputs, Params>, needed: readonly boolean[]): readonly (Tensor | null)[]
  /** For composite ops: the same result from public ops. It is their differentiable path. */
  composition?(inputs: Inputs, params: Params): Tensor
}

/** An op whose inputs and parameters were forgotten: what nodes hold. */
export interface AnyOp {
  readonly name: string
  vjp?(cotangent: Tensor, saved: Saved<readonly Tensor[], unknown>): readonly (Cotangent | null)[]
  fusedVjp?(
    cotangent: Tensor,
    saved: Saved<readonly Tensor[], unknown>,
    needed: readonly boolean[],
  ): readonly (Tensor | null)[]
  composition?(inputs: readonly Tensor[], params: unknown): Tensor
}

/** Applies an op and records it when a derivative may be wanted of the result. */
export function apply<Inputs extends readonly Tensor[], Params>(
  op: Op<Inputs, Params>,
  inputs: Inputs,
  params: Params,
): Tensor {
  let wanted = false
  for (const input of inputs) {
    if (!(input instanceof Tensor)) throw new ConfigError(op.name, 'a tensor', describe(input))
    input.checkAlive()
    if (input.device !== inputs[0]?.device) {
      throw new DeviceError(op.name, 'inputs on one device', inputs.map((each) => each.device).join(' and '))
    }
    wanted ||= input.variable !== null
  }
  const result = op.forward(inputs, params)
  const { output, aside } = result instanceof Tensor ? { output: result, aside: [] } : result
  if (wanted && isRecording() && isFloat(output.dtype) && isDifferentiable(op))
    record(op, inputs, params, output, aside)
  for (const tensor of aside) tensor.dispose()
  return output
}

function isDifferentiable(op: AnyOp): boolean {
  return op.vjp !== undefined || op.fusedVjp !== undefined || op.composition !== undefined
}

function record(op: AnyOp, inputs: readonly Tensor[], params: unknown, output: Tensor, aside: readonly Tensor[]): void {
  const { saves } = op as Op<readonly Tensor[], unknown>
  const handles = inputs.map((input, i) => ((saves?.inputs?.includes(i) ?? true) ? input.alias() : input.ghost()))
  const node = new Node(
    op,
    params,
    handles,
    aside.map((tensor) => tensor.alias()),
  )
  output.variable = new Variable(node)
  node.saveOutput(saves?.output === true ? output.alias() : output.ghost())
}
