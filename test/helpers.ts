/** Small makers that many tests share. */
import { tensor, type NestedNumbers, type Tensor } from '../src/index.js'

/** A float64 leaf that requires a derivative. */
export function parameter(values: NestedNumbers): Tensor {
  return tensor(values, { dtype: 'float64', requiresGrad: true })
}
