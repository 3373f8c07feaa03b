/**
 * A part of a network: tensors it owns, modules it is made of, and a forward pass. Nothing is registered: parameters, buffers
 * and submodules are found among the own fields. It knows nothing of devices, losses or optimizers.
 */
import { scope } from '../tensor/scope.js'
import { Tensor } from '../tensor/tensor.js'
import { clearGradients, restore } from './parameter.js'

/**
 * A subclass assigns its parts to fields and writes `forward`; users call `call`.
 *
 *     class Residual extends Module {
 *       readonly conv = new Conv3d({ inChannels: 8, outChannels: 8, kernel: 3, generator: new Generator(0) })
 *       forward(x: Tensor): Tensor {
 *         return x.add(this.conv.call(x))
 *       }
 *     }
 *     new Residual().call(x)
 *
 * A field that is a tensor is a parameter where it requires a derivative, else a buffer; tensors and modules may also stand
 * in (nested) arrays. The dotted path of fields and indices, such as `down.0.1.conv.weight`, is its name. `#private` fields
 * are not found.
 */
export abstract class Module<Inputs extends readonly unknown[] = readonly [x: Tensor], Output = Tensor> {
  private inTraining = true

  /** What the module computes. Call it through `call`, which gives the memory of intermediates back. */
  abstract forward(...inputs: Inputs): Output

  /**
   * Runs `forward` in a scope: intermediates, which no user can hold, are recycled when it ends; the graph keeps what it needs.
   * A forward must therefore not put a tensor it made aside, except through `keep`.
   */
  call(...inputs: Inputs): Output {
    return scope(() => this.forward(...inputs))
  }

  /** Whether layers behave as in training (batch statistics) or as in use (running statistics). */
  get training(): boolean {
    return this.inTraining
  }

  /** Switches this module and all it contains to training, the mode they begin in. Returns it. */
  train(): this {
    for (const module of this.modules()) module.inTraining = true
    return this
  }

  /** Switches this module and all it contains to evaluation. Returns it. */
  eval(): this {
    for (const module of this.modules()) module.inTraining = false
    return this
  }

  /** This module and all it contains, each once. */
  modules(): readonly Module<never, unknown>[] {
    const found = new Set<Module<never, unknown>>([this])
    for (const module of found) for (const [, part] of partsOf(module)) if (part instanceof Module) found.add(part)
    return [...found]
  }

  /** Parameters by name, in the order of the fields. A tensor that is shared has the first of its names. */
  namedParameters(): ReadonlyMap<string, Tensor> {
    return new Map([...this.stateDict()].filter(([, tensor]) => tensor.requiresGrad))
  }

  /** Buffers by name: state that is not learned. */
  namedBuffers(): ReadonlyMap<string, Tensor> {
    return new Map([...this.stateDict()].filter(([, tensor]) => !tensor.requiresGrad))
  }

  parameters(): readonly Tensor[] {
    return [...this.namedParameters().values()]
  }

  /** Parameters and buffers by name. The tensors are the module's own, not copies. */
  stateDict(): ReadonlyMap<string, Tensor> {
    const names = new Map<Part, string>()
    collect(this, '', names)
    return new Map([...names].flatMap(([part, name]) => (part instanceof Tensor ? [[name, part]] : [])))
  }

  /**
   * Overwrites all parameters and buffers with those of `state`, which keeps its own tensors.
   *
   * @throws DataError, ShapeError or DTypeError naming the tensor, unless names, shapes and dtypes are exactly the module's;
   * nothing was changed then.
   */
  loadStateDict(state: ReadonlyMap<string, Tensor>): void {
    restore('loadStateDict', this.stateDict(), state)
  }

  /** Gives the parameters' derivatives back. */
  zeroGrad(): void {
    clearGradients(this.parameters())
  }

  /** Gives the memory of all parameters, their derivatives and all buffers back. */
  dispose(): void {
    for (const tensor of this.stateDict().values()) tensor.dispose()
  }

  [Symbol.dispose](): void {
    this.dispose()
  }
}

type Part = Tensor | Module<never, unknown>

/** The tensors and modules in the fields of `container`, and in arrays there, by their path. */
function partsOf(container: object): [path: string, part: Part][] {
  return Object.entries(container).flatMap(([key, field]: [string, unknown]): [string, Part][] => {
    if (field instanceof Tensor) return [[key, field]]
    if (field instanceof Module) return [[key, field as Module<never, unknown>]]
    if (!Array.isArray(field)) return []
    return partsOf(field).map(([path, part]) => [`${key}.${path}`, part])
  })
}

/** Names every tensor and module inside `module` that has no name yet. */
function collect(module: Module<never, unknown>, prefix: string, names: Map<Part, string>): void {
  for (const [path, part] of partsOf(module)) {
    if (names.has(part)) continue
    names.set(part, prefix + path)
    if (part instanceof Module) collect(part, `${prefix}${path}.`, names)
  }
}
