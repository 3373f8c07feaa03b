/**
 * How parameters begin. Every initialiser draws from a generator that the caller names, one number per element in C order, by
 * arithmetic that rounds alike everywhere: a seed means the same network on every machine and in every version.
 */
import type { FloatDType } from '../tensor/dtype.js'
import { full, tensor } from '../tensor/create.js'
import { type Generator, normalQuantile } from '../tensor/random.js'
import { type Shape, sizeOf } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'

/** How many values an output sums (fanIn), and how many an input contributes to (fanOut). */
export interface Fans {
  readonly fanIn: number
  readonly fanOut: number
}

export type Initializer = (shape: Shape, fans: Fans, generator: Generator, dtype: FloatDType) => Tensor

/** The standard normal distribution function at −2. */
const BELOW_MINUS_TWO = 0.02275013194817921

/** The standard deviation of a standard normal variable truncated to ±2: √(1 − 4·φ(2)/(1 − 2·Φ(−2))). */
const TRUNCATED_DEVIATION = 0.8796256610342398

/** A normal value of that deviation after truncation at two deviations of the untruncated one, by the inverse of Φ. */
function truncatedNormal(generator: Generator, deviation: number): number {
  const probability = BELOW_MINUS_TWO + (1 - 2 * BELOW_MINUS_TWO) * generator.uniform()
  return (deviation / TRUNCATED_DEVIATION) * normalQuantile(probability)
}

function drawn(shape: Shape, dtype: FloatDType, draw: () => number): Tensor {
  return tensor(Float64Array.from({ length: sizeOf(shape) }, draw), { shape, dtype })
}

/**
 * Truncated normal with variance 2/fanIn, for layers whose input passed a ReLU; Keras's `he_normal`.
 * Source: He et al., "Delving deep into rectifiers", ICCV 2015, Eq. 10.
 */
export const heNormal: Initializer = (shape, { fanIn }, generator, dtype) =>
  drawn(shape, dtype, () => truncatedNormal(generator, Math.sqrt(2 / fanIn)))

/**
 * Truncated normal with variance 2/(fanIn + fanOut); Keras's `glorot_normal`.
 * Source: Glorot & Bengio, "Understanding the difficulty of training deep feedforward neural networks", AISTATS 2010, Eq. 12.
 */
export const glorotNormal: Initializer = (shape, { fanIn, fanOut }, generator, dtype) =>
  drawn(shape, dtype, () => truncatedNormal(generator, Math.sqrt(2 / (fanIn + fanOut))))

/** Uniform on ±√(6/(fanIn + fanOut)); Glorot & Bengio, Eq. 16. */
export const glorotUniform: Initializer = (shape, { fanIn, fanOut }, generator, dtype) => {
  const limit = Math.sqrt(6 / (fanIn + fanOut))
  return drawn(shape, dtype, () => limit * (2 * generator.uniform() - 1))
}

export const allZeros: Initializer = (shape, _fans, _generator, dtype) => full(shape, 0, { dtype })

export const allOnes: Initializer = (shape, _fans, _generator, dtype) => full(shape, 1, { dtype })
