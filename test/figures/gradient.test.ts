import { decode } from 'fast-png'
import { describe, expect, test } from 'vitest'
import { formatPowerOfTen } from '../../src/figures/format.js'
import { gradientCurves } from '../../src/figures/gradient-curves.js'
import { gradientMaps, sliceMap } from '../../src/figures/gradient-map.js'
import { tensor } from '../../src/index.js'
import { type GradientReport, gradientReport, type ReportedLoss } from '../../src/losses/index.js'

const SHAPE = [2, 4, 4, 3, 1]
const VOXELS = 48

/** A box that is labelled in image 0, and predicted one voxel aside in both. */
const target = new Uint8Array(2 * VOXELS)
const prediction = new Float64Array(2 * VOXELS).fill(0.02)
for (const [x, y, z] of [
  [1, 1, 1],
  [1, 2, 1],
  [2, 1, 1],
  [2, 2, 1],
  [1, 1, 2],
] as const) {
  // prettier-ignore
  target[(x * 4 + y) * 3 + z] = 1
  for (const image of [0, 1]) prediction[image * VOXELS + (x * 4 + y + 1) * 3 + z] = 0.9
}

function report(loss: ReportedLoss): GradientReport {
  const [p, y] = [tensor(prediction, { shape: SHAPE }), tensor(target, { shape: SHAPE })]
  const made = gradientReport(loss, p, y)
  ;[p, y].forEach((each) => each.dispose())
  return made
}

const numbers = (text: string, name: string): number[] =>
  [...text.matchAll(new RegExp(`${name}="([-\\d.]+)"`, 'g'))].map(([, value]) => Number(value))

/** The panels of a figure, each with its paths and dots. */
function panels(svg: string): string[] {
  return svg.split('class="chart"').slice(1)
}

function circles(panel: string, series: string): { x: number; y: number }[] {
  const found = panel.split('<circle').slice(1).map((part) => part.slice(0, part.indexOf('>'))) // prettier-ignore
  const own = found.filter((part) => part.includes(`dot ${series}`)).join('\n')
  const ys = numbers(own, 'cy')
  return numbers(own, 'cx').map((x, i) => ({ x, y: ys[i] ?? NaN }))
}

/** The height of a line at x, between its two nearest points. */
function heightAt(panel: string, series: string, x: number): number {
  const path = new RegExp(`class="line ${series}" d="M([^"h]+)"`).exec(panel)?.[1] ?? ''
  const points = path.split('L').map((pair) => pair.split(',').map(Number))
  const after = points.findIndex(([px = 0]) => px >= x)
  const [[x0 = 0, y0 = 0] = [], [x1 = 0, y1 = 0] = []] = [points[Math.max(0, after - 1)], points[after]]
  return x1 === x0 ? y1 : y0 + ((x - x0) / (x1 - x0)) * (y1 - y0)
}

describe('gradientCurves', () => {
  test("the report's subsets lie on the curves of Eq. 4 in all three panels", () => {
    const svg = gradientCurves(report({ phi: 'I', epsilon: 2 })) ?? ''
    const drawn = panels(svg)
    expect(drawn).toHaveLength(3)
    for (const [i, panel] of drawn.entries()) {
      for (const series of i === 1 ? ['background', 'foreground'] : ['background', 'foreground', 'empty']) {
        const dots = circles(panel, series)
        expect(dots).toHaveLength(1)
        for (const { x, y } of dots) expect(Math.abs(heightAt(panel, series, x) - y)).toBeLessThan(0.3)
      }
    }
  })

  test('g0 of an empty map is highest against ε where ε is its predicted volume', () => {
    const made = report({ phi: 'I', epsilon: 2 })
    const [against = ''] = panels(gradientCurves(made) ?? '')
    const path = /class="line empty" d="M([^"h]+)"/.exec(against)?.[1] ?? ''
    const points = path.split('L').map((pair) => pair.split(',').map(Number))
    const peak = points.reduce((best, point) => ((point[1] ?? 0) < (best[1] ?? 0) ? point : best))
    // P6: from the left edge, 10⁻⁸, to the right one, 10³, on 394 units.
    const P = made.subsets[1]?.P ?? NaN
    const wanted = 52 + (394 * (Math.log10(P) + 8)) / 11
    expect(Math.abs((peak[0] ?? 0) - wanted)).toBeLessThan(4)
  })

  test('there are none for a derivative that is not that of Eq. 4, or without any label', () => {
    expect(gradientCurves(report({ phi: 'I', epsilon: 1, norm: 'L2' }))).toBeUndefined()
    const [p, y] = [tensor(prediction, { shape: SHAPE }), tensor(new Uint8Array(96), { shape: SHAPE })]
    expect(gradientCurves(gradientReport({ phi: 'I', epsilon: 1 }, p, y))).toBeUndefined()
    ;[p, y].forEach((each) => each.dispose())
  })

  test('one file without scripts, links or numbers that are none', () => {
    for (const loss of [
      { phi: 'BI', epsilon: 1e-7 },
      { phi: 'I', epsilon: 1e-7 },
      { phi: 'I', epsilon: 1e6 },
      { phi: 'BCI', epsilon: { numerator: 0, denominator: 1e-5 } },
    ] as const) {
      // prettier-ignore
      const svg = gradientCurves(report(loss)) ?? ''
      expect(svg).toMatch(/^<svg\s+xmlns="http:\/\/www\.w3\.org\/2000\/svg"/)
      expect(svg).not.toMatch(/NaN|Infinity|undefined|<script|href=/)
    }
  })
})

