/**
 * Is this Dice loss right? It is not ours: plain numbers, no tensors, one loss per image and class (Φ = I), and ε where many put it, in
 * the denominator only.
 *
 *     npx tsx examples/laws.ts
 */
import { LawError, checkLoss, fromArrays } from 'phigrad/testing'

/** The mean over maps of 1 − (2 Σ y p + a) / (Σ y + Σ p + ε) and its derivative, for arrays in the order of (B, X, C). */
function theirLoss(
  p: Float64Array,
  y: Float64Array,
  [B = 0, X = 0, C = 0]: readonly number[],
  epsilon: number,
  a: number,
) {
  const gradient = new Float64Array(p.length)
  let value = 0
  for (let b = 0; b < B; b++) {
    for (let c = 0; c < C; c++) {
      const map = Array.from({ length: X }, (_, x) => (b * X + x) * C + c)
      const sum = (f: (i: number) => number): number => map.reduce((total, i) => total + f(i), 0)
      const denominator = sum((i) => (y[i] ?? 0) + (p[i] ?? 0)) + epsilon
      const score = (2 * sum((i) => (y[i] ?? 0) * (p[i] ?? 0)) + a) / denominator
      value += (1 - score) / (B * C)
      for (const i of map) gradient[i] = (score - 2 * (y[i] ?? 0)) / (denominator * B * C)
    }
  }
  return { value, gradient }
}

// All that the laws need to know: how to call it, and what it takes. Shapes have one spatial axis here.
const options = { laws: 'dice', phi: ['I'], shapes: { spatialAxes: 1 } } as const

try {
  checkLoss(
    fromArrays((p, y, { shape, epsilon }) => theirLoss(p, y, shape, epsilon, 0)),
    { ...options, name: 'their Dice loss' },
  )
} catch (error) {
  if (!(error instanceof LawError)) throw error
  const broken = error.reports.filter(({ outcome }) => outcome === 'broken')
  console.log(`ε in the denominator only: ${broken.length} laws are broken, among them\n`)
  const shown = broken.find(({ law }) => law === 'emptyLabel')
  console.log(`${shown?.law ?? ''}: ${shown?.identity ?? ''}\n${shown?.detail ?? ''}\n`)
}

const reports = checkLoss(
  fromArrays((p, y, { shape, epsilon }) => theirLoss(p, y, shape, epsilon, epsilon)),
  { ...options, name: 'their Dice loss, mended' },
)
const count = (outcome: string): number => reports.filter((report) => report.outcome === outcome).length
console.log(`ε in both: ${count('holds')} laws hold, ${count('not applicable')} do not apply to a loss with Φ = I only`)
