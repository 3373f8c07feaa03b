import { fc, test } from '@fast-check/vitest'
import { decode } from 'fast-png'
import { describe, expect } from 'vitest'
import { axialSlice, largestSlice, outline } from '../../../src/figures/contour.js'
import { exampleTables } from '../../../src/study/report/examples.js'
import { movingAverage, thinOut } from '../../../src/study/report/smoothing.js'

const slices = fc
  .tuple(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 7 }))
  .chain(([width, height]) =>
    fc
      .array(fc.integer({ min: 0, max: 1 }), { minLength: width * height, maxLength: width * height })
      .map((values) => ({ width, height, values: Float64Array.from(values) })),
  )

/** Unit edges of an outline: 'h x y' and 'v x y'. */
function edges(path: string): string[] {
  return [...path.matchAll(/M(\d+) (\d+)([hv])(\d+)/g)].flatMap(([, x, y, direction, length]) =>
    Array.from({ length: Number(length) }, (_, step) =>
      direction === 'h' ? `h ${Number(x) + step} ${Number(y)}` : `v ${Number(x)} ${Number(y) + step}`,
    ),
  )
}

describe('outline', () => {
  test.prop([slices])('is exactly the pixel edges that part set from unset pixels', (slice) => {
    const { width, height, values } = slice
    const pixel = (x: number, y: number) => (x >= 0 && x < width && y >= 0 && y < height ? values[y * width + x] : 0)
    const wanted: string[] = []
    for (let y = 0; y <= height; y++) {
      for (let x = 0; x <= width; x++) {
        if (x < width && pixel(x, y) !== pixel(x, y - 1)) wanted.push(`h ${x} ${y}`)
        if (y < height && pixel(x, y) !== pixel(x - 1, y)) wanted.push(`v ${x} ${y}`)
      }
    }
    expect(edges(outline(slice)).sort()).toEqual(wanted.sort())
  })

  test('of nothing is empty', () => {
    expect(outline({ width: 3, height: 3, values: new Float64Array(9) })).toBe('')
  })
})

describe('slices', () => {
  const shape = [2, 3, 4] as const
  const volume = Float64Array.from({ length: 24 }, (_, index) => index)

  test('an axial slice has x to the right and y downwards, and mirrors either', () => {
    expect([...axialSlice(volume, shape, 1, { x: false, y: false }).values]).toEqual([1, 13, 5, 17, 9, 21])
    expect([...axialSlice(volume, shape, 1, { x: true, y: false }).values]).toEqual([13, 1, 17, 5, 21, 9])
    expect([...axialSlice(volume, shape, 1, { x: false, y: true }).values]).toEqual([9, 21, 5, 17, 1, 13])
  })

  test('the slice shown is the one with the largest reference area, or the middle one of an empty reference', () => {
    const reference = new Uint8Array(24)
    reference[1] = 1
    reference[3] = 1
    reference[7] = 1
    expect(largestSlice(reference, shape)).toBe(3)
    expect(largestSlice(new Uint8Array(24), shape)).toBe(2)
  })

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
