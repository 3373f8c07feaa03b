/**
 * The two values of Eq. 4 as curves: against ε, against the overlap and against the volume, with the subsets of a report as dots
 * on them. One SVG file of three panels. What is drawn follows from I, Y, P, ε and |Φ| alone; no voxels are read here.
 * Source: Tilborghs, Bertels et al., MICCAI 2022, Eq. 4 and Sect. 2.3.
 */
import type { GradientReport, SubsetGradient } from '../losses/index.js'
import { type Axis, type Panel, type Point, type Series, lineChart, PANEL_WIDTH } from './chart.js'
import { formatNumber, formatPowerOfTen } from './format.js'
import { html, type Html } from './html.js'
import { standaloneSvg } from './standalone.js'

const PANEL_HEIGHT = 340
const STEPS = 160
/** Thin lines beyond this many are left out: they would only darken the picture. */
const MOST_LINES = 60
/** Decades that are shown at least where curves go on, and at most where dots lie apart. */
const DECADES = { least: 5, most: 16 }

const symbol = (letter: string, index: string): Html =>
  html`${letter}<tspan class="sub" dy="3">${index}</tspan><tspan dy="-3">&#8203;</tspan>`

const SERIES = {
  background: { className: 'background', label: html`${symbol('g', '0')} labelled` },
  foreground: { className: 'foreground', label: html`−${symbol('g', '1')} labelled` },
  empty: { className: 'empty', label: html`${symbol('g', '0')} empty map` },
}

/** What a curve follows from: the sums, the class weight, and ε in the numerator over that in the denominator. */
interface Shape {
  readonly I: number
  readonly Y: number
  readonly P: number
  readonly weight: number
  readonly above: number
}

function shapeOf({ I, Y, P, weight, epsilon, epsilonNumerator }: SubsetGradient): Shape {
  return { I, Y, P, weight, above: epsilon === 0 ? 1 : epsilonNumerator / epsilon }
}

/** Eq. 4 where y = 0 and, with its sign turned, where y = 1, for |Φ| = N and ε. */
function values({ I, Y, P, weight, above }: Shape, epsilon: number, N: number): readonly [number, number] {
  const D = Y + P + epsilon
  const s = (2 * I + above * epsilon) / D
  return [(weight * s) / (N * D), (weight * (2 - s)) / (N * D)]
}

const mean = (list: readonly number[]): number => list.reduce((sum, value) => sum + value, 0) / list.length

function logSpaced(from: number, to: number): number[] {
  return Array.from({ length: STEPS + 1 }, (_, i) => from * (to / from) ** (i / STEPS))
}

/** The points that are inside a logarithmic axis. */
function within(points: readonly Point[], [low, high]: Point): Point[] {
  return points.filter(([, y]) => y >= low && y <= high * (1 + 1e-9))
}

/** Whole powers of ten around all dots and the upper part of the curves. */
function decades(series: readonly Series[]): Point {
  const logarithms = (points: readonly Point[]): number[] =>
    points.flatMap(([, y]) => (y > 0 && Number.isFinite(y) ? Math.log10(y) : []))
  const curves = logarithms(series.flatMap(({ points }) => points))
  const dots = logarithms(series.flatMap((one) => one.dots ?? []))
  const high = Math.ceil(Math.max(...curves, ...dots))
  const low = Math.min(...dots, Math.max(Math.min(...curves), high - DECADES.least))
  return [10 ** Math.max(Math.floor(low), high - DECADES.most), 10 ** high]
}

function some<T>(list: readonly T[]): T[] {
  const step = Math.max(1, Math.ceil(list.length / MOST_LINES))
  return list.filter((_, i) => i % step === 0)
}

const derivative = (unit: string): string => `Derivative per voxel [${unit}/voxel]`

function clipped(panel: Omit<Panel, 'y'>): Panel {
  const domain = decades(panel.series)
  const clip = (points: readonly Point[]): Point[] => within(points, domain)
  const series = panel.series.map((one): Series => ({
    ...one,
    points: clip(one.points),
    raw: (one.raw ?? []).map(clip),
    dots: clip(one.dots ?? []),
  }))
  const seen = series.filter(({ points, dots }) => points.length > 0 || (dots?.length ?? 0) > 0)
  return { ...panel, series: seen, y: { title: derivative('1'), domain, ticks: 8, scale: 'log' } }
}

