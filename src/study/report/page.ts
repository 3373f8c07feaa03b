/** The page of the report: words and order. Figures and tables come from their own files. No scripts, no network. */
import { html, Html, NOTHING } from '../../figures/html.js'
import { exampleTables, type ExampleVolumes } from './examples.js'
import { lossFigure, type ReportedRun, rocFigure, scoreFigure, smoothingWindow } from './figures.js'
import type { MissingRun, StudyRuns } from './runs.js'
import { STYLE } from './style.js'
import type { Table } from './table.js'
import { configurationTables, resultsTable, settingsOf } from './tables.js'

export interface PageOptions {
  /** What the volumes are, e.g. 'phantom cohort, seed 0, 285 subjects of 20×20×12 voxels of 8 mm'. */
  readonly data?: string | undefined
  /** The command that made the study. */
  readonly command?: string | undefined
}

/** The whole page. The same input gives the same text: no dates, no random names. */
export function page(
  study: StudyRuns,
  table: Table,
  examples: readonly ExampleVolumes[],
  options: PageOptions,
): string {
  const reported = study.runs.flatMap((run, index): ReportedRun[] => {
    const row = table.rows[index]
    return row === undefined ? [] : [{ run, row }]
  })
  const content = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; style-src 'unsafe-inline'; img-src data:"
        />
        <title>The Dice loss with missing or empty labels</title>
        <style>
          ${new Html(STYLE)}
        </style>
      </head>
      <body>
        <main>
          ${introduction(study, options)} ${missingRuns(study.missing)}
          <h2>Results</h2>
          ${resultsTable(table)}
          <p class="note">
            DSC: Dice similarity coefficient. ΔV: predicted minus reference volume. AUC: area under the ROC curve for
            telling HGG from LGG by the predicted volume; it is near 1 where LGG is predicted empty, and near or below ½
            where both are segmented alike.
          </p>
          ${figures(reported)} ${examplesSection(reported, examples)}
          <h2>Configuration and seeds</h2>
          ${configurationTables(study.runs)} ${unreadableLogs(study)} ${reproduction(options)}
        </main>
      </body>
    </html> `
  return content.text
}

function introduction({ runs, missing }: StudyRuns, { data }: PageOptions): Html {
  const studies = [...new Set(runs.map(({ config }) => config.study))].join(', ')
  const facts = [
    ...(studies === '' ? [] : [`Study ${studies}`]),
    ...(data === undefined ? [] : [data]),
    `${runs.length} of ${runs.length + missing.length} runs complete`,
  ]
  return html`<header>
      <h1>The Dice loss with missing or empty labels</h1>
      <p class="subtitle">${facts.join(' · ')}</p>
    </header>
    <p>
      A label is <em>missing</em> when the structure is in the image but was not annotated, and <em>empty</em> when the
      structure is not there. Training data show the same for both: a map of zeros. What a network learns from such a
      map depends on two choices in the Dice loss
    </p>
    ${EQUATION}
    <p>
      namely <strong>Φ</strong>, the subsets φ of voxels over which the sums run, and the smoothing term
      <strong>ε</strong>. With <strong>I</strong>, each image is a subset and ε is negligible: the gradient of a map of
      zeros almost vanishes, so the network ignores it and segments the structure anyway. With <strong>BI</strong>, all
      images of a batch form one subset, and with <strong>I<sub>ε</sub></strong
      >, each image is one but ε is the mean label volume: the map of zeros now pushes predictions down, and the network
      learns to leave such images empty. Here each choice is trained twice on brain tumours: with <em>full</em> labels,
      and with <em>partial</em> labels, where the maps of all low-grade tumours (LGG) are replaced by zeros while those
      of high-grade tumours (HGG) stay. Validation always uses the full labels.
    </p>`
}

/** Eq. 3 of the paper. */
const EQUATION = html`<math display="block" aria-label="Dice loss, equation 3"
  ><mi>DL</mi><mo stretchy="false">(</mo><mi>y</mi><mo>,</mo><mover><mi>y</mi><mo>~</mo></mover
  ><mo stretchy="false">)</mo><mo>=</mo><mn>1</mn><mo>−</mo
  ><mfrac
    ><mn>1</mn><mrow><mo>|</mo><mi mathvariant="normal">Φ</mi><mo>|</mo></mrow></mfrac
  ><mspace width=".2em" /><munder
    ><mo>∑</mo><mrow><mi>φ</mi><mo>∈</mo><mi mathvariant="normal">Φ</mi></mrow></munder
  ><mspace width=".1em" /><mfrac
    ><mrow
      ><mn>2</mn><msub><mo>∑</mo><mi>φ</mi></msub
      ><mi>y</mi><mover><mi>y</mi><mo>~</mo></mover
      ><mo>+</mo><mi>ε</mi></mrow
    ><mrow
      ><msub><mo>∑</mo><mi>φ</mi></msub
      ><mo stretchy="false">(</mo><mi>y</mi><mo>+</mo><mover><mi>y</mi><mo>~</mo></mover
      ><mo stretchy="false">)</mo><mo>+</mo><mi>ε</mi></mrow
    ></mfrac
  ><mo>,</mo></math
>`

function missingRuns(missing: readonly MissingRun[]): Html {
  if (missing.length === 0) return NOTHING
  return html`<div class="warning" role="note">
    <p>Not shown, because missing or broken:</p>
    <ul>
      ${missing.map(({ name, reason }) => html`<li><code>${name}</code>: ${reason}</li>`)}
    </ul>
  </div>`
}

function figures(reported: readonly ReportedRun[]): Html {
  if (reported.length === 0) return NOTHING
  const settings = settingsOf(reported)
  const each = (figure: (runs: readonly ReportedRun[]) => Html) =>
    settings.map(({ title, runs }) => html`${settings.length > 1 ? html`<h3>${title}</h3>` : NOTHING}${figure(runs)}`)
  return html`<h2>Every validation case</h2>
    <figure>
      ${each(scoreFigure)}
      <figcaption>
        Each dot is one case; the bar is the mean of Table 1. A mean near ½ can be cases that all go half wrong, or
        cases of which half are left empty.
      </figcaption>
    </figure>
    <h2>Telling HGG from LGG by predicted volume</h2>
    <figure>
      ${each(rocFigure)}
      <figcaption>
        ROC curves (Fig. 2 of the paper): a case is called HGG where the predicted volume reaches a threshold, which
        runs over all values. Dotted diagonal: chance.
      </figcaption>
    </figure>
    <h2>Training</h2>
    <figure>
      ${each(lossFigure)}
      <figcaption>
        Pale: the logged loss of each batch. Line: centred moving average over ${smoothingWindow(reported)} logged
        values. The heights of different losses are not comparable: under I, an image with a map of zeros costs 1 unless
        nothing is predicted in it.
      </figcaption>
    </figure>`
}

function examplesSection(reported: readonly ReportedRun[], examples: readonly ExampleVolumes[]): Html {
  if (reported.length === 0 || examples.length === 0) return NOTHING
  const settings = settingsOf(reported)
  const keyLine = (name: string) =>
    html`<svg class="key-line" viewBox="0 0 42 14" aria-hidden="true"><path class="${name}" d="M6 7h30" /></svg>`
  return html`<h2>Examples</h2>
    <p class="note">
      ${keyLine('truth')} ground truth &ensp; ${keyLine('prediction')} prediction (probability above ½). Shown is the
      axial slice with the largest area of ground
      truth${examples.every(({ affine }) => affine !== undefined) ? ', the patient’s right on the left' : ''}; voxels
      are enlarged without interpolation. Under partial labels the LGG map was all zeros in training.
    </p>
    ${settings.map(({ title, runs }, index) => html`${settings.length > 1 ? html`<h3>${title}</h3>` : NOTHING}${exampleTables(examples, runs, String(index))}`)}`
}

function unreadableLogs({ runs }: StudyRuns): Html {
  const broken = runs.filter(({ unreadableLogLines }) => unreadableLogLines > 0)
  if (broken.length === 0) return NOTHING
  const list = broken.map(({ name, unreadableLogLines }) => `${name}: ${unreadableLogLines}`).join(', ')
  return html`<p class="note">
    Log lines that could not be read (a run that was killed while it wrote leaves one): ${list}.
  </p>`
}

function reproduction({ command }: PageOptions): Html {
  const commands = [
    ...(command === undefined
      ? []
      : ['# the whole study; stopped and started again, it goes on where it was', command]),
    '# one run',
    'phigrad train runs/RUN/config.json',
    '# table and report from finished runs',
    'phigrad report .',
  ]
  return html`<h2>How to reproduce</h2>
    <p>
      Every run’s folder holds its whole configuration, seeds included. The same configuration, machine and backend give
      the same bits; other machines agree to rounding only.
      ${command === undefined ? 'From' : 'The second and third command run in'} the folder of this report:
    </p>
    <pre>${commands.join('\n')}</pre>
    <p class="note">
      Method: S. Tilborghs, J. Bertels, D. Robben, D. Vandermeulen, F. Maes, “The Dice loss in the context of missing or
      empty labels: introducing Φ and ε”, MICCAI 2022.
    </p>`
}
