/** Loss curves made readable: a moving average, and fewer points than pixels. */
import type { Point } from '../../figures/chart.js'

/**
 * Centred moving average over `window` neighbouring points (odd); at the ends over those of them that exist.
 * Throws nothing; an empty list gives an empty list.
 */
export function movingAverage(points: readonly Point[], window: number): Point[] {
  const half = Math.floor(window / 2)
  const sums = [0]
  for (const [, value] of points) sums.push((sums.at(-1) ?? 0) + value)
  return points.map(([x], index) => {
    const start = Math.max(0, index - half)
    const end = Math.min(points.length, index + half + 1)
    return [x, ((sums[end] ?? 0) - (sums[start] ?? 0)) / (end - start)]
  })
}

/** At most about `limit` points: of each run of neighbours the lowest and the highest, so that the envelope stays. */
export function thinOut(points: readonly Point[], limit: number): Point[] {
  if (points.length <= limit) return [...points]
  const size = Math.ceil((2 * points.length) / limit)
  const kept: Point[] = []
  for (let start = 0; start < points.length; start += size) {
    const bucket = points.slice(start, start + size).sort((a, b) => a[1] - b[1])
    const extremes = [bucket[0], bucket.at(-1)].filter((point) => point !== undefined)
    kept.push(...extremes.sort((a, b) => a[0] - b[0]))
  }
  return kept
}
