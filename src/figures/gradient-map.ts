/**
 * The derivative as pictures: an axial slice of each map (one class of one image) with its prediction, and beside it dL/dp in
 * colour with the outlines of label and prediction. Blue pushes the prediction up, red pushes it down. One SVG file.
 */
import { encode } from 'fast-png'
import { ConfigError } from '../tensor/errors.js'
import {
  axialSlice,
  checkVolume,
  largestSlice,
  type Orientation,
  outline,
  type Slice,
  type VolumeShape,
} from './contour.js'
import { formatFixed, formatNumber } from './format.js'
import { html, type Html, NOTHING } from './html.js'
import { type Placed, standaloneSvg } from './standalone.js'

/** One class of one image; volumes are (X, Y, Z) in C order. */
export interface MapVolumes {
  readonly prediction: ArrayLike<number>
  readonly target: ArrayLike<number>
  readonly gradient: ArrayLike<number>
}

/** What is shown of it. */
export interface MapSlice {
  readonly prediction: Slice
  readonly target: Slice
  readonly gradient: Slice
  /** Which slice, and of how many. */
  readonly z: number
  readonly depth: number
}

export interface PicturedMap extends MapSlice {
  /** What it is, and what is to be said of it: 'case 1, tumour', 'empty'. */
  readonly title: string
  readonly note: string
}

export interface GradientMapOptions {
  /** Millimetres per pixel; by default pixels are square. */
  readonly scale?: Orientation['scale']
  /** The prediction above which a voxel is called positive: ½ of a probability. Null: no outline (predictions are logits). */
  readonly threshold?: number | null
  /** What the derivative is in, for the caption. */
  readonly variable: 'probabilities' | 'logits'
  /** Maps side by side, such as the number of classes; by default 3. */
  readonly columns?: number
  /** How many more maps there are, for the caption. */
  readonly left?: number
}

/**
 * The axial slice with most label, or where the label is empty with most prediction. Throws ShapeError where a volume has not
 * `shape`.
 */
export function sliceMap(
  volumes: MapVolumes,
  shape: VolumeShape,
  mirror: Orientation['mirror'] = { x: false, y: false },
): MapSlice {
  for (const name of ['prediction', 'target', 'gradient'] as const)
    checkVolume(`sliceMap.${name}`, volumes[name], shape)
  const { prediction, target, gradient } = volumes
  let isEmpty = true
  for (let i = 0; isEmpty && i < target.length; i++) isEmpty = !((target[i] ?? 0) > 0)
  const z = largestSlice(isEmpty ? prediction : target, shape)
  const cut = (data: ArrayLike<number>): Slice => axialSlice(data, shape, z, mirror)
  return { prediction: cut(prediction), target: cut(target), gradient: cut(gradient), z, depth: shape[2] }
}

const PICTURE = 190
const GAP = 8
const COLUMN_GAP = 40
const ROW_GAP = 26
const KEY_HEIGHT = 62
const KEY_WIDTH = 680
/** The scale is linear unless one map exceeds the middle one by this factor and would leave the others white. */
const LINEAR_RANGE = 50
const DECADES = 6

/** −1 (push up, blue) … 0 (none, white) … 1 (push down, red); both ends equally dark. */
const BLUE = [5, 88, 150] as const
const RED = [176, 36, 24] as const

function colour(value: number): [number, number, number] {
  const end = value < 0 ? BLUE : RED
  const t = Math.min(1, Math.abs(value))
  const mix = (k: 0 | 1 | 2): number => Math.round(255 + (end[k] - 255) * t)
  return [mix(0), mix(1), mix(2)]
}

interface ColourScale {
  /** Derivative → −1 … 1. */
  readonly at: (g: number) => number
  readonly ticks: readonly { readonly position: number; readonly label: string }[]
  readonly kind: string
}

