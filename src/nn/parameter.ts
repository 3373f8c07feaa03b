/** What modules and optimizers share about the tensors they own: how one becomes a parameter, is overwritten, and restored. */
import { kernelsOf } from '../backend/select.js'
import { DTypeError, DataError, ShapeError } from '../tensor/errors.js'
import { keep } from '../tensor/scope.js'
import { sameShape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'

/** A leaf that `backward()` fills the `grad` of and that no scope disposes: the module that holds it owns it. */
export function parameter(values: Tensor): Tensor {
  return keep(values).requireGrad()
}

/** A tensor that belongs to a module's state but is not learned, such as a running mean. */
export function buffer(values: Tensor): Tensor {
  return keep(values)
}

/** Gives the derivatives back; the next `backward()` starts from nothing. */
export function clearGradients(parameters: Iterable<Tensor>): void {
  for (const { variable } of parameters) {
    if (variable === null) continue
    variable.grad?.dispose()
    variable.grad = null
  }
}

/** Replaces the values of `target`, a dense tensor, in place. A graph that saved the old ones can no longer be used. */
export function overwrite(target: Tensor, values: Tensor): void {
  kernelsOf(target.device).copy(values, target)
  target.storage.version += 1
}

/**
 * Overwrites every tensor of `target` with the one of the same name in `source`. All names, shapes and dtypes are compared
 * before the first value is written, so that a state that does not fit changes nothing.
 *
 * @throws DataError naming a tensor that is missing or that nobody asked for; ShapeError or DTypeError naming one that does not fit.
 */
export function restore(where: string, target: ReadonlyMap<string, Tensor>, source: ReadonlyMap<string, Tensor>): void {
  for (const name of source.keys()) {
    if (!target.has(name)) throw new DataError(where, `only tensors named ${[...target.keys()].join(', ')}`, name)
  }
  const pairs = [...target].map(([name, tensor]) => {
    const values = source.get(name)
    if (values === undefined) throw new DataError(where, `a tensor named ${name}`, 'none')
    if (!sameShape(values.shape, tensor.shape)) {
      throw new ShapeError(where, `${name} of shape ${show(tensor.shape)}`, show(values.shape))
    }
    if (values.dtype !== tensor.dtype) throw new DTypeError(where, `${name} of dtype ${tensor.dtype}`, values.dtype)
    values.checkAlive()
    return [tensor, values] as const
  })
  for (const [tensor, values] of pairs) overwrite(tensor, values)
}
