/**
 * The charts of the report: DSC of every case, ROC curves (Fig. 2 of the paper) and loss curves. Each figure is a row of
 * two panels, full labels beside partial labels, with the same axes.
 */
import { rocCurve } from '../../metrics/index.js'
import { frame, lineChart, MARGIN, PANEL_WIDTH, type Point, scales, type Series } from '../../figures/chart.js'
import { formatFixed } from '../../figures/format.js'
import { html, type Html, NOTHING } from '../../figures/html.js'
import { LOSS_NAMES } from './format.js'
import { GROUPS, LABELLINGS, type Labelling, type Loss, LOSSES, type Run } from './runs.js'
import { movingAverage, thinOut } from './smoothing.js'
import type { TableRow } from './table.js'

/** A finished run and its row of the table. */
export interface ReportedRun {
  readonly run: Run
  readonly row: TableRow
}

const PANEL_TITLES: Record<Labelling, string> = {
  full: 'Full labels: LGG annotated in training',
  partial: 'Partial labels: LGG maps empty in training',
}

/** I_ε with a true subscript. */
function lossLabel(loss: Loss): Html {
  return loss === 'I_eps'
    ? html`I<tspan class="subscript" dy="3">ε</tspan><tspan dy="-3">&#8203;</tspan>`
    : html`${loss}`
}

/** Its style and its name in the legend. */
function seriesOf(loss: Loss): Pick<Series, 'className' | 'label'> {
  return { className: `loss-${loss}`, label: lossLabel(loss) }
}

/** Fig. 2: detecting HGG by thresholding the predicted volume. */
export function rocFigure(runs: readonly ReportedRun[]): Html {
  return panels(runs, (labelling, members) => {
    const judged = members.filter(({ row }) => row.auc !== null)
    const note = ({ row }: ReportedRun) => `AUC ${formatFixed(row.auc, 2)}`
    const series = judged.map((member): Series => ({
      ...seriesOf(member.row.loss),
      note: note(member),
      points: rocCurve(
        member.run.cases.map((one) => one.predictedVolumeMl),
        member.run.cases.map((one) => one.group === 'HGG'),
      ).map((point): Point => [point.falsePositiveRate, point.truePositiveRate]),
    }))
    const areas = judged.map((member) => `${LOSS_NAMES[member.row.loss]} ${note(member)}`).join(', ')
    return lineChart({
      title: PANEL_TITLES[labelling],
      description: `ROC curves for ${labelling} labels. ${areas}.`,
      height: 430,
      x: { title: 'False positive rate (share of LGG called HGG)', domain: [0, 1], ticks: 5 },
      y: { title: 'True positive rate (share of HGG found)', domain: [0, 1], ticks: 5 },
      series,
      guide: [[0, 0], [1, 1]], // prettier-ignore
    })
  })
}

/** Number of logged points that the moving average of the loss curves spans: about a twentieth of the run, odd. */
export function smoothingWindow(runs: readonly ReportedRun[]): number {
  const longest = Math.max(1, ...runs.map(({ run }) => run.log.length))
  return 2 * Math.round(longest / 40) + 1
}

/** Training loss by step: smoothed, with the logged values pale behind. */
export function lossFigure(runs: readonly ReportedRun[]): Html {
  const logged = runs.filter(({ run }) => run.log.length > 0)
  if (logged.length === 0) return html`<p class="note">No run has a log that can be read.</p>`
  const window = smoothingWindow(logged)
  const all = logged.flatMap(({ run }) => run.log)
  const lastStep = all.reduce((last, { step }) => Math.max(last, step), 1)
  const highest = all.reduce((high, { loss }) => Math.max(high, loss), 1)
  return panels(logged, (labelling, members) => {
    const series = members.map(({ run, row }): Series => {
      const raw = run.log.map(({ step, loss }): Point => [step, loss])
      return { ...seriesOf(row.loss), points: thinOut(movingAverage(raw, window), 500), raw: [thinOut(raw, 600)] }
    })
    const ends = members.map(
      ({ row }, index) => `${LOSS_NAMES[row.loss]} ends at ${formatFixed(series[index]?.points.at(-1)?.[1], 2)}`,
    )
    return lineChart({
      title: PANEL_TITLES[labelling],
      description: `Training loss by step for ${labelling} labels. ${ends.join(', ')}.`,
      height: 330,
      x: { title: 'Training step', domain: [0, lastStep], ticks: 6 },
      y: { title: 'Dice loss (no unit)', domain: [0, highest], ticks: 5 },
      series,
    })
  })
}

