/** Bundles a TypeScript program of this project for browsers. A Node API anywhere in it is an error of esbuild. */
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('../..', import.meta.url))

export interface BundleOptions {
  /** JavaScript put before and after the program. */
  readonly before?: string
  readonly after?: string
}

/** One minified module of the program in TypeScript, whose imports are relative to the project's root. */
export async function bundleForBrowser(
  program: string,
  { before = '', after = '' }: BundleOptions = {},
): Promise<string> {
  const { outputFiles } = await build({
    absWorkingDir: root,
    // As the project's own, but with `#native` left to the conditions of package.json.
    tsconfig: 'test/browser/bundle.tsconfig.json',
    stdin: { contents: program, resolveDir: root, loader: 'ts' },
    bundle: true,
    minify: true,
    write: false,
    platform: 'browser',
    format: 'esm',
    target: 'es2022',
    banner: { js: before },
    footer: { js: after },
    logLevel: 'silent',
  })
  return outputFiles.map(({ text }) => text).join('')
}

export function gzippedKilobytes(text: string): number {
  return gzipSync(text, { level: 9 }).length / 1000
}
