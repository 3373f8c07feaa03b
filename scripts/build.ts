/**
 * The build: one file per entry of package.json and shared chunks (esbuild), declarations beside them (tsc).
 *
 * Bundled because of start-up: Node resolves, reads and compiles some hundred small modules in 85 ms and one big one in 4 ms
 * (bench/import.ts). Chunks are two folders deep, as most of src is, so that `new URL('../../…', import.meta.url)` means the
 * same place before and after. Dependencies stay imports.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync, readdirSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { z } from 'zod'

const root = fileURLToPath(new URL('..', import.meta.url))

const manifestSchema = z.object({ exports: z.json(), imports: z.json().optional(), bin: z.json() })

/** Every `./dist/….js` in exports, imports and bin, as the source that it is built from. */
function entries(): string[] {
  const manifest = manifestSchema.parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')))
  const found = JSON.stringify(manifest).matchAll(/"(?:\.\/)?dist\/([^"]+)\.js"/g)
  return [...new Set(Array.from(found, ([, path]) => `src/${path ?? ''}.ts`))]
}

async function bundle(): Promise<void> {
  const { outputs } = (
    await build({
      absWorkingDir: root,
      entryPoints: entries(),
      outbase: 'src',
      outdir: 'dist',
      chunkNames: 'chunks/[hash]',
      bundle: true,
      splitting: true,
      packages: 'external',
      external: ['#*'],
      platform: 'neutral',
      format: 'esm',
      target: 'es2022',
      // Error classes are known by their names.
      keepNames: true,
      sourcemap: true,
      metafile: true,
      logLevel: 'warning',
    })
  ).metafile
  const made = new Set(Object.keys(outputs))
  for (const file of readdirSync(join(root, 'dist'), { recursive: true, encoding: 'utf8' })) {
    const path = `dist/${file.replaceAll('\\', '/')}`
    if (/\.js(\.map)?$/.test(path) && !made.has(path)) rmSync(join(root, path))
  }
}

/** tsc's exit code; it says itself what is wrong. */
function declare(): number {
  const compiler = createRequire(import.meta.url).resolve('typescript/bin/tsc')
  return (
    spawnSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' }).status ?? 1
  )
}

await bundle()
process.exitCode = declare()
