/** Ctrl-C and its relatives: the first asks for an orderly end, the second ends the process at once. */

const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const

export interface Stop {
  readonly signal: AbortSignal
  /** The exit code of a process that was stopped. */
  code(): number
  request(by?: keyof typeof EXIT_CODES): void
}

/** From now on signals abort instead of killing. A signal that comes with no more than a moment between is the same one. */
export function catchStop(): Stop {
  const controller = new AbortController()
  let code: number = EXIT_CODES.SIGINT
  let since = Infinity
  const request = (by: keyof typeof EXIT_CODES = 'SIGINT'): void => {
    // A terminal sends Ctrl-C to the whole process group, and the parent tells its children too.
    if (controller.signal.aborted && performance.now() - since > 500) process.exit(code)
    if (controller.signal.aborted) return
    code = EXIT_CODES[by]
    since = performance.now()
    controller.abort()
  }
  process.on('SIGINT', request)
  process.on('SIGTERM', request)
  return { signal: controller.signal, code: () => code, request }
}
