import { join } from 'node:path'
import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { checkSameConfig, readRunConfig, runConfigSchema, runFolderOf } from '../../src/study/config.js'
import { ConfigError, DataError } from '../../src/tensor/errors.js'
import { temporaryFolder, tinyConfig, tinyInput, writeJson } from './tiny.js'

describe('a run configuration', () => {
  test('is the same after being written and read', () => {
    const path = writeJson(join(temporaryFolder(), 'config.json'), tinyConfig('cohort'))
    expect(readRunConfig(path)).toEqual(tinyConfig('cohort'))
  })

  test('takes its defaults from the quick scale of the main study', () => {
    const config = runConfigSchema.parse({ ...tinyInput('cohort'), network: undefined, checkpointEvery: undefined })
    expect(config.optimizer).toEqual({ name: 'adam', learningRate: 3e-3, epsilon: 1e-7, decay: 0.25 })
    expect(config.network.levels.map(({ down }) => down)).toEqual([[8], [16, 16], [32, 16]])
    expect(config.augmentation).toEqual({ flip: 0.5, scale: 0.05, shift: 0.05 })
    expect(config.checkpointEvery).toBe(50)
  })

  test.each([
    ['epsilon', { epsilon: '1e-7' }],
    ['epsilon', { epsilon: -1 }],
    ['steps', { steps: 1.5 }],
    ['batch', { batch: 0 }],
    ['phi', { phi: 'IB' }],
    ['seed', { seed: null }],
    ['name', { name: '../up' }],
    ['fold', { fold: 2 }],
    ['replacedByEmpty', { labelling: 'full' }],
    ['replacedByEmpty', { replacedByEmpty: [] }],
    ['data.layout', { data: { layout: 'acdc', folder: 'x' } }],
    ['network.levels.0.down', { network: { levels: [{ down: [], up: [] }] } }],
    ['optimizer.learningRate', { optimizer: { learningRate: true } }],
    ['learningrate', { learningrate: 1 }],
  ])('with a wrong %s is refused by the name of that field and of the file', (field, change) => {
    const path = writeJson(join(temporaryFolder(), 'config.json'), { ...tinyInput('cohort'), ...change })
    expect(() => readRunConfig(path)).toThrow(DataError)
    expect(() => readRunConfig(path)).toThrow(field)
    expect(() => readRunConfig(path)).toThrow(path)
  })

  test('without a required field is refused by the name of that field', () => {
    const path = writeJson(join(temporaryFolder(), 'config.json'), { ...tinyInput('cohort'), epsilon: undefined })
    expect(() => readRunConfig(path)).toThrow('field epsilon')
  })
})

describe('two configurations', () => {
  test.prop([fc.double({ min: 0, max: 1e6, noNaN: true }), fc.nat()])(
    'are the same where all fields are',
    (epsilon, seed) => {
      const config = tinyConfig('cohort', { epsilon, seed })
      expect(() => checkSameConfig('run', config, tinyConfig('cohort', { epsilon, seed }))).not.toThrow()
    },
  )

  test.each([
    ['seed', { seed: 1 }],
    ['data.folder', { data: { layout: 'brats', folder: 'elsewhere' } }],
    [
      'network.levels.1.down.0',
      {
        network: {
          levels: [
            { down: [2], up: [2] },
            { down: [3], up: [] },
          ],
        },
      },
    ],
    ['optimizer.decay', { optimizer: { decay: 0.5 } }],
  ] as const)('that differ in %s differ by that name', (field, change) => {
    const check = () =>
      checkSameConfig('run', tinyConfig('cohort'), runConfigSchema.parse({ ...tinyInput('cohort'), ...change }))
    expect(check).toThrow(ConfigError)
    expect(check).toThrow(`expected ${field} `)
  })
})

test('a run lives beside its configuration, or with it where that is config.json', () => {
  expect(runFolderOf('a/wide.json')).toBe('a/wide')
  expect(runFolderOf('a/run/config.json')).toBe('a/run')
  expect(runFolderOf('config.json')).toBe('.')
})
