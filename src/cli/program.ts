/** The commands and their flags: parsing and printing only. What they do is in study/. */
import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { Command, InvalidArgumentError, Option } from 'commander'
import { kernelsOf } from '../backend/select.js'
import { writeBratsPhantom } from '../data/phantom/brats.js'
import { DataError } from '../tensor/errors.js'
import { type BratsScale, bratsCommand, bratsScales, bratsStudy } from '../study/brats.js'
import { readRunConfig, runFolderOf } from '../study/config.js'
import { acquireLock } from '../study/lock.js'
import { renderTable } from '../study/report/table.js'
import { reproduce, writeReport } from '../study/reproduce.js'
import { performRun } from '../study/run.js'
import { EXIT } from '../study/workers.js'
import { addAdvise } from './advise.js'
import { diagnose, packageVersion, renderDiagnosis } from './doctor.js'
import { addExplain } from './explain.js'
import { displayFor } from './progress.js'
import { type Stop, catchStop } from './stop.js'

/** How many milliseconds a worker waits for the run's last one to end, which a killed parent may have left behind. */
const WORKER_PATIENCE = 20_000

export interface ProgramResult {
  code: number
  /** One line for stderr. */
  message: string
}

function atLeast(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (text.trim() !== '' && Number.isSafeInteger(value) && value >= least) return value
    throw new InvalidArgumentError(`Expected an integer of at least ${least}.`)
  }
}

function grid(text: string): [number, number, number] {
  const [x = 0, y = 0, z = 0, ...rest] = text.split(/[x×,]/).map(Number)
  if (rest.length === 0 && [x, y, z].every((size) => Number.isSafeInteger(size) && size >= 4)) return [x, y, z]
  throw new InvalidArgumentError('Expected three sizes of at least 4, such as 20x20x12.')
}

const studyOption = (): Option => new Option('--study <name>', 'which study').choices(['brats']).default('brats')
const jsonOption = (): Option => new Option('--json', 'print events as JSON lines and nothing else')

interface ReproduceFlags {
  readonly scale: BratsScale
  readonly data?: string
  readonly out?: string
  readonly jobs: number
  readonly seed: number
  readonly fold: number
  readonly device: 'auto' | 'cpu' | 'cuda'
  readonly json?: true
}

function defaultFolder({ scale, seed, fold }: ReproduceFlags): string {
  return `runs/brats-${scale}${seed === 0 ? '' : `-seed${seed}`}${fold === 0 ? '' : `-fold${fold}`}`
}

async function runReproduce(flags: ReproduceFlags, program: string, result: ProgramResult): Promise<void> {
  const { scale, seed, fold, jobs, data = null, out = defaultFolder(flags) } = flags
  const json = flags.json === true
  // 'auto' is the CPU as long as there is nothing else; a device that is not there is an error, never a fallback.
  if (flags.device === 'cuda') kernelsOf(flags.device)
  const display = displayFor(process.stdout, json)
  let stop: Stop | undefined
  try {
    const options = { scale, seed, fold, data }
    const done = await reproduce(bratsStudy(options), {
      ...{ out, jobs, program, command: bratsCommand(options) },
      onEvent: (event) => display.show(event),
      stopSignal: () => (stop = catchStop()).signal,
    })
    display.end()
    if (done === null) {
      result.code = stop?.code() ?? EXIT.interrupted
      result.message = `stopped; the same command goes on from the last checkpoints in ${out}`
      return
    }
    if (!json) process.stdout.write(`\n${renderTable(done.table)}\n\nReport: ${done.path}\n`)
    if (done.failed.length > 0) {
      const runs = done.failed.map(({ message }) => message).join('; ')
      Object.assign(result, { code: EXIT.failed, message: `${done.failed.length} runs failed: ${runs}` })
    }
  } finally {
    display.end()
  }
}

interface TrainFlags {
  readonly out?: string
  readonly json?: true
  readonly worker?: true
}

async function runTrain(path: string, flags: TrainFlags, result: ProgramResult): Promise<void> {
  const config = readRunConfig(path)
  const stop = catchStop()
  const display = displayFor(process.stdout, flags.json === true)
  const worker = flags.worker === true && process.send !== undefined
  if (worker) process.once('disconnect', () => stop.request())
  const folder = flags.out ?? runFolderOf(path)
  try {
    const outcome = await performRun(folder, config, {
      signal: stop.signal,
      patience: worker ? WORKER_PATIENCE : 0,
      onEvent: (event) => (worker ? process.send?.(event) : display.show(event)),
    })
    if (outcome === 'complete') return
    result.code = stop.code()
    result.message = `stopped; the same command goes on from the last checkpoint in ${folder}`
  } finally {
    if (!worker) display.end()
  }
}

