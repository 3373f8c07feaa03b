import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { Generator, type Tensor, keep, memory, randn, scope, tensor } from '../../src/index.js'
import { Module, decodeSafetensors, encodeSafetensors, parameter } from '../../src/nn/index.js'
import { Adam, AdamW, type Optimizer, SGD, linearDecay } from '../../src/optim/index.js'

interface Updates {
  readonly start: number[]
  readonly gradients: number[][]
  readonly trajectories: Record<string, number[][]>
}

const torch = JSON.parse(readFileSync(new URL('./fixtures/updates.json', import.meta.url), 'utf8')) as Updates

const makers: Record<string, (parameters: readonly Tensor[]) => Optimizer> = {
  adam: (p) => new Adam(p, { lr: 3e-3, epsilon: 1e-7 }),
  'adam with L2': (p) => new Adam(p, { lr: 0.1, betas: [0.8, 0.95], epsilon: 1e-3, weightDecay: 0.3 }),
  adamw: (p) => new AdamW(p, { lr: 0.1, betas: [0.8, 0.95], epsilon: 1e-3, weightDecay: 0.3 }),
  sgd: (p) => new SGD(p, { lr: 0.1 }),
  'sgd with momentum and L2': (p) => new SGD(p, { lr: 0.1, momentum: 0.9, weightDecay: 0.05 }),
  'sgd with Nesterov momentum': (p) => new SGD(p, { lr: 0.1, momentum: 0.9, nesterov: true }),
}

/** A leaf whose derivative is `gradient` from here on. */
function giveGradient(leaf: Tensor, gradient: readonly number[]): void {
  scope(() =>
    leaf
      .mul(tensor([...gradient], { dtype: leaf.dtype }))
      .sum()
      .backward(),
  )
}

test('the fixture and the optimizers compared with it are the same list', () => {
  expect(Object.keys(makers)).toEqual(Object.keys(torch.trajectories))
})

describe.each(Object.entries(makers))('%s', (name, make) => {
  test.each([
    ['float64', 1e-14],
    ['float32', 2e-6],
  ] as const)(
    'in %s, parameters go where PyTorch takes them, and stay where there is no derivative',
    (dtype, error) => {
      using leaf = parameter(tensor(torch.start, { dtype }))
      using optimizer = make([leaf])
      torch.gradients.forEach((gradient, i) => {
        if (i !== 2) giveGradient(leaf, gradient)
        optimizer.step()
        optimizer.zeroGrad()
        leaf.data().forEach((value, k) => {
          const wanted = torch.trajectories[name]?.[i]?.[k] ?? NaN
          expect(Math.abs(value - wanted)).toBeLessThanOrEqual(error * Math.abs(wanted) + error)
        })
      })
      expect(optimizer.stepCount).toBe(6)
    },
  )

  test('a run resumed from its saved state has the bits of an uninterrupted one', () => {
    const dtype = 'float32'
    const run = (leaf: Tensor, optimizer: Optimizer, from: number, to: number): void => {
      for (const gradient of torch.gradients.slice(from, to)) {
        giveGradient(leaf, gradient)
        optimizer.step()
        optimizer.zeroGrad()
      }
    }
    using whole = parameter(tensor(torch.start, { dtype }))
    using wholeOptimizer = make([whole])
    run(whole, wholeOptimizer, 0, 6)

    using first = parameter(tensor(torch.start, { dtype }))
    using firstOptimizer = make([first])
    run(first, firstOptimizer, 0, 3)
    const bytes = encodeSafetensors(firstOptimizer.stateDict())

    using second = parameter(tensor(first.data()))
    using secondOptimizer = make([second])
    scope(() => secondOptimizer.loadStateDict(decodeSafetensors(bytes, 'memory').tensors))
    run(second, secondOptimizer, 3, 6)

    expect(second.data()).toEqual(whole.data())
    expect(secondOptimizer.stepCount).toBe(6)
    expect(encodeSafetensors(secondOptimizer.stateDict())).toEqual(encodeSafetensors(wholeOptimizer.stateDict()))
  })
})

test('parameters without a derivative are passed over; their bias correction begins with their first update', () => {
  using late = parameter(tensor([1], { dtype: 'float64' }))
  using other = parameter(tensor([1], { dtype: 'float64' }))
  using optimizer = new Adam([late, other], { lr: 0.1, epsilon: 0 })
  giveGradient(other, [3])
  optimizer.step()
  expect(late.item()).toBe(1)
  expect(other.item()).toBeCloseTo(0.9, 12)
  giveGradient(late, [-5])
  optimizer.step()
  expect(late.item()).toBeCloseTo(1.1, 12)
})

test('the learning rate follows the schedule: step 0 is the first', () => {
  using leaf = parameter(tensor([0], { dtype: 'float64' }))
  using optimizer = new SGD([leaf], { lr: linearDecay({ lr: 1, steps: 4, decay: 0.5 }) })
  const rates: number[] = []
  const values: number[] = []
  for (let i = 0; i < 5; i++) {
    rates.push(optimizer.learningRate)
    giveGradient(leaf, [-1])
    optimizer.step()
    optimizer.zeroGrad()
    values.push(leaf.item())
  }
  expect(rates).toEqual([1, 1, 1, 0.5, 0])
  expect(values).toEqual([1, 2, 3, 3.5, 3.5])
})

