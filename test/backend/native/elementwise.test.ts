import { fc, test } from '@fast-check/vitest'
import { tensor } from '../../../src/tensor/create.js'
import { agree, output, runs, seeds, values } from './levels.js'

const options = { numRuns: runs }
const special = [0, -0, 1, -1, NaN, Infinity, -Infinity, 1e-40, -1e-40, 3e38, -3e38, 88.7, 89, -87.4, -104, 1e-30]

const unaries = ['neg', 'exp', 'log', 'sqrt', 'sigmoid', 'relu', 'abs'] as const

for (const name of unaries) {
  test.prop([fc.integer({ min: 64, max: 3000 }), seeds, fc.constantFrom(0.1, 1, 10, 60)], options)(
    `${name} agrees with the reference to 3e-7 of its value`,
    (count, seed, scale) => {
      agree((kernels) => {
        const out = output([count])
        kernels[name](values(seed, [count], 'float32', 0, scale), out)
        return [out]
      }, 3e-7)
    },
  )

  test(`${name} of zeros, infinities, NaN, tiny and huge numbers is what the reference says`, () => {
    agree((kernels) => {
      const x = tensor([...special, ...special, ...special, ...special, ...special], { dtype: 'float32' })
      const out = output(x.shape)
      kernels[name](x, out)
      return [out]
    }, 3e-7)
  })
}

test.prop([fc.integer({ min: 64, max: 3000 }), seeds, fc.constantFrom(0, 0.01, 1)], options)(
  'leakyRelu agrees with the reference',
  (count, seed, slope) => {
    agree((kernels) => {
      const out = output([count])
      kernels.leakyRelu(values(seed, [count]), slope, out)
      return [out]
    }, 1e-7)
  },
)