/** One scale for all pictures, so that maps can be compared. */
function colourScale(slices: readonly Slice[]): ColourScale {
  const sizes = slices.map(({ values }) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0))
  const sorted = sizes.filter((size) => size > 0).sort((a, b) => a - b)
  const largest = sorted.at(-1)
  if (largest === undefined) return { at: () => 0, ticks: [{ position: 0, label: '0' }], kind: '0 everywhere' }
  const label = (value: number): string => formatNumber(Number(value.toPrecision(2)))
  if ((sorted[Math.floor(sorted.length / 2)] ?? 0) > largest / LINEAR_RANGE) {
    const ticks = [-1, -0.5, 0, 0.5, 1].map((position) => ({ position, label: label(position * largest) }))
    return { at: (g) => g / largest, ticks, kind: 'linear' }
  }
  // Position 1 − d/DECADES for the largest · 10⁻ᵈ, white below.
  const at = (g: number): number =>
    g === 0 ? 0 : Math.sign(g) * Math.max(0, 1 + Math.log10(Math.abs(g) / largest) / DECADES)
  const sides = [-1, 1].flatMap((sign) =>
    [0, DECADES / 2].map((d) => ({ position: sign * (1 - d / DECADES), label: label(sign * largest * 10 ** -d) })),
  )
  return { at, ticks: [...sides, { position: 0, label: '0' }], kind: `logarithmic over ${DECADES} decades` }
}

function imageOf(slice: Slice, channels: 1 | 3, pixel: (value: number) => readonly number[]): Html {
  const data = Uint8Array.from(Array.from(slice.values).flatMap((value) => [...pixel(value)]))
  const png = encode({ width: slice.width, height: slice.height, data, channels, depth: 8 })
  return html`<image
    width="${slice.width}"
    height="${slice.height}"
    preserveAspectRatio="none"
    href="data:image/png;base64,${Buffer.from(png).toString('base64')}"
  />`
}

interface PictureFrame {
  readonly width: number
  readonly height: number
  readonly sx: number
  readonly sy: number
}

/** Pixels to picture, with the aspect of the voxels: the longer side fills the frame. */
function frameOf(slice: Slice, spacing: Orientation['scale']): PictureFrame {
  const [width, height] = [slice.width * spacing.x, slice.height * spacing.y]
  const scale = PICTURE / Math.max(width, height)
  return { width: width * scale, height: height * scale, sx: spacing.x * scale, sy: spacing.y * scale }
}

function picture(
  view: PictureFrame,
  image: Html,
  truth: Slice,
  predicted: Slice | null,
  ground: 'grey' | 'colour',
): Html {
  return html`<g transform="scale(${view.sx} ${view.sy})">
      ${image}
      <path class="outline truth on-${ground}" d="${outline(truth)}" />
      ${predicted === null ? NOTHING : html`<path class="outline prediction on-${ground}" d="${outline(predicted)}" />`}
    </g>
    <rect width="${view.width}" height="${view.height}" fill="none" class="edge" />`
}

function mapPart(map: PicturedMap, threshold: number | null, scale: ColourScale, view: PictureFrame): Html {
  const binary = (slice: Slice, above: number): Slice => ({
    ...slice,
    values: slice.values.map((value) => (value > above ? 1 : 0)),
  })
  const { prediction } = map
  const truth = binary(map.target, 0.5)
  const predicted = threshold === null ? null : binary(prediction, threshold)
  const sorted = prediction.values.toSorted()
  const [low, high] = threshold === null ? [sorted[0] ?? 0, sorted.at(-1) ?? 0] : [0, 1]
  const grey = imageOf(prediction, 1, (value) => [Math.round((255 * (value - low)) / (high - low || 1))])
  const tint = imageOf(map.gradient, 3, (value) => colour(scale.at(value)))
  return html`<text class="panel-title" x="0" y="12">${map.title}</text>
    <text class="caption" x="0" y="28">${map.note}; slice ${map.z + 1} of ${map.depth}</text>
    <g transform="translate(0 36)">${picture(view, grey, truth, predicted, 'grey')}</g>
    <g transform="translate(${PICTURE + GAP} 36)">${picture(view, tint, truth, predicted, 'colour')}</g>`
}

