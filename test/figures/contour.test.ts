import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { axialSlice, largestSlice, orientation, outline } from '../../src/figures/contour.js'

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

  test('axes that grow to the right and to anterior are mirrored, and pixels have the size of the voxels', () => {
    const ras = [8, 0, 0, 0, 0, 4, 0, 0, 0, 0, 8, 0, 0, 0, 0, 1]
    expect(orientation(ras)).toEqual({ mirror: { x: true, y: true }, scale: { x: 8, y: 4 } })
    expect(orientation(ras.map((value) => -value))).toEqual({ mirror: { x: false, y: false }, scale: { x: 8, y: 4 } })
    expect(orientation(undefined)).toEqual({ mirror: { x: false, y: false }, scale: { x: 1, y: 1 } })
  })
})
