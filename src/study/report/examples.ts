/**
 * Example slices (Fig. 3 of the paper): FLAIR and T1ce with the ground truth and each run's prediction outlined.
 * A slice is embedded once as a PNG of its own voxels and enlarged without interpolation; outlines are vector paths.
 */
import { encode } from 'fast-png'
import {
  axialSlice,
  checkVolume,
  largestSlice,
  type Orientation,
  orientation,
  outline,
  type Slice,
  type VolumeShape,
} from '../../figures/contour.js'
import { formatFixed } from '../../figures/format.js'
import { html, type Html, NOTHING } from '../../figures/html.js'
import { type ReportedRun } from './figures.js'
import { LABELLING_NAMES } from './format.js'
import { type Group, LABELLINGS } from './runs.js'

/** Volumes of one validation case, each in C order (X, Y, Z), all of `shape`. */
export interface ExampleVolumes {
  readonly id: string
  readonly group: Group
  readonly shape: VolumeShape
  /** Intensities in any unit; exactly 0 outside the brain, which is drawn black. */
  readonly flair: ArrayLike<number>
  readonly t1ce: ArrayLike<number>
  /** Binary ground truth of the validation, complete also where training had none. */
  readonly reference: ArrayLike<number>
  /** Binary prediction by name of the run's folder. */
  readonly predictions: Readonly<Record<string, ArrayLike<number>>>
  /**
   * Voxel → mm, row-major 4×4 (RAS+ world, as in NIfTI), with axes along the patient's: from it the picture takes the
   * aspect of the voxels and radiological orientation. Without it voxels are square and shown as stored.
   */
  readonly affine?: ArrayLike<number> | undefined
}

const MODALITIES = [
  { key: 'flair', name: 'FLAIR' },
  { key: 't1ce', name: 'T1ce' },
] as const

interface View extends Orientation {
  readonly z: number
}

/**
 * One table per example: a row per modality, a column per run, the DSC and volume of the whole case below.
 * Throws ShapeError where a volume does not fit the example's shape.
 */
export function exampleTables(examples: readonly ExampleVolumes[], runs: readonly ReportedRun[], key: string): Html {
  return html`${examples.map((example, index) => exampleTable(example, runs, `${key}-${index}`))}`
}

function exampleTable(example: ExampleVolumes, runs: readonly ReportedRun[], key: string): Html {
  for (const volume of ['flair', 't1ce', 'reference'] as const) {
    checkVolume(`example ${example.id}, ${volume}`, example[volume], example.shape)
  }
  const view = viewOf(example)
  const reference = axialSlice(example.reference, example.shape, view.z, view.mirror)
  const images = MODALITIES.map((modality) => ({
    ...modality,
    id: `slice-${key}-${modality.key}`,
    slice: axialSlice(example[modality.key], example.shape, view.z, view.mirror),
    window: brightnessWindow(example[modality.key]),
  }))
  const volume = runs
    .flatMap(({ run }) => run.cases)
    .find((one) => one.id === example.id && one.group === example.group)?.referenceVolumeMl
  return html`<div class="scroll" tabindex="0" role="group" aria-label="Example ${example.group} ${example.id}">
    <table class="examples">
      <caption>
        <span>
          <strong>${example.group}</strong>
          <code>${example.id}</code>, axial slice ${view.z + 1} of
          ${example.shape[2]}${volume === undefined ? NOTHING : html`; ground truth ${formatFixed(volume, 0)} ml in the whole volume`}
        </span>
      </caption>
      ${headings(runs)}
      <tbody>
        ${images.map(
          ({ name, id }) =>
            html`<tr>
              <th scope="row">${name}</th>
              ${runs.map(({ run }) => html`<td>${picture(example, run.name, name, id, view, reference)}</td>`)}
            </tr>`,
        )}
        <tr class="scores">
          <th scope="row">DSC<br />volume</th>
          ${runs.map(({ run }) => scores(example, run))}
        </tr>
      </tbody>
    </table>
    <svg class="definitions" width="0" height="0" aria-hidden="true">
      <defs>${images.map(({ id, slice, window }) => embeddedImage(id, slice, window))}</defs>
    </svg>
  </div>`
}

