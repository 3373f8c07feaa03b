/** A template tag that escapes: text from files and options can never become markup. No DOM. */

/** Markup that is known to be well formed: only `html` makes it from values. */
export class Html {
  constructor(readonly text: string) {}
}

type Value = Html | string | number | readonly Html[]

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

export function escapeText(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character)
}

function markup(value: Value): string {
  if (value instanceof Html) return value.text
  return typeof value === 'object' ? value.map((part) => part.text).join('') : escapeText(String(value))
}

/**
 * Markup of a template whose strings and numbers are escaped; nested `html` and lists of it go in as they are.
 *
 * @example html`<td>${'a < b'}</td>`.text // <td>a &lt; b</td>
 */
export function html(parts: TemplateStringsArray, ...values: readonly Value[]): Html {
  return new Html(parts.map((part, index) => (index === 0 ? part : markup(values[index - 1] ?? '') + part)).join(''))
}

export const NOTHING = new Html('')
