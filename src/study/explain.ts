/**
 * `phigrad explain` without the command line: reads predictions and targets, reports on the derivative of the Dice loss at them,
 * and writes the report and its figures. The report itself is phigrad/losses' gradientReport.
 */
import { join } from 'node:path'
import { makeFolder, writeFileWhole } from '../data/files.js'
import { type MapBatch, readMaps, volumeName } from '../data/label-maps.js'
import { orientation } from '../figures/contour.js'
import { formatFixed } from '../figures/format.js'
import { gradientCurves } from '../figures/gradient-curves.js'
import { gradientMaps, type PicturedMap, sliceMap } from '../figures/gradient-map.js'
import {
  diceGradient,
  type GradientReport,
  gradientReport,
  type OverlapOptions,
  renderGradientReport,
  type ReportNames,
} from '../losses/index.js'
import { tensor } from '../tensor/create.js'
import { ConfigError, DataError } from '../tensor/errors.js'
import { scope } from '../tensor/scope.js'
import type { Tensor } from '../tensor/tensor.js'

/** One class of one image, both counted from 0. */
export interface MapPlace {
  readonly image: number
  readonly class: number
}

export interface ExplainOptions {
  /** Files of one image each; the channels are the classes. As many predictions as targets, in the same order. */
  readonly predictions: readonly string[]
  readonly targets: readonly string[]
  /**
   * Label values that become each channel of the targets, which are label maps then; and of the predictions too, where these have
   * one channel though there are several.
   */
  readonly labels?: readonly (readonly number[])[]
  /** Maps that nobody annotated. */
  readonly missing?: readonly MapPlace[]
  /** Maps whose target is replaced by an empty one: what would the network be told if nothing were there? */
  readonly empty?: readonly MapPlace[]
  readonly loss: Omit<OverlapOptions, 'present' | 'mask'>
}

export interface Explanation {
  readonly report: GradientReport
  readonly names: Required<Pick<ReportNames, 'images' | 'classes'>>
  /** File name → content: report.json, report.txt, curves.svg and map.svg. */
  readonly files: Readonly<Record<string, string>>
}

/**
 * The report on a batch of files, and its figures as text.
 *
 * Throws DataError naming the file: broken, of another grid, values outside [0, 1]; ConfigError for options that do not fit.
 *
 * @example
 * const { report } = explain({ predictions: ['p.nii.gz'], targets: ['y.nii.gz'], loss: { phi: 'I', epsilon: 1e-7 } })
 */
export function explain(options: ExplainOptions): Explanation {
  const { predictions, targets, loss, missing = [], empty = [] } = options
  if (predictions.length !== targets.length) {
    throw new ConfigError('explain', `as many targets as predictions (${predictions.length})`, String(targets.length))
  }
  const target = readMaps(targets, { ...(options.labels !== undefined && { labels: options.labels }) })
  const prediction = readPredictions(options)
  checkGrids(options, prediction, target)
  const [B, , , , C] = target.shape
  for (const place of empty) clear(target, place)
  const names = { images: imageNames(targets), classes: classNames(C, options.labels) }
  return scope(() => {
    const [p, y] = [prediction, target].map(({ shape, data }) => {
      const dtype = prediction.data instanceof Float64Array ? 'float64' : 'float32'
      return tensor(data, { shape, dtype })
    }) as [Tensor, Tensor]
    const present = missing.length === 0 ? {} : { present: presentOf(missing, B, C) }
    const all: OverlapOptions = { ...loss, ...present }
    const report = gradientReport(all, p, y)
    const gradient = diceGradient(p, y, all).data()
    const curves = gradientCurves(report)
    return {
      report,
      names,
      files: {
        'report.json': `${JSON.stringify({ ...names, ...report }, undefined, 2)}\n`,
        'report.txt': `${renderGradientReport(report, names)}\n`,
        ...(curves !== undefined && { 'curves.svg': curves }),
        'map.svg': mapFigure(report, names, { prediction, target, gradient }),
      },
    }
  })
}