/** The bar of colours with its ticks. */
function colourKey(scale: ColourScale, variable: string): Html {
  const width = 2 * PICTURE + GAP
  const rgb = (value: number): string => `rgb(${colour(value).join(',')})`
  const ticks = scale.ticks.map(({ position, label }) => {
    const x = ((position + 1) / 2) * width
    const anchor = position === -1 ? 'start' : position === 1 ? 'end' : 'middle'
    return html`<path class="edge" d="M${x.toFixed(1)} 30v5" /><text
        class="caption"
        x="${x.toFixed(1)}"
        y="47"
        text-anchor="${anchor}"
        >${label}</text
      >`
  })
  return html`<text class="caption" x="0" y="11">blue: pushes p up</text>
    <text class="caption" x="${width}" y="11" text-anchor="end">red: pushes p down</text>
    <defs
      ><linearGradient id="colours"
        ><stop offset="0" stop-color="${rgb(-1)}" /><stop offset=".5" stop-color="${rgb(0)}" /><stop
          offset="1"
          stop-color="${rgb(1)}" /></linearGradient
    ></defs>
    <rect y="18" width="${width}" height="12" fill="url(#colours)" />
    ${ticks}
    <text class="caption" x="${width + 20}" y="28"
      >dL/d${variable === 'logits' ? 'logit' : 'p'} per voxel, ${scale.kind}</text
    >
    <g transform="translate(${width + 20} 36)"
      ><rect width="46" height="14" fill="#333" /><path class="outline truth on-grey" d="M5 7h36" /><text x="52" y="11"
        >label</text
      ><rect x="100" width="46" height="14" fill="#333" /><path class="outline prediction on-grey" d="M105 7h36" /><text
        x="152"
        y="11"
        >p above ½</text
      ></g
    >`
}

/**
 * The text of an SVG file: for each map p in grey and the derivative in colour, all on one scale. All slices have one size.
 * Throws ConfigError without maps.
 *
 * @example
 * const slice = sliceMap({ prediction, target, gradient }, [20, 20, 12])
 * writeFileSync('map.svg', gradientMaps([{ ...slice, title: 'case 1', note: 'labelled' }], { variable: 'probabilities' }))
 */
export function gradientMaps(maps: readonly PicturedMap[], options: GradientMapOptions): string {
  const { threshold = 0.5, left = 0 } = options
  const [first] = maps
  if (first === undefined) throw new ConfigError('gradientMaps', 'at least one map', 'none')
  const scale = colourScale(maps.map(({ gradient }) => gradient))
  const view = frameOf(first.target, options.scale ?? { x: 1, y: 1 })
  const cell = { width: 2 * PICTURE + GAP, height: view.height + 36 }
  const columns = Math.min(options.columns ?? 3, maps.length)
  const rows = Math.ceil(maps.length / columns)
  const parts = maps.map((map, i): Placed => ({
    x: 16 + (i % columns) * (cell.width + COLUMN_GAP),
    y: Math.floor(i / columns) * (cell.height + ROW_GAP),
    ...cell,
    content: mapPart(map, threshold, scale, view),
  }))
  const bottom = rows * cell.height + (rows - 1) * ROW_GAP + 16
  const width = Math.max(KEY_WIDTH, columns * (cell.width + COLUMN_GAP) - COLUMN_GAP)
  const key = { x: 16, y: bottom, width, height: KEY_HEIGHT, content: colourKey(scale, options.variable) }
  return standaloneSvg({
    title: 'The derivative over a slice',
    caption: [
      `Left: the prediction, ${threshold === null ? 'black to white over its range' : '0 black, 1 white'}. Right: the derivative of the loss in it.`,
      ...(left > 0 ? [`${formatFixed(left, 0)} more maps are not shown.`] : []),
    ],
    width: width + 32,
    height: bottom + KEY_HEIGHT,
    parts: [...parts, key],
  })
}