interface Drawn {
  readonly N: number
  readonly labelled: readonly SubsetGradient[]
  readonly empty: readonly SubsetGradient[]
}

/** A family of curves: one thin line per member, and their mean. */
function family(
  kind: keyof typeof SERIES,
  xs: readonly number[],
  members: readonly ((x: number) => number)[],
  dots: readonly Point[],
): Series {
  const trace = (f: (x: number) => number): Point[] => xs.map((x) => [x, f(x)])
  return {
    ...SERIES[kind],
    points: members.length === 0 ? [] : trace((x) => mean(members.map((f) => f(x)))),
    raw: members.length < 2 ? [] : some(members).map(trace),
    dots,
  }
}

/** The smoothing term as the x axis: what another ε would make of the same prediction. */
function againstEpsilon({ N, labelled, empty }: Drawn): Html {
  const all = [...labelled, ...empty]
  const largest = Math.max(1, ...all.map(({ Y, P }) => Math.max(Y, P)))
  const used = [...new Set(all.map(({ epsilon }) => epsilon))]
  const positive = used.filter((epsilon) => epsilon > 0)
  const domain: Point = [
    10 ** Math.floor(Math.log10(Math.min(1e-7, ...positive)) - 0.5),
    10 ** Math.ceil(Math.log10(100 * Math.max(largest, ...positive))),
  ]
  const xs = logSpaced(...domain)
  const curve = (which: 0 | 1) => (subset: SubsetGradient) => (epsilon: number) =>
    values(shapeOf(subset), epsilon, N)[which]
  const dot =
    (which: 0 | 1) =>
    (subset: SubsetGradient): Point => [subset.epsilon, Math.abs(which === 0 ? subset.g0 : subset.g1)]
  const visible = (subsets: readonly SubsetGradient[]): SubsetGradient[] => subsets.filter((one) => one.epsilon > 0)
  return lineChart(
    clipped({
      title: 'Against the smoothing term ε',
      description: `Derivative against ε from ${formatNumber(domain[0])} to ${formatNumber(domain[1])} voxels.`,
      height: PANEL_HEIGHT,
      x: { title: 'ε [voxels]', domain, ticks: 7, scale: 'log' },
      marks: positive.length === 1 ? positive.map((x) => ({ x, label: `ε = ${formatNumber(x)}` })) : [],
      series: [
        family('background', xs, labelled.map(curve(0)), visible(labelled).map(dot(0))),
        family('foreground', xs, labelled.map(curve(1)), visible(labelled).map(dot(1))),
        family('empty', xs, empty.map(curve(0)), visible(empty).map(dot(0))),
      ],
    }),
  )
}

/** The score s as the x axis: the same volumes with less or more overlap. */
function againstOverlap({ N, labelled }: Drawn): Html {
  const xs = Array.from({ length: STEPS + 1 }, (_, i) => i / STEPS)
  const lines = {
    background:
      ({ D, weight }: SubsetGradient) =>
      (s: number) =>
        (weight * s) / (N * D),
    foreground:
      ({ D, weight }: SubsetGradient) =>
      (s: number) =>
        (weight * (2 - s)) / (N * D),
  }
  const series = [
    family('background', xs, labelled.map(lines.background), labelled.map((one) => [one.s ?? 0, one.g0])), // prettier-ignore
    family('foreground', xs, labelled.map(lines.foreground), labelled.map((one) => [one.s ?? 0, -one.g1])), // prettier-ignore
  ]
  const unions = labelled.map(({ D }) => D)
  const panel = {
    title: 'Against the overlap',
    description: 'Derivative of labelled subsets against their score s from 0 to 1.',
    height: PANEL_HEIGHT,
    x: { title: 'Score s = (2 I + ε)/D (no unit)', domain: [0, 1], ticks: 5 } satisfies Axis,
    series,
  }
  // Volumes that lie far apart would press the curves of the large ones onto a linear axis.
  if (Math.max(...unions) > 5 * Math.min(...unions)) return lineChart(clipped(panel))
  const highest = Math.max(...labelled.map(({ D, weight }) => (2 * weight) / (N * D)))
  // In a unit of which the axis shows 1 to 10, so that its numbers are short.
  const exponent = Math.floor(Math.log10(highest))
  const rescale = (points: readonly Point[]): Point[] => points.map(([x, y]) => [x, y / 10 ** exponent])
  return lineChart({
    ...panel,
    series: series.map((one) => ({
      ...one,
      points: rescale(one.points),
      raw: (one.raw ?? []).map(rescale),
      dots: rescale(one.dots ?? []),
    })),
    y: { title: derivative(formatPowerOfTen(exponent)), domain: [0, highest / 10 ** exponent], ticks: 5 },
  })
}

