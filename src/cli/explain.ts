/** `phigrad explain`: parsing and printing only. What it does is in study/explain.ts. */
import { type Command, InvalidArgumentError, Option } from 'commander'
import { type OverlapOptions, renderGradientReport } from '../losses/index.js'
import { explain, type MapPlace, writeExplanation } from '../study/explain.js'

function numbers(text: string): number[] {
  const values = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)))
  if (values.every((value) => Number.isFinite(value) && value >= 0)) return values
  throw new InvalidArgumentError('Expected a number ≥ 0, or several with commas between.')
}

/** One ε, or one per class. */
function epsilon(text: string): number | number[] {
  const values = numbers(text)
  const [only = 0] = values
  return values.length === 1 ? only : values
}

/** '1+2+4,4': the labels of each channel. */
function labels(text: string): number[][] {
  if (/^\d+(\+\d+)*(,\d+(\+\d+)*)*$/.test(text)) return text.split(',').map((part) => part.split('+').map(Number))
  throw new InvalidArgumentError('Expected label values with commas between, such as 1,2,4, or unions such as 1+2+4,4.')
}

function places(text: string): MapPlace[] {
  return text.split(',').map((part) => {
    const [, image, c] = /^(\d+):(\d+)$/.exec(part.trim()) ?? []
    if (image === undefined || c === undefined)
      throw new InvalidArgumentError('Expected image:class, counted from 0, such as 0:1,2:0.')
    return { image: Number(image), class: Number(c) }
  })
}

interface ExplainFlags {
  readonly prediction: string[]
  readonly target: string[]
  readonly phi: 'I' | 'CI' | 'BI' | 'BCI'
  readonly epsilon: number | number[]
  readonly epsilonEmpty?: number | number[]
  readonly emptySubsets?: 'keep' | 'perfect' | 'drop'
  readonly norm?: 'L1' | 'L2'
  readonly ignoreBackground?: true
  readonly fromLogits?: 'sigmoid' | 'softmax'
  readonly oneHot?: number[][]
  readonly missing?: MapPlace[]
  readonly empty?: MapPlace[]
  readonly out?: string
  readonly json?: true
}

function runExplain(flags: ExplainFlags): void {
  const { prediction, target, oneHot, missing = [], empty = [], out, json } = flags
  const { phi, epsilon, epsilonEmpty, emptySubsets, norm, ignoreBackground, fromLogits } = flags
  const loss: Omit<OverlapOptions, 'present' | 'mask'> = {
    ...{ phi, epsilon },
    ...(epsilonEmpty !== undefined && { epsilonEmpty }),
    ...(emptySubsets !== undefined && { emptySubsets }),
    ...(norm !== undefined && { norm }),
    ...(ignoreBackground !== undefined && { ignoreBackground }),
    ...(fromLogits !== undefined && { fromLogits }),
  }
  const explanation = explain({
    ...{ predictions: prediction, targets: target, missing, empty, loss },
    ...(oneHot !== undefined && { labels: oneHot }),
  })
  const { report, names, files } = explanation
  const written = out === undefined ? [] : writeExplanation(out, explanation)
  if (json === true) {
    process.stdout.write(files['report.json'] ?? '')
    return
  }
  process.stdout.write(`${renderGradientReport(report, names)}\n`)
  if (written.length > 0) process.stdout.write(`\nWritten: ${written.join(', ')}\n`)
}

export function addExplain(program: Command): void {
  program
    .command('explain')
    .description('what the derivative of the Dice loss does to a prediction: a table, and figures with --out')
    .requiredOption('--prediction <files...>', 'NIfTI volumes of probabilities, one per image; channels are classes')
    .requiredOption('--target <files...>', 'their targets, in the same order')
    .addOption(new Option('--phi <name>', 'Φ').choices(['I', 'CI', 'BI', 'BCI']).makeOptionMandatory())
    .requiredOption('--epsilon <voxels>', 'ε: one, or one per class with commas between', epsilon)
    .option('--epsilon-empty <voxels>', 'ε where a subset has no label (default: as --epsilon)', epsilon)
    .addOption(new Option('--empty-subsets <policy>', 'subsets without label').choices(['keep', 'perfect', 'drop']))
    .addOption(new Option('--norm <name>', "L2 is V-Net's").choices(['L1', 'L2']))
    .option('--ignore-background', 'channel 0 is in no subset')
    .addOption(new Option('--from-logits <activation>', 'predictions are logits').choices(['sigmoid', 'softmax']))
    .option('--one-hot <labels>', 'targets are label maps; these labels become the channels: 1,2,4 or 1+2+4,4', labels)
    .option('--missing <maps>', 'image:class of maps that nobody annotated, counted from 0, such as 0:1,2:0', places)
    .option('--empty <maps>', 'image:class of maps whose target is replaced by an empty one', places)
    .option('--out <folder>', 'write report.json, report.txt, curves.svg and map.svg there')
    .option('--json', 'print the report as JSON and nothing else')
    .action(runExplain)
}
