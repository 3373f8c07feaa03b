/** For every test: buffers come poisoned from the pool, and no tensor is left behind. */
import { afterEach, beforeEach, expect } from 'vitest'
import { memory } from '../src/tensor/storage.js'
import { setPoison } from '../src/tensor/pool.js'
import { setSeed } from '../src/tensor/create.js'

setPoison(true)

let before = 0

/** Collects what nothing holds any more and lets finalizers run. */
async function collect(): Promise<void> {
  for (let turn = 0; turn < 3 && memory().tensors > before; turn++) {
    globalThis.gc?.()
    await new Promise((resolve) => setTimeout(resolve, 0))
  }
}

beforeEach(() => {
  setSeed(0)
  before = memory().tensors
})

afterEach(async () => {
  await collect()
  expect(globalThis.gc, 'tests run with --expose-gc').toBeTypeOf('function')
  expect(memory().tensors, 'tensors left behind').toBeLessThanOrEqual(before)
})