/** DSC of every validation case, with the mean: what one number per group hides. */
export function scoreFigure(runs: readonly ReportedRun[]): Html {
  return panels(runs, (labelling, members) => {
    const height = 330
    const columns = GROUPS.flatMap((group) => members.map((member) => ({ group, ...member })))
    const { y } = scales(height, { domain: [0, 1] }, { domain: [0, 1] })
    const step = (PANEL_WIDTH - MARGIN.left - MARGIN.right) / Math.max(1, columns.length)
    const centre = (index: number) => MARGIN.left + (index + 0.5) * step
    const bottom = height - MARGIN.bottom
    const ticks = columns.map(
      ({ group, row }, index) =>
        html`<g transform="translate(${centre(index).toFixed(1)} ${bottom})"
          ><text y="17" text-anchor="middle">${group} ${lossLabel(row.loss)}</text></g
        >`,
    )
    const dots = columns.map(({ group, run, row }, index) => {
      const scores = run.cases.flatMap((one) => (one.group === group && one.dsc !== null ? [one.dsc] : []))
      const middle = centre(index)
      const mean = row.dsc[group]
      return html`<g class="loss-${row.loss}"
        >${swarm(scores.map(y), step * 0.42).map(
          ([dx, cy]) => html`<circle class="dot" cx="${(middle + dx).toFixed(1)}" cy="${cy.toFixed(1)}" r="2.6" />`,
        )}${
          mean === null
            ? NOTHING
            : html`<path
                  class="mean"
                  d="M${(middle - step * 0.36).toFixed(1)} ${y(mean).toFixed(1)}h${(step * 0.72).toFixed(1)}"
                /><text class="mean-value" x="${middle.toFixed(1)}" y="${MARGIN.top - 12}" text-anchor="middle"
                  >${formatFixed(mean, 2)}</text
                >`
        }</g
      >`
    })
    const means = columns.map(
      ({ group, row }) => `${group} ${LOSS_NAMES[row.loss]} mean ${formatFixed(row.dsc[group], 2)}`,
    )
    return frame(
      {
        title: PANEL_TITLES[labelling],
        description: `DSC of every validation case for ${labelling} labels. ${means.join(', ')}.`,
        height,
        x: { title: 'Tumour grade and loss; number above: mean' },
        y: { title: 'DSC (no unit)', domain: [0, 1], ticks: 5 },
      },
      y,
      html`${ticks}`,
      html`${dots}`,
    )
  })
}

/** Dots of near-equal height side by side, outwards from the middle, at most `reach` away from it. */
function swarm(heights: readonly number[], reach: number): Point[] {
  const bins = new Map<number, number>()
  return [...heights]
    .sort((a, b) => a - b)
    .map((height) => {
      const bin = Math.round(height / 4)
      const place = bins.get(bin) ?? 0
      bins.set(bin, place + 1)
      const offset = Math.ceil(place / 2) * 4.6 * (place % 2 === 0 ? 1 : -1)
      return [Math.max(-reach, Math.min(reach, offset)), height]
    })
}

function panels(
  runs: readonly ReportedRun[],
  draw: (labelling: Labelling, members: readonly ReportedRun[]) => Html,
): Html {
  const drawn = LABELLINGS.flatMap((labelling) => {
    const members = LOSSES.flatMap((loss) =>
      runs.filter(({ row }) => row.labelling === labelling && row.loss === loss).slice(0, 1),
    )
    return members.length === 0 ? [] : [draw(labelling, members)]
  })
  return html`<div class="panels">${drawn}</div>`
}
