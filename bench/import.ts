/**
 * How long a program waits for `import 'phigrad'`, beyond Node's own start, from the built package. Each round starts Node without
 * and with the import, in turn, so that both see the same machine.
 * Run: npm run build && npx tsx bench/import.ts [ROUNDS]
 */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { z } from 'zod'

const root = new URL('..', import.meta.url)
const rounds = Number(process.argv[2] ?? 20)

/** Wall-clock ms that Node takes to run an ES module. */
function milliseconds(script: string): number {
  const start = performance.now()
  const { status } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], { stdio: 'ignore' })
  if (status !== 0) throw new Error(`Node failed on: ${script}`)
  return performance.now() - start
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

const exportsSchema = z.record(z.string(), z.union([z.string(), z.object({ default: z.string() })]))
const manifest = z.object({ exports: exportsSchema })
const { exports } = manifest.parse(JSON.parse(readFileSync(new URL('package.json', root), 'utf8')))

for (const [entry, target] of Object.entries(exports)) {
  if (typeof target === 'string') continue
  const url = pathToFileURL(fileURLToPath(new URL(target.default, root))).href
  const pairs = Array.from({ length: rounds }, () => [milliseconds(''), milliseconds(`import '${url}'`)] as const)
  const beyond = pairs.map(([without, with_]) => with_ - without)
  const start = median(pairs.map(([without]) => without))
  const fastest = Math.min(...pairs.map(([, with_]) => with_)) - Math.min(...pairs.map(([without]) => without))
  const name = entry.replace('.', 'phigrad')
  console.log(
    `${name.padEnd(18)} ${median(beyond).toFixed(0).padStart(5)} ms median, ${fastest.toFixed(0).padStart(4)} ms at best, beyond Node's ${start.toFixed(0)} ms`,
  )
}
