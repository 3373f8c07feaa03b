/** How a tensor prints: NumPy's way, abbreviated when large. */
import type { NestedNumbers, Tensor } from './tensor.js'
import { show } from './shape.js'

const EDGE = 3
const LARGE = 1000

function formatNumber(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(6)))
}

function formatNested(values: NestedNumbers, indent: string, abbreviate: boolean): string {
  if (typeof values === 'number') return formatNumber(values)
  const parts = values.map((part) => formatNested(part, `${indent} `, abbreviate))
  if (abbreviate && parts.length > 2 * EDGE) parts.splice(EDGE, parts.length - 2 * EDGE, '…')
  const isVector = values.every((part) => typeof part === 'number')
  return `[${parts.join(isVector ? ', ' : `,\n${indent} `)}]`
}

/** `tensor(float32, (2,3)): [[1, 2, 3], …]`. */
export function formatTensor(x: Tensor): string {
  const head = `tensor(${x.dtype}, ${show(x.shape)})`
  return x.disposed ? `${head}: disposed` : `${head}: ${formatNested(x.toArray(), '', x.size > LARGE)}`
}
