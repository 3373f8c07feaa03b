/**
 * What a person sees of a study: on a terminal one line per run, redrawn in place; elsewhere a few plain lines. With
 * `--json` every event is a line. Everything goes to stdout; errors alone go to stderr.
 */
import type { StudyEvent } from '../study/events.js'

/** A part of process.stdout. */
export interface Output {
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
  write(text: string): unknown
}

export interface Display {
  show(event: StudyEvent): void
  /** Leaves what is shown as it is: text may be written below. A second call does nothing. */
  end(): void
}

const BAR_WIDTH = 20
const REDRAW_MILLISECONDS = 100
/** Where there is no terminal, a run tells of itself at every so large part of its steps. */
const QUIET_PARTS = 4

/** 75 → '1 min 15 s'. */
export function formatDuration(seconds: number): string {
  const rounded = Math.round(seconds)
  if (rounded < 60) return `${rounded} s`
  if (rounded < 3600) return `${Math.floor(rounded / 60)} min ${rounded % 60} s`
  return `${Math.floor(rounded / 3600)} h ${Math.floor((rounded % 3600) / 60)} min`
}

/** The state of a run in words; null where an event does not change it. */
function describe(event: StudyEvent): string | null {
  switch (event.event) {
    case 'start':
      return event.step === 0 ? 'starts' : `goes on at step ${event.step} of ${event.steps}`
    case 'step': {
      const { step, steps, loss, stepsPerSecond, secondsLeft } = event
      const position = `${String(step).padStart(String(steps).length)}/${steps}`
      return `${position}  loss ${loss.toFixed(4)}  ${stepsPerSecond.toPrecision(3)} steps/s  ${formatDuration(secondsLeft)} left`
    }
    case 'predict':
      return `predicts ${event.done}/${event.total}`
    case 'done':
      return 'done'
    case 'failed':
      return `failed: ${event.message}`
    default:
      return null
  }
}

function bar(done: number, total: number): string {
  const filled = Math.floor((BAR_WIDTH * done) / Math.max(1, total))
  return '━'.repeat(filled) + '─'.repeat(BAR_WIDTH - filled)
}

function cohortLine({ action, done, total }: Extract<StudyEvent, { event: 'cohort' }>): string {
  return `${action === 'write' ? 'writing' : 'reading'} cases ${done}/${total}`
}

class JsonDisplay implements Display {
  constructor(private readonly output: Output) {}

  show(event: StudyEvent): void {
    this.output.write(`${JSON.stringify(event)}\n`)
  }

  end(): void {
    // Every line is complete.
  }
}

class QuietDisplay implements Display {
  constructor(private readonly output: Output) {}

  show(event: StudyEvent): void {
    if (event.event === 'notice') this.output.write(`${event.message}\n`)
    else if (event.event === 'cohort') {
      if (event.done === event.total) this.output.write(`${cohortLine(event)}\n`)
    } else if ('run' in event && this.isWorthALine(event)) {
      this.output.write(`${event.run}: ${(describe(event) ?? '').trim()}\n`)
    }
  }

  private isWorthALine(event: StudyEvent): boolean {
    if (event.event === 'step') return event.step % Math.ceil(event.steps / QUIET_PARTS) === 0
    return event.event === 'start' || event.event === 'done' || event.event === 'failed'
  }

  end(): void {
    // Every line is complete.
  }
}

class TerminalDisplay implements Display {
  private readonly lines = new Map<string, string>()
  private drawn = 0
  private last = -Infinity

  constructor(private readonly output: Output) {}

  show(event: StudyEvent): void {
    if (event.event === 'notice') this.line('notice', event.message)
    else if (event.event === 'cohort') this.line('cohort', `${bar(event.done, event.total)}  ${cohortLine(event)}`)
    else if ('run' in event) {
      const text = describe(event)
      if (text === null) return
      const share = event.event === 'step' ? event.step / event.steps : event.event === 'start' ? 0 : 1
      this.line(event.run, `${bar(share, 1)}  ${event.run.padEnd(14)} ${text}`)
    }
    const lasting = event.event !== 'step' && event.event !== 'cohort'
    if (lasting || performance.now() - this.last > REDRAW_MILLISECONDS) this.draw()
  }

  private line(key: string, text: string): void {
    this.lines.set(key, text.replaceAll('\n', ' '))
  }

  private draw(): void {
    const width = (this.output.columns ?? 80) - 1
    const up = this.drawn > 0 ? `\x1b[${this.drawn}A` : ''
    const text = [...this.lines.values()].map((line) => `\x1b[2K${line.slice(0, width)}\n`).join('')
    this.output.write(up + text)
    this.drawn = this.lines.size
    this.last = performance.now()
  }

  end(): void {
    if (this.lines.size > 0) this.draw()
    this.lines.clear()
    this.drawn = 0
  }
}

/** The display for where the output goes. */
export function displayFor(output: Output, json: boolean): Display {
  if (json) return new JsonDisplay(output)
  return output.isTTY === true ? new TerminalDisplay(output) : new QuietDisplay(output)
}
