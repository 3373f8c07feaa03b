/** How values that are not what they should be stand in messages. */

/** Numbers and strings as they are, the rest by kind. */
export function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value)
  if (Array.isArray(value)) return `an array of ${value.length}`
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'object' && value !== null) return `an object (${value.constructor?.name ?? 'without a class'})`
  return String(value)
}

/** Array.isArray without the narrowing, which makes `any[]` of a readonly array. */
export function isList(value: unknown): boolean {
  return Array.isArray(value)
}
