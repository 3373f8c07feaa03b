/**
 * Keyed, counter-based random numbers: value `index` of stream `stream` under `seed` is a pure function of the three.
 * Uniform bits come from Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
 * Normals are made from them by +, −, ×, ÷ and √ only, which IEEE 754 rounds alike everywhere, so that a seed means the
 * same numbers on every machine and backend.
 */
import { ConfigError } from './errors.js'

const MULTIPLIER_0 = 0xd2511f53
const MULTIPLIER_1 = 0xcd9e8d57
const WEYL_0 = 0x9e3779b9
const WEYL_1 = 0xbb67ae85
const TWO_32 = 4294967296

/** The high 32 bits of the 64-bit product of two unsigned 32-bit integers. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff
  const aHigh = a >>> 16
  const bLow = b & 0xffff
  const bHigh = b >>> 16
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16)
  const carry = (middle & 0xffff) + aLow * bHigh
  return (aHigh * bHigh + Math.floor(middle / 65536) + Math.floor(carry / 65536)) >>> 0
}

/** Philox4x32-10: encrypts the counter `words` (four unsigned 32-bit integers) in place under a 64-bit key. */
export function philox(words: Uint32Array, keyLow: number, keyHigh: number): void {
  let [c0 = 0, c1 = 0, c2 = 0, c3 = 0] = words
  let k0 = keyLow >>> 0
  let k1 = keyHigh >>> 0
  for (let round = 0; round < 10; round++) {
    const high0 = multiplyHigh(MULTIPLIER_0, c0)
    const low0 = Math.imul(MULTIPLIER_0, c0) >>> 0
    const high1 = multiplyHigh(MULTIPLIER_1, c2)
    const low1 = Math.imul(MULTIPLIER_1, c2) >>> 0
    c0 = (high1 ^ c1 ^ k0) >>> 0
    c1 = low1
    c2 = (high0 ^ c3 ^ k1) >>> 0
    c3 = low0
    k0 = (k0 + WEYL_0) >>> 0
    k1 = (k1 + WEYL_1) >>> 0
  }
  words[0] = c0
  words[1] = c1
  words[2] = c2
  words[3] = c3
}

const doubles = new Float64Array(1)
const halves = new Uint32Array(doubles.buffer)

/**
 * Natural logarithm of a normal positive number by +, −, ×, ÷: x = m·2^k with m in [√½, √2), log m = 2·atanh((m−1)/(m+1))
 * as a series to t^21. Relative error below 1e-15; used instead of Math.log, whose last bit differs between engines.
 */
function logarithm(x: number): number {
  doubles[0] = x
  const high = halves[1] ?? 0
  let exponent = (high >>> 20) - 1023
  halves[1] = (high & 0x000fffff) | 0x3ff00000
  let mantissa = doubles[0]
  if (mantissa > Math.SQRT2) {
    mantissa /= 2
    exponent += 1
  }
  const t = (mantissa - 1) / (mantissa + 1)
  const t2 = t * t
  let series = 1 / 23
  for (let n = 21; n >= 1; n -= 2) series = series * t2 + 1 / n
  return 2 * t * series + exponent * Math.LN2
}

function horner(coefficients: readonly number[], x: number): number {
  let value = 0
  for (const c of coefficients) value = value * x + c
  return value
}