describe('gradientMaps', () => {
  const gradient = Float64Array.from(target.subarray(0, VOXELS), (value) => (value === 1 ? -2 : 1))
  const volumes = { prediction: prediction.subarray(0, VOXELS), target: target.subarray(0, VOXELS), gradient }

  const images = (svg: string) =>
    [...svg.matchAll(/base64,([^"]*)"/g)].map(([, text]) => decode(Buffer.from(text ?? '', 'base64')))

  test('shows the slice with most label, or with most prediction where there is none', () => {
    expect(sliceMap(volumes, [4, 4, 3])).toMatchObject({ z: 1, depth: 3 })
    const aside = new Float64Array(VOXELS)
    aside[2] = 0.7
    const empty = { prediction: aside, target: new Uint8Array(VOXELS), gradient }
    expect(sliceMap(empty, [4, 4, 3]).z).toBe(2)
  })

  test('a push up is blue, a push down red and half as strong half as dark', () => {
    const map = { ...sliceMap(volumes, [4, 4, 3]), title: 'a < b', note: 'labelled' }
    const svg = gradientMaps([map], { variable: 'probabilities' })
    expect(svg).toContain('a &lt; b')
    const [grey, tint] = images(svg)
    if (grey === undefined || tint === undefined) throw new Error('two images')
    expect([grey.channels, tint.channels]).toEqual([1, 3])
    const pixel = (x: number, y: number) => [...tint.data.slice((y * 4 + x) * 3, (y * 4 + x) * 3 + 3)]
    const [red = 0, , blue = 0] = pixel(1, 1)
    expect(blue).toBeGreaterThan(red)
    const [redDown = 0, , blueDown = 0] = pixel(0, 0)
    expect(redDown).toBeGreaterThan(blueDown)
    // Half of the way from white: 255 + (176 − 255)/2.
    expect(redDown).toBe(216)
  })

  test('a derivative of 0 is white, and one map that exceeds all others makes the scale logarithmic', () => {
    const slice = sliceMap({ ...volumes, gradient: new Float64Array(VOXELS) }, [4, 4, 3])
    const blank = gradientMaps([{ ...slice, title: '', note: '' }], { variable: 'logits', threshold: null })
    expect([...(images(blank)[1]?.data ?? [])].every((value) => value === 255)).toBe(true)
    const scaled = (factor: number) => ({
      ...sliceMap({ ...volumes, gradient: gradient.map((value) => value * factor) }, [4, 4, 3]),
      title: '',
      note: '',
    })
    const options = { variable: 'probabilities' } as const
    expect(gradientMaps([scaled(1), scaled(2)], options)).toContain('linear')
    expect(gradientMaps([scaled(1), scaled(1), scaled(1e4)], options)).toContain('logarithmic over 6 decades')
  })

  test('a volume of another shape, and no map at all, are refused', () => {
    expect(() => sliceMap(volumes, [4, 4, 4])).toThrow(/\[sliceMap\.prediction\] expected 64 voxels/)
    expect(() => gradientMaps([], { variable: 'logits' })).toThrow(/\[gradientMaps\] expected at least one map/)
  })
})

test('powers of ten are plain near 1 and superscripts beyond', () => {
  expect([-7, -2, 0, 3, 5].map(formatPowerOfTen)).toEqual(['10⁻⁷', '0.01', '1', '1000', '10⁵'])
})