function runReport(folder: string, json: boolean): void {
  const display = displayFor(process.stdout, json)
  const { table, path } = writeReport(folder, (event) => display.show(event))
  display.end()
  if (!json) process.stdout.write(`${renderTable(table)}\n\nReport: ${path}\n`)
}

interface PhantomFlags {
  readonly out: string
  readonly subjects: number
  readonly grid: [number, number, number]
  readonly seed: number
  readonly json?: true
}

async function runPhantom({ out, subjects, grid, seed, json }: PhantomFlags): Promise<void> {
  const display = displayFor(process.stdout, json === true)
  const lock = await acquireLock(out)
  try {
    const onProgress = (done: number, total: number): void =>
      display.show({ event: 'cohort', action: 'write', done, total })
    writeBratsPhantom(out, { subjects, grid, seed, onProgress })
  } finally {
    display.end()
    lock.release()
  }
}

/**
 * The command line. `result` takes the exit code and the line for stderr of a command that ends in order; user errors
 * come as exceptions. `entry` is the path of this program, for child processes.
 */
export function makeProgram(entry: string, result: ProgramResult): Command {
  const program = new Command('phigrad')
    .description('The Dice loss in the context of missing or empty labels: train, measure, report.')
    .version(packageVersion())
    .exitOverride()
    .configureOutput({ writeErr: () => undefined })
  program.action(() => {
    const [name] = program.args
    if (name !== undefined) program.error(`unknown command '${name}'; phigrad --help lists them`)
    program.outputHelp()
  })

  program
    .command('reproduce')
    .description('from a cohort to the table and the report of the study; stopped, it goes on when called again')
    .addOption(studyOption())
    .addOption(new Option('--scale <name>', 'how large').choices(Object.keys(bratsScales)).default('quick'))
    .option('--data <folder>', 'a data set in the layout of BraTS 2018; without it, a phantom cohort is made')
    .option('--out <folder>', 'the folder of the results (default: runs/brats-<scale>)')
    .option('--jobs <n>', 'runs side by side', atLeast(1), availableParallelism())
    .option('--seed <n>', 'of the cohort; the networks have seed 0', atLeast(0), 0)
    .option('--fold <n>', 'the fold that is validated on', atLeast(0), 0)
    .addOption(new Option('--device <name>', 'where to compute').choices(['auto', 'cpu', 'cuda']).default('auto'))
    .addOption(jsonOption())
    .action((flags: ReproduceFlags) => runReproduce(flags, entry, result))

  program
    .command('train')
    .description('one run; stopped, it goes on when called again')
    .argument('<config>', "the run's configuration (JSON)")
    .option('--out <folder>', "the run's folder (default: that of config.json, or one named like the file)")
    .addOption(jsonOption())
    .addOption(new Option('--worker', 'tell events to the parent process').hideHelp())
    .action((path: string, flags: TrainFlags) => runTrain(path, flags, result))

  program
    .command('report')
    .description('table.json, table.md and report.html of a folder of results')
    .argument('<folder>', 'the folder that holds runs/')
    .addOption(jsonOption())
    .action((folder: string, flags: { json?: true }) => {
      if (!existsSync(folder)) throw new DataError(folder, 'a folder of results', 'nothing there')
      runReport(folder, flags.json === true)
    })

  addAdvise(program)
  addExplain(program)

  program
    .command('phantom')
    .description('write a phantom cohort as NIfTI in the layout of the real data set')
    .addOption(studyOption())
    .requiredOption('--out <folder>', 'the folder of the cohort')
    .option('--subjects <n>', 'how many, of both groups', atLeast(1), 285)
    .option('--grid <XxYxZ>', 'voxels over 160×160×96 mm', grid, [20, 20, 12])
    .option('--seed <n>', 'of the cohort', atLeast(0), 0)
    .addOption(jsonOption())
    .action((flags: PhantomFlags) => runPhantom(flags))

  program
    .command('doctor')
    .description('what this installation is and has')
    .addOption(jsonOption())
    .action((flags: { json?: true }) => {
      const diagnosis = diagnose()
      process.stdout.write(`${flags.json === true ? JSON.stringify(diagnosis) : renderDiagnosis(diagnosis)}\n`)
    })

  // For the message above; set last, since commands take over the settings that the program has when they are made.
  program.allowExcessArguments()
  // Last, since commands inherit it: only the program itself takes any word, to say that it is no command.
  return program.allowExcessArguments()
}
