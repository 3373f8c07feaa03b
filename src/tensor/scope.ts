/**
 * Scopes give memory back promptly: every tensor made inside is disposed at the end, except what the function returns and
 * what was kept. Graph nodes made inside that no surviving tensor can reach let go of what they saved.
 */
import { ConfigError } from './errors.js'
import { Tensor } from './tensor.js'
import type { GraphNode, Variable } from './variable.js'

class Scope {
  readonly tensors: Tensor[] = []
  readonly nodes: GraphNode[] = []
}

let current: Scope | null = null

/** Called by every new tensor handle. */
export function trackTensor(tensor: Tensor): void {
  current?.tensors.push(tensor)
}

/** Called by every recorded node. */
export function trackNode(node: GraphNode): void {
  current?.nodes.push(node)
}

/**
 * Runs `fn` and disposes every tensor it made, except those in its result (a tensor, or arrays, maps and plain objects
 * of tensors) and those passed to `keep`. Scopes nest; what one returns belongs to the next.
 *
 *     const loss = scope(() => diceLoss(net.call(image), label, { phi: 'I', epsilon: 1e-7 }).item())
 *
 * @throws ConfigError when `fn` returns a promise: a scope is synchronous.
 */
export function scope<T>(fn: () => T): T {
  const outer = current
  const inner = new Scope()
  current = inner
  let result: T | undefined
  try {
    result = fn()
    if (result instanceof Promise)
      throw new ConfigError('scope', 'a synchronous function', 'one that returns a promise')
    return result
  } finally {
    current = outer
    close(inner, outer, tensorsIn(result))
  }
}

/** Exempts a tensor from every scope; it lives until it is disposed or collected. Returns it. */
export function keep(tensor: Tensor): Tensor {
  tensor.kept = true
  return tensor
}

function close(inner: Scope, outer: Scope | null, escaping: ReadonlySet<Tensor>): void {
  const survivors: Tensor[] = []
  for (const tensor of inner.tensors) {
    if (tensor.disposed) continue
    if (tensor.kept || escaping.has(tensor)) survivors.push(tensor)
    else tensor.dispose()
  }
  const [first] = inner.nodes
  if (first !== undefined) {
    const reached = reachable([...survivors, ...escaping], first.id)
    for (const node of inner.nodes) {
      if (node.released) continue
      if (reached.has(node)) outer?.nodes.push(node)
      else node.release()
    }
  }
  if (outer !== null) for (const tensor of survivors) outer.tensors.push(tensor)
}

/** Nodes numbered `firstId` or later that the tensors' graphs contain. */
function reachable(tensors: readonly Tensor[], firstId: number): Set<GraphNode> {
  const reached = new Set<GraphNode>()
  const pending: (Variable | null)[] = tensors.map((tensor) => tensor.variable)
  for (let variable = pending.pop(); variable !== undefined; variable = pending.pop()) {
    const node = variable?.producer
    if (node === null || node === undefined || node.id < firstId || reached.has(node)) continue
    reached.add(node)
    pending.push(...node.inputs)
  }
  return reached
}

function tensorsIn(value: unknown, found = new Set<Tensor>(), seen = new Set<object>()): Set<Tensor> {
  if (value instanceof Tensor) found.add(value)
  else if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value) && !seen.has(value)) {
    seen.add(value)
    const parts = value instanceof Map || Array.isArray(value) ? value.values() : Object.values(value)
    for (const part of parts) tensorsIn(part, found, seen)
  }
  return found
}
