/** The recorded graph: one node for each application of an op to tensors that require a derivative. */
import { DisposedError } from '../../tensor/errors.js'
import type { Shape } from '../../tensor/shape.js'
import type { Tensor } from '../../tensor/tensor.js'
import type { GraphNode, Variable } from '../../tensor/variable.js'
import { trackNode } from '../../tensor/scope.js'
import type { AnyOp } from './op.js'

let recording = true
let nextId = 0

export function isRecording(): boolean {
  return recording
}

/** How many nodes were made so far: those that a function makes are numbered from here. */
export function nodeCount(): number {
  return nextId
}

/** Runs `fn` with recording switched on or off, and restores the mode whatever happens. */
export function withRecording<T>(on: boolean, fn: () => T): T {
  const before = recording
  recording = on
  try {
    return fn()
  } finally {
    recording = before
  }
}

/** Runs `fn` without recording: its results require no derivative. */
export function noGrad<T>(fn: () => T): T {
  return withRecording(false, fn)
}

export class Node implements GraphNode {
  readonly id = nextId++
  readonly inputs: readonly (Variable | null)[]
  readonly inputShapes: readonly Shape[]
  released = false
  /** The op's result, or a ghost of it; null before it is known and after release. */
  savedOutput: Tensor | null = null
  private saved: readonly Tensor[]
  private versions: readonly number[]

  /** `savedInputs[i]` is a handle of the graph's own, or a ghost where the op does not need the values. */
  constructor(
    readonly op: AnyOp,
    readonly params: unknown,
    readonly savedInputs: readonly Tensor[],
    readonly aside: readonly Tensor[],
  ) {
    this.inputs = savedInputs.map((input) => input.variable)
    this.inputShapes = savedInputs.map((input) => input.shape)
    this.saved = savedInputs.filter((input) => !input.disposed)
    this.versions = this.saved.map((input) => input.storage.version)
    trackNode(this)
  }

  /** Takes over a handle of the op's result. */
  saveOutput(output: Tensor): void {
    this.savedOutput = output
    if (output.disposed) return
    this.saved = [...this.saved, output]
    this.versions = [...this.versions, output.storage.version]
  }

  /** @throws DisposedError when the saved tensors were released, or changed in place since they were saved. */
  checkUsable(): void {
    if (this.released) {
      throw new DisposedError(
        'backward',
        'a graph that was not used before (or retainGraph: true)',
        `a second pass through ${this.op.name}`,
      )
    }
    this.saved.forEach((tensor, i) => {
      if (tensor.storage.version !== this.versions[i]) {
        throw new DisposedError(
          'backward',
          `the values that ${this.op.name} saved`,
          'a tensor that was updated in place since',
        )
      }
    })
  }

  release(): void {
    if (this.released) return
    this.released = true
    for (const input of this.saved) input.dispose()
    for (const tensor of this.aside) tensor.dispose()
    this.savedOutput?.dispose()
    this.savedOutput = null
  }
}
