/** `phigrad advise`: parsing and printing only. What it says is in study/advise.ts and study/advice.ts. */
import { type Command } from 'commander'
import { surveyLabels } from '../data/survey.js'
import { adviseOn } from '../study/advise.js'
import { renderAdvice } from '../study/advice.js'
import { displayFor } from './progress.js'

interface AdviseFlags {
  readonly annotated?: string
  readonly json?: true
}

export function addAdvise(program: Command): void {
  program
    .command('advise')
    .description('which Φ and ε for a data set, and why')
    .argument('<folder>', 'a data set in the layout of BraTS 2018, or a folder of NIfTI label maps')
    .option('--annotated <file>', 'JSON { "case": [classes annotated in it] }, for cases where that is not all')
    .option('--json', 'print the advice as JSON and nothing else')
    .action((folder: string, { annotated, json }: AdviseFlags) => {
      const display = displayFor(process.stdout, false)
      const onProgress = (done: number, total: number): void =>
        display.show({ event: 'cohort', action: 'read', done, total })
      try {
        const advice = adviseOn(
          surveyLabels(folder, { ...(annotated !== undefined && { annotated }), ...(json !== true && { onProgress }) }),
        )
        display.end()
        process.stdout.write(json === true ? `${JSON.stringify(advice)}\n` : `\n${renderAdvice(advice)}\n`)
      } finally {
        display.end()
      }
    })
}