/** The volume as the x axis: the same shape, larger or smaller, and an empty map with so much predicted. */
function againstVolume({ N, labelled, empty }: Drawn): Html {
  const total = (key: 'I' | 'Y' | 'P'): number => labelled.reduce((sum, one) => sum + one[key], 0)
  const [overlap, predicted] = [total('I') / total('Y'), total('P') / total('Y')]
  const epsilon = mean(labelled.map((one) => one.epsilon))
  const emptyEpsilon = empty.length > 0 ? mean(empty.map((one) => one.epsilon)) : epsilon
  const largest = Math.max(1, ...labelled.map(({ Y }) => Y), ...empty.map(({ P }) => P))
  const domain: Point = [1, 10 ** Math.ceil(Math.log10(2 * largest))]
  const xs = logSpaced(...domain)
  const weight = mean(labelled.map((one) => one.weight))
  const scaled = (Y: number): Shape => ({ I: overlap * Y, Y, P: predicted * Y, weight, above: 1 })
  const blank = (P: number): Shape => ({ I: 0, Y: 0, P, weight, above: 1 })
  const inside = ([x]: Point): boolean => x >= domain[0]
  const bounds = empty.flatMap(({ negligibleAbove }) => negligibleAbove ?? [])
  const bound = bounds.length > 0 ? mean(bounds) : 0
  return lineChart(
    clipped({
      title: 'Against the volume',
      description: `Derivative against the volume from 1 to ${formatNumber(domain[1])} voxels.`,
      height: PANEL_HEIGHT,
      x: { title: 'Y of a labelled subset, P of an empty one [voxels]', domain, ticks: 6, scale: 'log' },
      marks: bound > domain[0] && bound < domain[1] ? [{ x: bound, label: 'empty below 1 %' }] : [],
      series: [
        family('background', xs, [(Y) => values(scaled(Y), epsilon, N)[0]], labelled.map((one): Point => [one.Y, one.g0]).filter(inside)), // prettier-ignore
        family('foreground', xs, [(Y) => values(scaled(Y), epsilon, N)[1]], labelled.map((one): Point => [one.Y, -one.g1]).filter(inside)), // prettier-ignore
        family('empty', xs, [(P) => values(blank(P), emptyEpsilon, N)[0]], empty.map((one): Point => [one.P, one.g0]).filter(inside)), // prettier-ignore
      ],
    }),
  )
}

/**
 * The text of an SVG file with g0 and g1 against ε, overlap and volume. Thick: mean over the subsets, thin: each of them; dots: the
 * report's subsets. Undefined where there is nothing to draw: no labelled subset, or a derivative that is not that of Eq. 4.
 *
 * @example writeFileSync('curves.svg', gradientCurves(gradientReport({ phi: 'I', epsilon: 1 }, p, y)) ?? '')
 */
export function gradientCurves(report: GradientReport): string | undefined {
  const counted = report.subsets.filter((subset) => subset.counted && subset.g1 !== 0)
  const drawn: Drawn = {
    N: report.size,
    labelled: counted.filter(({ state }) => state === 'labelled'),
    empty: counted.filter(({ state }) => state === 'empty'),
  }
  if (report.values !== 'closed' || drawn.labelled.length === 0) return undefined
  const panels = [againstEpsilon(drawn), againstOverlap(drawn), againstVolume(drawn)]
  return standaloneSvg({
    title: `The two values of the derivative, Φ = ${report.phi}, |Φ| = ${report.size}`,
    caption: [
      'Eq. 4 per voxel where y = 0 (g₀: pushes the prediction down) and where y = 1 (−g₁: pushes it up). Dots: the subsets of this batch at its ε.',
      'Thick: mean over the subsets; thin: each of them, where there are several. On the right the mean shape of the labelled subsets grows and shrinks.',
    ],
    width: 3 * PANEL_WIDTH + 3 * 24,
    height: PANEL_HEIGHT,
    parts: panels.map((content, i) => ({
      ...{ x: 12 + i * (PANEL_WIDTH + 24), y: 0, width: PANEL_WIDTH, height: PANEL_HEIGHT },
      content,
    })),
  })
}
