/**
 * One chart panel as an SVG string: frame, ticks, axis titles, legend and lines or dots. Scales and paths come from
 * d3-scale and d3-shape, which need no DOM; colours and dashes from a style sheet by class.
 */
import { scaleLinear, scaleLog } from 'd3-scale'
import { line } from 'd3-shape'
import { formatPowerOfTen } from './format.js'
import { html, type Html, NOTHING } from './html.js'

export type Point = readonly [x: number, y: number]

export interface Axis {
  /** Title with the unit. */
  readonly title: string
  readonly domain: Point
  /** About how many. */
  readonly ticks: number
  /** Default linear. A domain of a log axis is above 0. */
  readonly scale?: 'linear' | 'log'
}

export interface Series {
  /** Its colour and dash in the style sheet. */
  readonly className: string
  /** Its name in the legend: text and tspans. */
  readonly label: Html
  readonly points: readonly Point[]
  /** Drawn thin and pale below the line: the data before smoothing, or the members of a mean. */
  readonly raw?: readonly (readonly Point[])[]
  readonly dots?: readonly Point[]
  /** Stands after the label in the legend. */
  readonly note?: string
}

export interface Panel {
  readonly title: string
  /** The alternative text: what a reader who does not see the chart must know. */
  readonly description: string
  readonly height: number
  readonly x: Axis
  readonly y: Axis
  readonly series: readonly Series[]
  /** A dotted guide line, such as chance in a ROC chart. */
  readonly guide?: readonly Point[]
  /** A dotted vertical line with words beside it. */
  readonly marks?: readonly { readonly x: number; readonly label: string }[]
}

export const PANEL_WIDTH = 460
export const MARGIN = { top: 52, right: 14, bottom: 46, left: 52 }

/** Position of a value, in the units of the view box. */
export type Scale = (value: number) => number

interface Tick {
  readonly value: number
  readonly label: string
}

/** A line chart, e.g. of ROC or loss curves. Widths and heights are in the units of the SVG's own view box. */
export function lineChart(panel: Panel): Html {
  const { x, y } = scales(panel.height, panel.x, panel.y)
  const path = line<Point>(
    (point) => x(point[0]),
    (point) => y(point[1]),
  ).digits(1)
  const draw = (points: readonly Point[], className: string) =>
    html`<path class="${className}" d="${path([...points]) ?? ''}" />`
  const body = [
    panel.guide === undefined ? NOTHING : draw(panel.guide, 'guide'),
    ...(panel.marks ?? []).map((mark) => drawMark(mark, x(mark.x), panel.height)),
    ...panel.series.flatMap(({ raw = [], className }) => raw.map((points) => draw(points, `raw ${className}`))),
    ...panel.series.map(({ points, className }) => draw(points, `line ${className}`)),
    ...panel.series.flatMap(({ dots = [], className }) =>
      dots.map(
        (point) =>
          html`<circle
            class="dot ${className}"
            cx="${x(point[0]).toFixed(1)}"
            cy="${y(point[1]).toFixed(1)}"
            r="3.2"
          />`,
      ),
    ),
  ]
  const xTicks = ticksOf(panel.x).map(
    ({ value, label }) =>
      html`<g transform="translate(${x(value).toFixed(1)} ${panel.height - MARGIN.bottom})">
        <line y2="4" /><text y="17" text-anchor="middle">${label}</text></g
      >`,
  )
  return frame(panel, y, html`${xTicks}`, html`${body}${legend(panel.series)}`)
}

function drawMark({ label }: { readonly label: string }, x: number, height: number): Html {
  const isLeft = x < (MARGIN.left + PANEL_WIDTH - MARGIN.right) / 2
  return html`<path class="guide" d="M${x.toFixed(1)} ${MARGIN.top}V${height - MARGIN.bottom}" /><text
      class="mark"
      x="${(x + (isLeft ? 5 : -5)).toFixed(1)}"
      y="${(MARGIN.top + 0.42 * (height - MARGIN.top - MARGIN.bottom)).toFixed(1)}"
      text-anchor="${isLeft ? 'start' : 'end'}"
      >${label}</text
    >`
}

