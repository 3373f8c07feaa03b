/**
 * The presets `monai:*` against the test tables of MONAI 1.5.0 (see fixtures/monai_tables.md): published values to the tolerance
 * published, and MONAI's own float64 loss and gradient to rounding. Deviations are listed, each with the defect that explains it.
 */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { type Tensor, logSoftmax, scope, tanh, tensor } from '../../src/index.js'
import { type PresetName, preset } from '../../src/losses/index.js'
import { distance, sizeOf } from './problem.js'

type Nested = number | readonly Nested[]
const nested: z.ZodType<Nested> = z.lazy(() => z.union([z.number(), z.array(nested)]))

const tables = z
  .object({
    cases: z.array(
      z.object({
        id: z.string(),
        loss: z.string(),
        options: z.record(z.string(), z.unknown()),
        inputs: z.object({ input: nested, target: nested, mask: nested.optional() }),
        expected: z.object({
          published: nested,
          loss: nested,
          grad: nested,
          loss_mask_after_activation: nested.optional(),
          grad_mask_after_activation: nested.optional(),
        }),
      }),
    ),
  })
  .parse(JSON.parse(readFileSync(new URL('fixtures/monai_tables.json', import.meta.url), 'utf8')))

/** The mask acts before the activation there (MONAI issues 657 and 8655): what follows is the table's own corrected value. */
const maskBeforeActivation = ['MaskedDiceLoss/table/0', 'MaskedDiceLoss/table/1', 'MaskedDiceLoss/table/3']

function flat(values: Nested): number[] {
  return typeof values === 'number' ? [values] : values.flatMap(flat)
}

function shapeOf(values: Nested): number[] {
  return typeof values === 'number' ? [] : [values.length, ...shapeOf(values[0] ?? [])]
}

/** (B, C, …) to (B, …, C). */
function channelsLast(values: Nested): Tensor {
  const given = tensor(Float64Array.from(flat(values)), { shape: shapeOf(values) })
  const spatial = given.shape.slice(2).map((_, i) => i + 2)
  return given.transpose([0, ...spatial, 1])
}

function channelsFirst(x: Tensor): number[] {
  const spatial = x.shape.slice(1, -1).map((_, i) => i + 1)
  return Array.from(x.transpose([0, x.rank - 1, ...spatial]).data())
}

const activations: Readonly<Record<string, (x: Tensor) => Tensor>> = { tanh, log_softmax: (x) => logSoftmax(x) }

describe.each(tables.cases.map((each) => [each.id, each] as const))('%s', (id, { loss, options, inputs, expected }) => {
  const given = {
    ...options,
    ...(typeof options['other_act'] === 'string' && { other_act: activations[options['other_act']] }),
  }
  const run = (): { value: number[]; gradient: number[] } =>
    scope(() => {
      const x = channelsLast(inputs.input).detach().requireGrad()
      const masked = inputs.mask === undefined ? {} : { mask: maskFor(inputs.mask, x) }
      const value = preset(`monai:${loss}` as PresetName, given)(x, channelsLast(inputs.target), masked)
      value.sum().backward()
      const gradient = x.grad === null ? [] : channelsFirst(x.grad)
      x.dispose()
      const isPerElement = value.size === x.size && value.rank === x.rank
      return { value: isPerElement ? channelsFirst(value) : Array.from(value.data()), gradient }
    })
  const isCorrected = maskBeforeActivation.includes(id)

  // Published to four decimals at least, some of them cut off.
  if (!isCorrected) {
    test('has the published value', () => {
      expect(distance(run().value, flat(expected.published))).toBeLessThan(1e-4)
    })
  } else {
    test('has the published value when what is masked becomes logit 0 and label 0, which is the defect', () => {
      scope(() => {
        const [x, y] = [channelsLast(inputs.input), channelsLast(inputs.target)]
        const kept = maskFor(inputs.mask ?? [], x).cast('float64')
        const value = preset(`monai:${loss}` as PresetName, given)(x.mul(kept), y.mul(kept))
        expect(distance(value.data(), flat(expected.published))).toBeLessThan(1e-4)
        expect(distance(value.data(), flat(expected.loss))).toBeLessThan(1e-12)
      })
    })
  }

  test('has the float64 value and gradient', () => {
    const { value, gradient } = run()
    const wanted = isCorrected ? expected.loss_mask_after_activation : expected.loss
    const slopes = isCorrected ? expected.grad_mask_after_activation : expected.grad
    expect(distance(value, flat(wanted ?? []))).toBeLessThan(1e-12)
    expect(distance(gradient, flat(slopes ?? []))).toBeLessThan(1e-11)
  })
})

function maskFor(values: Nested, x: Tensor): Tensor {
  const perVoxel = [...x.shape.slice(0, -1), 1]
  const mask = channelsLast(values)
  const whole = mask.expand([x.shape[0] ?? 1, ...mask.shape.slice(1)])
  expect(whole.size).toBe(sizeOf(perVoxel))
  return whole.cast('bool')
}
