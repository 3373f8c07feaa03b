/** The built package, for tests that start it as users do. */
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))

/** `npm test` builds first; a run of vitest alone may find an older build. */
export function buildIfStale(): void {
  const info = join(root, 'dist/.tsbuildinfo')
  const built = existsSync(info) && existsSync(join(root, 'dist/index.js')) ? statSync(info).mtimeMs : 0
  const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  if (sources.every((name) => statSync(join(root, 'src', name)).mtimeMs <= built)) return
  execFileSync(process.execPath, ['--import', 'tsx', 'scripts/build.ts'], { cwd: root })
}