// Coefficients of algorithm AS 241 (PPND16), highest power first, as the nearest doubles.
const CENTRAL_NUMERATOR = [
  2509.0809287301227, 33430.57558358813, 67265.7709270087, 45921.95393154987, 13731.69376550946, 1971.5909503065513,
  133.14166789178438, 3.3871328727963665,
]
const CENTRAL_DENOMINATOR = [
  5226.495278852546, 28729.085735721943, 39307.89580009271, 21213.794301586597, 5394.196021424751, 687.1870074920579,
  42.31333070160091, 1,
]
const TAIL_NUMERATOR = [
  0.0007745450142783414, 0.022723844989269184, 0.2417807251774506, 1.2704582524523684, 3.6478483247632045,
  5.769497221460691, 4.630337846156546, 1.4234371107496835,
]
const TAIL_DENOMINATOR = [
  1.0507500716444169e-9, 0.0005475938084995345, 0.015198666563616457, 0.14810397642748008, 0.6897673349851,
  1.6763848301838038, 2.053191626637759, 1,
]
const FAR_NUMERATOR = [
  2.0103343992922881e-7, 2.7115555687434876e-5, 0.0012426609473880784, 0.026532189526576124, 0.29656057182850487,
  1.7848265399172913, 5.463784911164114, 6.657904643501103,
]
const FAR_DENOMINATOR = [
  2.0442631033899397e-15, 1.421511758316446e-7, 1.8463183175100548e-5, 0.0007868691311456133, 0.014875361290850615,
  0.1369298809227358, 0.599832206555888, 1,
]

/**
 * The standard normal quantile of p in (0, 1); relative error about 1e-16.
 * Source: M. J. Wichura, "Algorithm AS 241: the percentage points of the normal distribution", Applied Statistics 37, 1988.
 */
export function normalQuantile(p: number): number {
  const q = p - 0.5
  if (Math.abs(q) <= 0.425) {
    const r = 0.180625 - q * q
    return (q * horner(CENTRAL_NUMERATOR, r)) / horner(CENTRAL_DENOMINATOR, r)
  }
  const r = Math.sqrt(-logarithm(q < 0 ? p : 1 - p))
  const value =
    r <= 5
      ? horner(TAIL_NUMERATOR, r - 1.6) / horner(TAIL_DENOMINATOR, r - 1.6)
      : horner(FAR_NUMERATOR, r - 5) / horner(FAR_DENOMINATOR, r - 5)
  return q < 0 ? -value : value
}

/** A position in one stream of random numbers. Each draw advances `index`; equal (seed, stream, index) give equal draws. */
export class Generator {
  private readonly words = new Uint32Array(4)
  private blockIndex = -1

  /** `seed`: any integer up to 2^53; `stream`: a non-negative integer below 2^53; `index`: how many numbers were drawn. */
  constructor(
    readonly seed: number,
    readonly stream = 0,
    public index = 0,
  ) {
    for (const [name, value] of Object.entries({ seed, stream, index })) {
      if (!Number.isSafeInteger(value) || (name !== 'seed' && value < 0)) {
        throw new ConfigError(`Generator.${name}`, 'a safe integer', String(value))
      }
    }
  }

  /** 53 random bits as an integer; two of them come from each Philox block. */
  private bits53(): number {
    const block = Math.floor(this.index / 2)
    if (block !== this.blockIndex) {
      const { words, seed, stream } = this
      words[0] = block >>> 0
      words[1] = Math.floor(block / TWO_32)
      words[2] = stream >>> 0
      words[3] = Math.floor(stream / TWO_32)
      philox(words, seed >>> 0, Math.floor(seed / TWO_32) >>> 0)
      this.blockIndex = block
    }
    const half = 2 * (this.index % 2)
    this.index++
    return ((this.words[half] ?? 0) >>> 5) * 67108864 + ((this.words[half + 1] ?? 0) >>> 6)
  }

  /** Uniform on [0, 1), a multiple of 2^-53. */
  uniform(): number {
    return this.bits53() / 9007199254740992
  }

  /** Standard normal. */
  normal(): number {
    return normalQuantile((this.bits53() + 0.5) / 9007199254740992)
  }

  /** Uniform on the integers 0 … n − 1. */
  integer(n: number): number {
    return Math.floor(this.uniform() * n)
  }

  /** A uniformly random order of 0 … n − 1 (Fisher–Yates). */
  permutation(n: number): Int32Array {
    const order = Int32Array.from({ length: n }, (_, i) => i)
    for (let i = n - 1; i > 0; i--) {
      const j = this.integer(i + 1)
      const swapped = order[i] ?? 0
      order[i] = order[j] ?? 0
      order[j] = swapped
    }
    return order
  }
}
