/**
 * out = erf x = 2/√π ∫₀ˣ e^−t² dt, by rational approximations on |x| ≤ 0.46875, ≤ 4 and beyond.
 * Source: W. J. Cody, "Rational Chebyshev approximations for the error function", Mathematics of Computation 23, 1969;
 * coefficients and the splitting of e^−x² as in his CALERF (SPECFUN, 1990).
 */
import type { UnaryKernel } from '../kernels.js'
import { denseArray } from './layout.js'

// As the nearest doubles, highest power first. The first in x², the second in |x|, the third in 1/x².
const NEAR_NUMERATOR = [
  0.18577770618460315, 3.1611237438705655, 113.86415415105016, 377.485237685302, 3209.3775891384694,
]
const NEAR_DENOMINATOR = [1, 23.601290952344122, 244.02463793444417, 1282.6165260773723, 2844.236833439171]
const MIDDLE_NUMERATOR = [
  2.1531153547440383e-8, 0.5641884969886701, 8.883149794388377, 66.11919063714163, 298.6351381974001, 881.952221241769,
  1712.0476126340707, 2051.0783778260716, 1230.3393547979972,
]
const MIDDLE_DENOMINATOR = [
  1, 15.744926110709835, 117.6939508913125, 537.1811018620099, 1621.3895745666903, 3290.7992357334597,
  4362.619090143247, 3439.3676741437216, 1230.3393548037495,
]
const FAR_NUMERATOR = [
  0.016315387137302097, 0.30532663496123236, 0.36034489994980445, 0.12578172611122926, 0.016083785148742275,
  0.0006587491615298378,
]
const FAR_DENOMINATOR = [
  1, 2.568520192289822, 1.8729528499234673, 0.5279051029514285, 0.06051834131244132, 0.0023352049762686918,
]

function horner(coefficients: readonly number[], x: number): number {
  let value = 0
  for (const c of coefficients) value = value * x + c
  return value
}

/** 1 − erf y for 0.46875 < y. */
function complement(y: number): number {
  let scaled: number
  if (y <= 4) scaled = horner(MIDDLE_NUMERATOR, y) / horner(MIDDLE_DENOMINATOR, y)
  else {
    const r = 1 / (y * y)
    scaled = (1 / Math.sqrt(Math.PI) - (r * horner(FAR_NUMERATOR, r)) / horner(FAR_DENOMINATOR, r)) / y
  }
  // y² is split into an exact part and a small rest, since e^−y² magnifies the rounding of y².
  const coarse = Math.trunc(16 * y) / 16
  return Math.exp(-coarse * coarse) * Math.exp(-(y - coarse) * (y + coarse)) * scaled
}

function errorFunction(x: number): number {
  const y = Math.abs(x)
  if (y <= 0.46875) return (x * horner(NEAR_NUMERATOR, y * y)) / horner(NEAR_DENOMINATOR, y * y)
  if (y > 6) return Math.sign(x)
  return Math.sign(x) * (1 - complement(y))
}

export const erf: UnaryKernel = (input, output) => {
  const x = denseArray(input)
  const out = denseArray(output)
  for (let i = 0; i < out.length; i++) out[i] = errorFunction(x[i] as number)
}
