/** How numbers stand in tables and figures: one place, so that all of them agree. */

export const NO_NUMBER = '—'

/** Fixed decimals with a true minus sign; never "−0"; a dash for null. */
export function formatFixed(value: number | null | undefined, decimals: number): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return NO_NUMBER
  const text = value.toFixed(decimals)
  return Number(text) === 0 ? text.replace('-', '') : text.replace('-', '−')
}

/** Numbers of any size in a few characters: 1e−7, 141.3, 0.003. */
export function formatNumber(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e9) return String(value).replace('-', '−')
  const small = value !== 0 && Math.abs(value) < 1e-3
  return (small ? value.toExponential(1).replace('.0e', 'e') : String(Number(value.toPrecision(6)))).replaceAll(
    '-',
    '−',
  )
}

const SUPERSCRIPTS: Record<string, string> = Object.fromEntries(
  Array.from('−0123456789', (character, i) => [character, Array.from('⁻⁰¹²³⁴⁵⁶⁷⁸⁹')[i] ?? '']),
)

/** A power of ten as it stands beside an axis: 0.01, 1, 100, 10⁻⁷. */
export function formatPowerOfTen(exponent: number): string {
  if (exponent >= -2 && exponent <= 3) return formatNumber(10 ** exponent)
  const digits = String(exponent).replace('-', '−')
  return `10${Array.from(digits, (character) => SUPERSCRIPTS[character] ?? '').join('')}`
}
