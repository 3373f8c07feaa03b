/**
 * What one elementwise op costs on 16 elements, where only the engine's own overhead counts.
 * Run: npm run bench:ops
 */
import { memory, noGrad, scope, tensor } from '../src/index.js'

/** Median over rounds of the time per call, in µs. */
function microseconds(f: () => void): number {
  const calls = 2000
  for (let i = 0; i < 5; i++) scope(() => Array.from({ length: calls }, f).length)
  const rounds = Array.from({ length: 15 }, () => {
    const start = performance.now()
    scope(() => {
      for (let i = 0; i < calls; i++) f()
    })
    return ((performance.now() - start) / calls) * 1000
  }).sort((a, b) => a - b)
  return rounds[7] ?? Number.NaN
}

const a = tensor(new Float32Array(16).fill(1))
const b = tensor(new Float32Array(16).fill(2))
const w = tensor(new Float32Array(16).fill(3), { requiresGrad: true })

for (const [name, f] of Object.entries({
  'add, no gradient': () => noGrad(() => a.add(b)),
  'mul by a number, no gradient': () => noGrad(() => a.mul(2)),
  'exp, no gradient': () => noGrad(() => a.exp()),
  'mul, recorded': () => w.mul(b),
  'exp, recorded': () => w.exp(),
})) {
  console.log(`${name.padEnd(30)} ${microseconds(f).toFixed(2)} µs`)
}
console.log(`live tensors: ${memory().tensors}`)
