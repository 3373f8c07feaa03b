/**
 * Finds and loads the native addon. Node only: package.json maps `#native` to this file under the `node` condition and to
 * absent.ts elsewhere, so that a bundle for the browser never sees it. Silent: what was tried is returned, for
 * `phigrad doctor` and for the error of PHIGRAD_BACKEND=native.
 */
import { createRequire } from 'node:module'
import { type Addon, isAddon, missingFunctions } from './addon.js'

/** What came of the search. */
export interface NativeSearch {
  readonly addon: Addon | null
  /** Where the addon was found. */
  readonly path: string | null
  /** Every place that was looked at before, with what was wrong there. */
  readonly tried: readonly string[]
  /** What PHIGRAD_BACKEND says. */
  readonly wanted: string | undefined
}

/** Package first, since it is what a user installs; then the builds of a clone: cmake-js, node-gyp. */
const places = [
  `@phigrad/native-${process.platform}-${process.arch}`,
  '../../../build/cmake/Release/phigrad_cpu.node',
  '../../../native/cpu/build/Release/phigrad_cpu.node',
]

/** Looks in PHIGRAD_ADDON if it is set, else in the usual places; not at all under PHIGRAD_BACKEND=reference. */
export function loadNative(): NativeSearch {
  const { PHIGRAD_BACKEND: wanted, PHIGRAD_ADDON: only } = process.env
  const tried: string[] = []
  if (wanted === 'reference') return { addon: null, path: null, tried: ['nothing: PHIGRAD_BACKEND=reference'], wanted }
  const require = createRequire(import.meta.url)
  for (const place of only === undefined || only === '' ? places : [only]) {
    try {
      const path = require.resolve(place)
      const module: unknown = require(path)
      if (isAddon(module)) return { addon: module, path, tried, wanted }
      tried.push(`${path}: of another version, it lacks ${missingFunctions(module).join(', ')}`)
    } catch (error) {
      tried.push(`${place}: ${reason(error)}`)
    }
  }
  return { addon: null, path: null, tried, wanted }
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if ('code' in error && error.code === 'MODULE_NOT_FOUND') return 'not found'
  return error.message.split('\n', 1)[0] ?? error.name
}
