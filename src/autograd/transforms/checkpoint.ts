/**
 * Trading time for memory: a checkpointed part of a network keeps its inputs only, and is run again when the backward pass comes
 * to it. It is an op whose composition is the function itself, so that all that holds of composite ops, second derivatives
 * included, holds here. Source: Chen et al., "Training deep nets with sublinear memory cost", 2016.
 */
import { checkTensor } from '../../tensor/arguments.js'
import { type RandomState, randomState, replayRandom, zeros } from '../../tensor/create.js'
import { DisposedError, NumericalError } from '../../tensor/errors.js'
import { scope } from '../../tensor/scope.js'
import type { Storage } from '../../tensor/storage.js'
import type { Tensor } from '../../tensor/tensor.js'
import type { Variable } from '../../tensor/variable.js'
import { Node, isRecording, nodeCount } from '../graph/node.js'
import { type Op, apply } from '../graph/op.js'

/** A tensor outside of the function that its result depends on, such as a layer's weight. */
interface Captured {
  /** Has the shape and the place in the graph, but not the values: the function reads those itself. */
  readonly standIn: Tensor
  readonly storage: Storage
  readonly version: number
}

interface CheckpointParams {
  readonly run: (inputs: readonly Tensor[]) => Tensor
  readonly inputCount: number
  readonly captured: readonly Captured[]
  readonly random: RandomState
  /** The result, until forward has handed it over. */
  value: Tensor | null
}

const checkpointOp: Op<readonly Tensor[], CheckpointParams> = {
  name: 'checkpoint',
  forward(_, params) {
    const { value } = params
    if (value === null) throw new NumericalError('checkpoint', 'one forward pass', 'a second one')
    params.value = null
    return value
  },
  composition(inputs, { run, inputCount, captured, random }) {
    for (const { storage, version } of captured) {
      if (storage.version !== version) {
        throw new DisposedError(
          'checkpoint',
          'the weights of the forward pass',
          'some that were updated in place since',
        )
      }
    }
    return replayRandom(random, () => run(inputs.slice(0, inputCount)))
  },
}

/**
 * f, with the same values and derivatives to the bit, which keeps nothing of its forward pass but its inputs.
 *
 *     const y = checkpoint((x: Tensor) => block.call(x))(x)
 *
 * Tensors that f reads besides its arguments (weights) get their derivatives as usual. f runs twice, so it must compute the same
 * each time: numbers from the global seed are drawn again as they were, but a Generator must be made inside f, and what f
 * changes (running averages) is changed twice.
 *
 * @throws DisposedError in the backward pass when such a weight was updated in place since the forward pass.
 */
export function checkpoint<Arguments extends readonly Tensor[]>(
  f: (...inputs: Arguments) => Tensor,
): (...inputs: Arguments) => Tensor {
  const run = (inputs: readonly Tensor[]): Tensor => f(...(inputs as Arguments))
  return (...inputs) => {
    for (const input of inputs) checkTensor('checkpoint', input)
    if (!isRecording()) return f(...inputs)
    const random = randomState()
    const firstNode = nodeCount()
    const { value, captured, isTracked } = scope(() => {
      const output = run(inputs)
      const known = new Set(inputs.map(({ variable }) => variable))
      return {
        value: output.detach(),
        captured: capturedBy(output.variable, known, firstNode),
        isTracked: output.requiresGrad,
      }
    })
    if (!isTracked) return value
    const params: CheckpointParams = { run, inputCount: inputs.length, captured, random, value }
    const standIns = captured.map(({ standIn }) => standIn)
    const output = apply(checkpointOp, [...inputs, ...standIns], params)
    for (const standIn of standIns) standIn.dispose()
    return output
  }
}

/** What the graph of `output` reaches that is neither known nor was made by a node from `firstNode` on. */
function capturedBy(output: Variable | null, known: ReadonlySet<Variable | null>, firstNode: number): Captured[] {
  const seen = new Set<Variable | null>([...known, null])
  const captured: Captured[] = []
  const pending = [output]
  for (let variable = pending.pop(); variable !== undefined; variable = pending.pop()) {
    const node = variable?.producer
    if (!(node instanceof Node)) continue
    for (const input of node.savedInputs) {
      if (seen.has(input.variable)) continue
      seen.add(input.variable)
      const producer = input.variable?.producer ?? null
      if (producer !== null && producer.id >= firstNode) pending.push(input.variable)
      else captured.push({ standIn: standInFor(input), storage: input.storage, version: input.storage.version })
    }
  }
  return captured
}

/** One zero, repeated to the shape of x without memory, in the place of x in the graph. */
function standInFor(x: Tensor): Tensor {
  const zero = zeros([], { dtype: x.dtype, device: x.device })
  const standIn = zero.window(
    x.shape,
    x.shape.map(() => 0),
    0,
  )
  standIn.variable = x.variable
  return standIn
}