function headings(runs: readonly ReportedRun[]): Html {
  const spans = LABELLINGS.map((labelling) => ({
    labelling,
    span: runs.filter(({ row }) => row.labelling === labelling).length,
  })).filter(({ span }) => span > 0)
  return html`<thead>
    <tr>
      <td></td>
      ${spans.map(({ labelling, span }) => html`<th scope="colgroup" colspan="${span}">${LABELLING_NAMES[labelling]} labels</th>`)}
    </tr>
    <tr>
      <td></td>
      ${runs.map(({ row }) => html`<th scope="col">${row.loss === 'I_eps' ? html`I<sub>ε</sub>` : row.loss}</th>`)}
    </tr>
  </thead>`
}

function scores(example: ExampleVolumes, run: ReportedRun['run']): Html {
  const found = run.cases.find((one) => one.id === example.id && one.group === example.group)
  if (found === undefined) return html`<td>—</td>`
  return html`<td>${formatFixed(found.dsc, 2)}<br />${formatFixed(found.predictedVolumeMl, 0)} ml</td>`
}

function picture(
  example: ExampleVolumes,
  runName: string,
  modality: string,
  imageId: string,
  view: View,
  reference: Slice,
): Html {
  const prediction = example.predictions[runName]
  if (prediction !== undefined) checkVolume(`example ${example.id}, prediction ${runName}`, prediction, example.shape)
  const { width, height } = reference
  const predicted = prediction === undefined ? undefined : axialSlice(prediction, example.shape, view.z, view.mirror)
  const area = (slice: Slice) => slice.values.reduce((sum, value) => sum + value, 0)
  const state =
    predicted === undefined
      ? 'no prediction available'
      : `prediction ${area(predicted) === 0 ? 'empty in this slice' : `of ${area(predicted)} pixels`}`
  const label = `${modality} of ${example.group} ${example.id}, run ${runName}: ground truth of ${area(reference)} pixels, ${state}.`
  return html`<svg
    class="slice"
    viewBox="0 0 ${width * view.scale.x} ${height * view.scale.y}"
    role="img"
    aria-label="${label}"
  >
    <g transform="scale(${view.scale.x} ${view.scale.y})">
      <use href="#${imageId}" />
      <path class="truth" d="${outline(reference)}" />
      ${predicted === undefined ? NOTHING : html`<path class="prediction" d="${outline(predicted)}" />`}
    </g>
  </svg>`
}

function viewOf({ affine, reference, shape }: ExampleVolumes): View {
  return { z: largestSlice(reference, shape), ...orientation(affine) }
}

/** Black and white: the 1st and 99.5th percentile of the voxels that are not exactly 0. */
function brightnessWindow(data: ArrayLike<number>): { readonly black: number; readonly white: number } {
  const values = Float64Array.from(data)
    .filter((value) => value !== 0 && Number.isFinite(value))
    .sort()
  const percentile = (share: number) => values[Math.floor(share * (values.length - 1))] ?? 0
  return { black: percentile(0.01), white: percentile(0.995) }
}

function embeddedImage(id: string, slice: Slice, { black, white }: { black: number; white: number }): Html {
  const range = white > black ? white - black : 1
  const grey = Uint8Array.from(slice.values, (value) =>
    value === 0 || !Number.isFinite(value)
      ? 0
      : Math.round(16 + 239 * Math.min(1, Math.max(0, (value - black) / range))),
  )
  const png = encode({ width: slice.width, height: slice.height, data: grey, channels: 1, depth: 8 })
  return html`<image
    id="${id}"
    width="${slice.width}"
    height="${slice.height}"
    preserveAspectRatio="none"
    href="data:image/png;base64,${Buffer.from(png).toString('base64')}"
  />`
}
