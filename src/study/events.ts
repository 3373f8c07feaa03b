/**
 * What a study tells while it runs: plain JSON objects, the same between processes, for `--json` and for progress lines.
 * No drawing here: see cli/progress.ts.
 */
import { z } from 'zod'

const run = z.string()
const count = z.number()

export const eventSchema = z.discriminatedUnion('event', [
  /** Subjects of a phantom cohort were written, or cases were read. */
  z.strictObject({ event: z.literal('cohort'), action: z.enum(['write', 'read']), done: count, total: count }),
  /** A run begins, or goes on at `step`. */
  z.strictObject({ event: z.literal('start'), run, step: count, steps: count }),
  z.strictObject({
    event: z.literal('step'),
    run,
    step: count,
    steps: count,
    loss: z.number(),
    stepsPerSecond: z.number(),
    secondsLeft: z.number(),
  }),
  z.strictObject({ event: z.literal('checkpoint'), run, step: count }),
  z.strictObject({ event: z.literal('predict'), run, done: count, total: count }),
  z.strictObject({ event: z.literal('done'), run, steps: count }),
  z.strictObject({ event: z.literal('failed'), run, message: z.string() }),
  z.strictObject({ event: z.literal('notice'), message: z.string() }),
  z.strictObject({ event: z.literal('report'), table: z.string(), report: z.string() }),
])

export type StudyEvent = z.infer<typeof eventSchema>
export type Listener = (event: StudyEvent) => void