export function scales(
  height: number,
  xAxis: Pick<Axis, 'domain' | 'scale'>,
  yAxis: Pick<Axis, 'domain' | 'scale'>,
): { readonly x: Scale; readonly y: Scale } {
  const make = ({ domain, scale }: Pick<Axis, 'domain' | 'scale'>, range: [number, number]): Scale =>
    scale === 'log' ? scaleLog([...domain], range) : scaleLinear([...domain], range)
  return {
    x: make(xAxis, [MARGIN.left, PANEL_WIDTH - MARGIN.right]),
    y: make(yAxis, [height - MARGIN.bottom, MARGIN.top]),
  }
}

/** Round values of a linear axis; whole powers of ten, evenly spaced, of a logarithmic one. */
function ticksOf({ domain, ticks, scale }: Axis): Tick[] {
  if (scale !== 'log') {
    const linear = scaleLinear([...domain], [0, 1])
    const format = linear.tickFormat(ticks)
    return linear.ticks(ticks).map((value) => ({ value, label: format(value) }))
  }
  const [first, last] = [Math.ceil(Math.log10(domain[0]) - 1e-9), Math.floor(Math.log10(domain[1]) + 1e-9)]
  const step = Math.max(1, Math.ceil((last - first) / ticks))
  const count = Math.max(0, Math.floor((last - first) / step) + 1)
  return Array.from({ length: count }, (_, i) => {
    const exponent = first + i * step
    return { value: 10 ** exponent, label: formatPowerOfTen(exponent) }
  })
}

/** What every panel has: title, grid, axes and their titles around a body. */
export function frame(
  panel: Pick<Panel, 'title' | 'description' | 'height' | 'y'> & { readonly x: Pick<Axis, 'title'> },
  y: Scale,
  xTicks: Html,
  body: Html,
): Html {
  const right = PANEL_WIDTH - MARGIN.right
  const bottom = panel.height - MARGIN.bottom
  const middle = (MARGIN.left + right) / 2
  const yTicks = ticksOf(panel.y).map(
    ({ value, label }) =>
      html`<g transform="translate(0 ${y(value).toFixed(1)})">
        <line class="grid" x1="${MARGIN.left}" x2="${right}" /><text x="${MARGIN.left - 8}" dy=".32em" text-anchor="end"
          >${label}</text
        ></g
      >`,
  )
  return html`<svg
    class="chart"
    viewBox="0 0 ${PANEL_WIDTH} ${panel.height}"
    role="img"
    aria-label="${panel.description}"
  >
    <text class="panel-title" x="${MARGIN.left}" y="16">${panel.title}</text>
    <g class="axis">
      ${yTicks}
      <line class="base" x1="${MARGIN.left}" x2="${right}" y1="${bottom}" y2="${bottom}" />
      ${xTicks}
    </g>
    <text class="axis-title" x="${middle}" y="${panel.height - 8}" text-anchor="middle">${panel.x.title}</text>
    <text class="axis-title" transform="translate(11 ${(MARGIN.top + bottom) / 2}) rotate(-90)" text-anchor="middle">
      ${panel.y.title}
    </text>
    ${body}
  </svg>`
}

function legend(series: readonly Series[]): Html {
  const width = (PANEL_WIDTH - MARGIN.left - MARGIN.right) / 3
  const entries = series.map(({ className, label, note }, index) => {
    const left = MARGIN.left + index * width
    return html`<g
      ><path class="line ${className}" d="M${left.toFixed(1)} 35h26" /><text
        class="legend"
        x="${(left + 32).toFixed(1)}"
        y="39"
        ><tspan class="loss-name">${label}</tspan> ${note ?? ''}</text
      ></g
    >`
  })
  return html`${entries}`
}