/** Writes the files of an explanation; returns their paths. Throws DataError naming the file. */
export function writeExplanation(folder: string, { files }: Explanation): string[] {
  makeFolder(folder)
  return Object.entries(files).map(([name, text]) => {
    const path = join(folder, name)
    writeFileWhole(path, text)
    return path
  })
}

function readPredictions({ predictions, labels, loss }: ExplainOptions): MapBatch {
  const unitInterval = loss.fromLogits === undefined
  const plain = readMaps(predictions, { unitInterval: unitInterval && (labels === undefined || labels.length < 2) })
  if (labels === undefined || labels.length < 2) return plain
  return plain.shape[4] === 1 ? readMaps(predictions, { labels }) : readMaps(predictions, { unitInterval })
}

function checkGrids({ predictions, targets }: ExplainOptions, prediction: MapBatch, target: MapBatch): void {
  const [found, expected] = [prediction, target].map(({ shape }) => shape.slice(1).join('×'))
  if (found !== expected) {
    throw new DataError(predictions[0] ?? '', `X×Y×Z×C of ${expected} as ${targets[0] ?? ''} has`, found)
  }
}

/** File names, with the number of the image where they are not distinct. */
function imageNames(targets: readonly string[]): string[] {
  const names = targets.map(volumeName)
  return new Set(names).size === names.length ? names : names.map((name, b) => `${b} ${name}`)
}

function classNames(classes: number, labels: ExplainOptions['labels']): string[] {
  return Array.from({ length: classes }, (_, c) =>
    labels === undefined ? `class ${c}` : `label ${labels[c]?.join('+') ?? ''}`,
  )
}

function checkPlace(where: string, { image, class: c }: MapPlace, B: number, C: number): void {
  if (image >= 0 && image < B && c >= 0 && c < C) return
  throw new ConfigError(where, `image below ${B} and class below ${C}`, `${image}:${c}`)
}

/** Writes zeros into one map of a batch that is ours. */
function clear({ shape: [B, X, Y, Z, C], data }: MapBatch, place: MapPlace): void {
  checkPlace('empty', place, B, C)
  const voxels = X * Y * Z
  for (let v = 0; v < voxels; v++) data[(place.image * voxels + v) * C + place.class] = 0
}

function presentOf(missing: readonly MapPlace[], B: number, C: number): Tensor {
  const present = new Uint8Array(B * C).fill(1)
  for (const place of missing) {
    checkPlace('missing', place, B, C)
    present[place.image * C + place.class] = 0
  }
  return tensor(present, { shape: [B, C], dtype: 'bool' })
}

interface Volumes {
  readonly prediction: MapBatch
  readonly target: MapBatch
  readonly gradient: ArrayLike<number>
}

/** Pictures of more maps than this would no longer be looked at. */
const MOST_MAPS = 12

function mapFigure(report: GradientReport, names: Explanation['names'], volumes: Volumes): string {
  const { prediction, target, gradient } = volumes
  const [B, X, Y, Z, C] = target.shape
  const voxels = X * Y * Z
  const { mirror, scale } = orientation(target.affine)
  const perImage = report.maps.length / B
  const seen = report.maps.filter(({ state }) => state !== 'masked')
  const maps = seen.slice(0, MOST_MAPS).map((map): PicturedMap => {
    const pick = (data: ArrayLike<number>): Float64Array => {
      const values = new Float64Array(voxels)
      for (let v = 0; v < voxels; v++) values[v] = data[(map.image * voxels + v) * C + map.class] ?? 0
      return values
    }
    const one = { prediction: pick(prediction.data), target: pick(target.data), gradient: pick(gradient) }
    return {
      ...sliceMap(one, [X, Y, Z], mirror),
      title: `${names.images[map.image] ?? ''}, ${names.classes[map.class] ?? ''}`,
      note: `${map.state}, ${map.share > 0 && map.share < 5e-4 ? '<0.1' : formatFixed(100 * map.share, 1)} % of Σ|g|`,
    }
  })
  return gradientMaps(maps, {
    ...{
      scale,
      columns: perImage > 1 ? Math.min(3, perImage) : 3,
      variable: report.variable,
      left: seen.length - maps.length,
    },
    ...(report.variable === 'logits' && { threshold: null }),
  })
}
