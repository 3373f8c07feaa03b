/** The five dtypes, their arrays, and what the ops may assume of them. */

export const dtypes = ['float32', 'float64', 'int32', 'uint8', 'bool'] as const

export type DType = (typeof dtypes)[number]
export type FloatDType = 'float32' | 'float64'

/** What a CPU tensor's elements live in; `bool` is stored as 0 and 1 in a Uint8Array. */
export type NumberArray = Float32Array | Float64Array | Int32Array | Uint8Array

const bytes: Record<DType, number> = { float32: 4, float64: 8, int32: 4, uint8: 1, bool: 1 }

export function bytesPerElement(dtype: DType): number {
  return bytes[dtype]
}

export function isFloat(dtype: DType): dtype is FloatDType {
  return dtype === 'float32' || dtype === 'float64'
}

/** A typed array of `length` elements over `buffer`, or over fresh zeroed memory. */
export function numberArray(
  dtype: DType,
  length: number,
  buffer: ArrayBuffer = new ArrayBuffer(length * bytes[dtype]),
): NumberArray {
  switch (dtype) {
    case 'float32':
      return new Float32Array(buffer, 0, length)
    case 'float64':
      return new Float64Array(buffer, 0, length)
    case 'int32':
      return new Int32Array(buffer, 0, length)
    case 'uint8':
    case 'bool':
      return new Uint8Array(buffer, 0, length)
  }
}

/** The dtype a typed array stands for when the caller names none. */
export function dtypeOf(array: NumberArray): DType {
  if (array instanceof Float32Array) return 'float32'
  if (array instanceof Float64Array) return 'float64'
  if (array instanceof Int32Array) return 'int32'
  return 'uint8'
}
