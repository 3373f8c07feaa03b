/**
 * A tensor's place in the autograd graph, as far as the tensor room must know it: leaves have no producer; results know
 * the node that made them. What nodes do is the autograd room's business.
 */
import type { Tensor } from './tensor.js'

/** One recorded application of an op. */
export interface GraphNode {
  /** Nodes are numbered in the order of their making, which is a topological order. */
  readonly id: number
  readonly inputs: readonly (Variable | null)[]
  readonly released: boolean
  /** Lets go of the tensors that were saved for the backward pass. */
  release(): void
}

export class Variable {
  /** What `backward()` accumulates for a leaf. */
  grad: Tensor | null = null

  constructor(readonly producer: GraphNode | null = null) {}
}
