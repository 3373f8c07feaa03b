/** What `#native` is where there is no Node: no addon, and nothing to look for. */
import type { NativeSearch } from './load.js'

export function loadNative(): NativeSearch {
  return { addon: null, path: null, tried: ['nothing: native code needs Node'], wanted: undefined }
}
