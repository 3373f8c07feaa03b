/**
 * An SVG file of its own: panels side by side on white, with the style inside. Colours are plain values, no variables, so that
 * drawing programs and typesetters show the same as browsers. Pages have a style sheet of their own.
 * Colours after Okabe and Ito, "Color Universal Design", 2008, the green darkened for contrast on white.
 */
import { html, Html } from './html.js'

const STYLE = `
svg { overflow: visible } text { font-family: system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'Liberation Sans', Arial, sans-serif; font-size: 12px; fill: #1d1f23 }
.heading { font-size: 15px; font-weight: 600 } .caption { fill: #5d636c }
.panel-title { font-weight: 600; font-size: 13px } .axis text, .mark { fill: #5d636c } .mark { paint-order: stroke; stroke: #fff; stroke-width: 4 } .loss-name { font-weight: 600 } .sub { font-size: 9px }
.axis line { stroke: #5d636c } .axis .grid { stroke: #e3e3de }
path { fill: none; stroke-linejoin: round } .guide { stroke: #5d636c; stroke-dasharray: 1 4; stroke-linecap: round }
.line { stroke-width: 2.2; stroke-linecap: round } .raw { stroke-width: 1; opacity: .35 } .dot { stroke: #fff; stroke-width: .8 }
.background { stroke: #0072b2 } .foreground { stroke: #d55e00 } .empty { stroke: #00795a }
.line.foreground { stroke-dasharray: 8 5 } .line.empty { stroke-dasharray: 1.5 4.5 }
.dot.background { fill: #0072b2; stroke: #fff } .dot.foreground { fill: #d55e00; stroke: #fff } .dot.empty { fill: #00795a; stroke: #fff }
image { image-rendering: pixelated } .outline { vector-effect: non-scaling-stroke; stroke-linecap: square; shape-rendering: crispEdges }
.truth { stroke-width: 3.4 } .prediction { stroke-width: 1.7 } .on-grey.truth { stroke: #56b4e9 } .on-grey.prediction { stroke: #ffd21f }
.on-colour.truth { stroke: #1d1f23; stroke-width: 2 } .on-colour.prediction { stroke: #1d1f23; stroke-width: 1.2; stroke-dasharray: 3 3 } .edge { stroke: #b9b9b2 }
`

/** A piece of the picture and where its upper left corner goes. */
export interface Placed {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  readonly content: Html
}

export interface StandaloneFigure {
  readonly title: string
  /** Lines below the title, each short enough for the width. */
  readonly caption: readonly string[]
  readonly width: number
  readonly height: number
  readonly parts: readonly Placed[]
}

export const HEADING_HEIGHT = 34
export const CAPTION_LINE = 17

/** The text of an SVG file. Title and caption stand above the parts, whose positions count from below them. */
export function standaloneSvg({ title, caption, width, height, parts }: StandaloneFigure): string {
  const top = HEADING_HEIGHT + caption.length * CAPTION_LINE + 12
  const total = top + height + 10
  return html`<svg
    xmlns="http://www.w3.org/2000/svg"
    width="${width}"
    height="${total}"
    viewBox="0 0 ${width} ${total}"
    role="img"
    aria-label="${title}. ${caption.join(' ')}"
  >
    <title>${title}</title>
    <style>
      ${new Html(STYLE)}
    </style>
    <rect width="${width}" height="${total}" fill="#fff" />
    <text class="heading" x="16" y="25">${title}</text>
    ${caption.map((text, index) => html`<text class="caption" x="16" y="${HEADING_HEIGHT + 11 + index * CAPTION_LINE}">${text}</text>`)}
    ${parts.map((part) => html`<svg x="${part.x}" y="${top + part.y}" width="${part.width}" height="${part.height}">${part.content}</svg>`)}
  </svg> `.text
}
