/**
 * The driver of reverse-mode differentiation. It walks the recorded nodes backwards once and does here, for every op, what
 * no rule needs to repeat: it sums cotangents over broadcast axes, accumulates them, checks their number, and lets go of
 * what the graph held as it goes.
 */
import { add } from '../../ops/add.js'
import { reshape } from '../../ops/reshape.js'
import { sum } from '../../ops/sum.js'
import { NumericalError } from '../../tensor/errors.js'
import { scope } from '../../tensor/scope.js'
import { type Shape, sameShape } from '../../tensor/shape.js'
import type { Tensor } from '../../tensor/tensor.js'
import type { Variable } from '../../tensor/variable.js'
import { Node, withRecording } from '../graph/node.js'
import type { Saved } from '../graph/op.js'

export interface DifferentiateOptions {
  /** Record the backward pass itself, so that the result can be differentiated again. */
  readonly createGraph: boolean
  /** Keep what the graph saved for another pass. */
  readonly retainGraph: boolean
  /** Do not look past the targets. */
  readonly stopAtTargets?: boolean
}

/** Cotangents by variable. Each entry owns its tensor. */
class Accumulator {
  private readonly entries = new Map<Variable, Tensor>()

  add(variable: Variable, cotangent: Tensor): void {
    const before = this.entries.get(variable)
    if (before === undefined) {
      this.entries.set(variable, cotangent.alias())
      return
    }
    const total = add(before, cotangent)
    this.entries.set(variable, total.alias())
    total.dispose()
    before.dispose()
  }

  take(variable: Variable): Tensor | undefined {
    const cotangent = this.entries.get(variable)
    this.entries.delete(variable)
    return cotangent
  }
}

/**
 * Propagates the cotangent of `output` to the targets (all leaves when null) and hands each target's to `receive`, which
 * then owns it.
 */
export function differentiate(
  output: Tensor,
  cotangent: Tensor,
  targets: ReadonlySet<Variable> | null,
  options: DifferentiateOptions,
  receive: (target: Variable, cotangent: Tensor) => void,
): void {
  const root = output.variable
  if (root === null) return
  const { nodes, needed } = plan(root, targets, options.stopAtTargets ?? false)
  const cotangents = new Accumulator()
  const deliver = (variable: Variable): void => {
    const isTarget = targets === null ? variable.producer === null : targets.has(variable)
    const value = isTarget ? cotangents.take(variable) : undefined
    if (value === undefined) return
    if (variable.producer !== null) cotangents.add(variable, value)
    receive(variable, value)
  }
  withRecording(options.createGraph, () => {
    cotangents.add(root, cotangent)
    for (const [node, variable] of nodes) {
      deliver(variable)
      const incoming = cotangents.take(variable)
      if (incoming !== undefined) {
        node.checkUsable()
        const parts = scope(() => inputCotangents(node, incoming, needed, options))
        parts.forEach((part, i) => {
          const input = node.inputs[i] ?? null
          if (part === null || input === null) return
          cotangents.add(input, part)
          if (part.tracked) part.dispose()
        })
        incoming.dispose()
      }
      if (!options.retainGraph) node.release()
    }
    const ends = new Set([root, ...nodes.flatMap(([node]) => node.inputs.filter((input) => input !== null))])
    for (const end of ends) {
      deliver(end)
      cotangents.take(end)?.dispose()
    }
  })
}

/** The nodes to visit, latest first, with the variable each produced; and the variables that a cotangent must reach. */
function plan(
  output: Variable,
  targets: ReadonlySet<Variable> | null,
  stopAtTargets: boolean,
): { nodes: [Node, Variable][]; needed: Set<Variable> } {
  const found = new Map<Node, Variable>()
  const pending = [output]
  for (let variable = pending.pop(); variable !== undefined; variable = pending.pop()) {
    const node = variable.producer
    if (!(node instanceof Node) || found.has(node) || (stopAtTargets && targets?.has(variable) === true)) continue
    found.set(node, variable)
    for (const input of node.inputs) if (input !== null) pending.push(input)
  }
  const oldestFirst = [...found].sort(([a], [b]) => a.id - b.id)
  const needed = new Set<Variable>(targets)
  const isNeeded = (variable: Variable | null): boolean =>
    variable !== null && (targets === null ? true : needed.has(variable))
  for (const [node, variable] of oldestFirst) if (node.inputs.some(isNeeded)) needed.add(variable)
  if (targets === null)
    for (const [node] of oldestFirst) for (const input of node.inputs) if (input !== null) needed.add(input)
  return { nodes: oldestFirst.filter(([, variable]) => needed.has(variable)).reverse(), needed }
}

function inputCotangents(
  node: Node,
  incoming: Tensor,
  needed: ReadonlySet<Variable>,
  options: DifferentiateOptions,
): (Tensor | null)[] {
  const wanted = node.inputs.map((input) => input !== null && needed.has(input))
  const parts = rawCotangents(node, incoming, wanted, options.createGraph)
  if (parts.length !== node.inputs.length) {
    throw new NumericalError(node.op.name, `${node.inputs.length} cotangents from its vjp`, String(parts.length))
  }
  return parts.map((part, i) => (part === null || wanted[i] !== true ? null : sumTo(part, node.inputShapes[i] ?? [])))
}

function rawCotangents(
  node: Node,
  incoming: Tensor,
  wanted: readonly boolean[],
  createGraph: boolean,
): readonly (Tensor | null)[] {
  const { op, params, savedInputs: inputs, savedOutput, aside } = node
  if (savedOutput === null) return []
  const saved: Saved<readonly Tensor[], unknown> = { inputs, output: savedOutput, params, aside }
  if (op.fusedVjp !== undefined && !createGraph) return op.fusedVjp(incoming, saved, wanted)
  if (op.vjp !== undefined)
    return op.vjp(incoming, saved).map((part, i) => (wanted[i] === true && part !== null ? part() : null))
  const output = withRecording(true, () => op.composition?.(inputs, params))
  if (output === undefined) {
    throw new NumericalError(op.name, 'a derivative of this order', 'an op that is differentiable only once')
  }
  return throughComposition(output, inputs, incoming, createGraph)
}

/** Differentiates what a composite op is defined as, from its output back to the op's own inputs. */
function throughComposition(
  output: Tensor,
  inputs: readonly Tensor[],
  incoming: Tensor,
  createGraph: boolean,
): (Tensor | null)[] {
  const targets = new Set(inputs.map(({ variable }) => variable).filter((variable) => variable !== null))
  const results = new Map<Variable, Tensor>()
  const options = { createGraph, retainGraph: createGraph, stopAtTargets: true }
  differentiate(output, incoming, targets, options, (target, cotangent) => {
    results.set(target, cotangent.alias(true))
    cotangent.dispose()
  })
  return inputs.map(({ variable }) => {
    const part = variable === null ? undefined : results.get(variable)
    if (variable !== null) results.delete(variable) // an input that occurs twice gets its cotangent once
    return part ?? null
  })
}

/** Sums a cotangent over the axes along which its input was broadcast. */
function sumTo(cotangent: Tensor, shape: Shape): Tensor {
  if (sameShape(cotangent.shape, shape)) return cotangent
  const missing = cotangent.rank - shape.length
  const axes = cotangent.shape.map((_, axis) => axis).filter((axis) => axis < missing || shape[axis - missing] === 1)
  return reshape(sum(cotangent, axes), shape)
}
