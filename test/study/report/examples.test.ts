import { fc, test } from '@fast-check/vitest'
import { decode } from 'fast-png'
import { describe, expect } from 'vitest'
import { exampleTables } from '../../../src/study/report/examples.js'
import { movingAverage, thinOut } from '../../../src/study/report/smoothing.js'

describe('example slices', () => {
  const shape = [2, 3, 4] as const
  const volume = Float64Array.from({ length: 24 }, (_, index) => index)

  test('a picture is a PNG of the slice, black where the volume is exactly 0, in radiological orientation', () => {
    const flair = Float64Array.from(volume, (value) => value - 8)
    const affine = [8, 0, 0, 0, 0, 4, 0, 0, 0, 0, 8, 0, 0, 0, 0, 1]
    const reference = new Uint8Array(24)
    reference[0] = 1
    const run = { name: 'r', cases: [], log: [], unreadableLogLines: 0 }
    const row = { run: 'r', labelling: 'full', loss: 'I', batch: 2, fold: 0, seed: 0, auc: null } as const
    const perGroup = { HGG: null, LGG: null }
    const config = { ...row, name: 'r', study: 's', phi: 'I', epsilon: 1, steps: 1 }
    const example = { id: 'a', group: 'HGG', shape, flair, t1ce: flair, reference, predictions: {}, affine } as const
    const reported = {
      run: { ...run, config },
      row: { ...row, cases: { HGG: 0, LGG: 0 }, dsc: perGroup, deltaVolumeMl: perGroup },
    }
    const page = exampleTables([example], [reported], '0').text
    const png = decode(Buffer.from(/base64,([^"]*)/.exec(page)?.[1] ?? '', 'base64'))
    expect([png.width, png.height, png.channels]).toEqual([2, 3, 1])
    const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = png.data
    expect(b).toBe(0)
    for (const [brighter, darker] of [
      [a, c],
      [c, e],
      [e, d],
      [d, f],
      [f, b],
    ] as const)
      expect(brighter).toBeGreaterThan(darker)
    expect(page).toContain('viewBox="0 0 16 12"')
    expect(page).toContain('no prediction available')
  })
})

describe('loss curves', () => {
  const points = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 300 })

  test.prop([points, fc.integer({ min: 0, max: 20 })])(
    'a moving average is the mean of the neighbours',
    (values, half) => {
      const smooth = movingAverage(
        values.map((value, index) => [index, value]),
        2 * half + 1,
      )
      for (const [index, value] of smooth) {
        const near = values.slice(Math.max(0, index - half), index + half + 1)
        expect(value).toBeCloseTo(near.reduce((sum, one) => sum + one, 0) / near.length, 10)
      }
    },
  )

  test.prop([points, fc.integer({ min: 10, max: 100 })])('thinning keeps order and extremes', (values, limit) => {
    const all = values.map((value, index) => [index, value] as const)
    const kept = thinOut(all, limit)
    expect(kept.length).toBeLessThanOrEqual(Math.max(limit + 2, 2))
    expect(kept.map(([x]) => x)).toEqual([...kept.map(([x]) => x)].sort((a, b) => a - b))
    expect(Math.max(...kept.map(([, y]) => y))).toBe(Math.max(...values))
    expect(Math.min(...kept.map(([, y]) => y))).toBe(Math.min(...values))
  })
})