test('a derivative that is no dense tensor is read in the right order', () => {
  using leaf = parameter(
    tensor(
      [
        [1, 2],
        [3, 4],
      ],
      { dtype: 'float64' },
    ),
  )
  using optimizer = new Adam([leaf], { lr: 1, epsilon: 0 })
  scope(() => {
    const weights = tensor(
      [
        [1, -1],
        [1, 1],
      ],
      { dtype: 'float64' },
    )
    leaf.transpose().mul(weights).sum().backward()
    optimizer.step()
  })
  expect(leaf.toArray()).toEqual([
    [0, 1],
    [4, 3],
  ])
})

test('an update makes graphs on the old values unusable', () => {
  using leaf = parameter(tensor([2]))
  for (const optimizer of [new Adam([leaf], { lr: 0.1 }), new SGD([leaf], { lr: 0.1 })]) {
    using it = optimizer
    scope(() => {
      const loss = leaf.mul(leaf).sum()
      giveGradient(leaf, [1])
      it.step()
      expect(() => loss.backward()).toThrow('updated in place')
    })
    it.zeroGrad()
  }
})

test('states are named after the parameters, and steps leave no tensor behind', () => {
  class Line extends Module {
    readonly slope = parameter(tensor([1]))
    readonly offset = parameter(tensor([2]))
    override forward(x: Tensor): Tensor {
      return x.mul(this.slope).add(this.offset)
    }
  }
  using line = new Line()
  const before = memory().tensors
  const optimizer = new Adam(line.namedParameters(), { lr: 0.1 })
  expect([...optimizer.stateDict().keys()]).toEqual(['step', 'updates', 'm.slope', 'm.offset', 'v.slope', 'v.offset'])
  const held = memory().tensors
  expect(held).toBe(before + 6)
  using x = keep(randn([8], { generator: new Generator(0) }))
  for (let i = 0; i < 3; i++) {
    scope(() => line.call(x).pow(2).mean().backward())
    optimizer.step()
    optimizer.zeroGrad()
  }
  expect(memory().tensors).toBe(held + 1)
  optimizer.dispose()
  expect(memory().tensors).toBe(before + 1)
})

test('an optimizer made inside a scope outlives it', () => {
  using leaf = parameter(tensor([1]))
  using optimizer = scope(() => ({ holder: new Adam([leaf], { lr: 0.1 }) })).holder
  giveGradient(leaf, [1])
  optimizer.step()
  expect(leaf.item()).toBeCloseTo(0.9, 6)
})

describe('what does not fit is refused by name', () => {
  test('a state of other parameters', () => {
    using leaf = parameter(tensor([1]))
    using optimizer = new Adam([leaf], { lr: 0.1 })
    using sgd = new SGD([leaf], { lr: 0.1, momentum: 0.5 })
    expect(() => optimizer.loadStateDict(sgd.stateDict())).toThrow('[Adam.loadStateDict] expected only tensors named')
    using wide = parameter(tensor([1, 2]))
    using other = new Adam([wide], { lr: 0.1 })
    expect(() => optimizer.loadStateDict(other.stateDict())).toThrow(
      '[Adam.loadStateDict] expected m.0 of shape (1,), got (2,)',
    )
  })

  test('tensors that cannot be updated', () => {
    scope(() => {
      const constant = tensor([1])
      expect(() => new Adam([constant], { lr: 0.1 })).toThrow(
        '[Adam] expected dense leaves with requiresGrad, got 0 of',
      )
      const leaf = tensor([1], { requiresGrad: true })
      const result = new Map([['square', leaf.mul(leaf)]])
      expect(() => new SGD(result, { lr: 0.1 })).toThrow('got square of shape (1,)')
    })
  })

  test.each([
    [{ lr: -1 }, '[Adam.lr] expected a number ≥ 0, got -1'],
    [{ lr: NaN }, '[Adam.lr]'],
    [{ lr: 1, betas: [1, 0.9] as const }, '[Adam.betas[0]] expected a number in [0, 1), got 1'],
    [{ lr: 1, betas: [0.9, -1] as const }, '[Adam.betas[1]]'],
    [{ lr: 1, epsilon: -1 }, '[Adam.epsilon] expected a finite number ≥ 0, got -1'],
    [{ lr: 1, weightDecay: NaN }, '[Adam.weightDecay]'],
  ])('Adam %j', (options, message) => {
    expect(() => new Adam([], options)).toThrow(message)
  })

  test('SGD options, and a schedule that gives no rate', () => {
    expect(() => new SGD([], { lr: 1, momentum: 1 })).toThrow('[SGD.momentum]')
    expect(() => new SGD([], { lr: 1, nesterov: true })).toThrow('[SGD.nesterov] expected a momentum above 0')
    using optimizer = new SGD([], { lr: () => NaN })
    expect(() => optimizer.step()).toThrow('[SGD.lr at step 0] expected a number ≥ 0, got NaN')
  })
})
