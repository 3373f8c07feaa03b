import { expect, test } from 'vitest'
import { Generator, ShapeError, type Tensor, memory, noGrad, ones, randn, scope, tensor } from '../../src/index.js'
import { BatchNorm, Conv3d, Module, PReLU, buffer, parameter } from '../../src/nn/index.js'

class Affine extends Module {
  readonly factor = parameter(tensor([2, 3]))
  readonly offset = buffer(tensor([1, 1]))
  intermediate: (() => Tensor) | undefined

  override forward(x: Tensor): Tensor {
    const product = x.mul(this.factor)
    this.intermediate = () => product
    return product.exp().add(this.offset)
  }
}

class Tree extends Module<readonly [a: Tensor, b: Tensor], readonly Tensor[]> {
  readonly branches = [[new Affine()], [new Affine(), new Affine()]]
  readonly shared = this.branches[0]?.[0]
  readonly scale = parameter(ones([1]))

  override forward(a: Tensor, b: Tensor): readonly Tensor[] {
    return [a.mul(this.scale), b]
  }
}

test('names are dotted paths of fields and indices, in the order of the fields; shared tensors have one name', () => {
  using tree = new Tree()
  expect([...tree.namedParameters().keys()]).toEqual([
    'branches.0.0.factor',
    'branches.1.0.factor',
    'branches.1.1.factor',
    'scale',
  ])
  expect([...tree.namedBuffers().keys()]).toEqual(['branches.0.0.offset', 'branches.1.0.offset', 'branches.1.1.offset'])
  expect([...tree.stateDict().keys()].slice(0, 3)).toEqual([
    'branches.0.0.factor',
    'branches.0.0.offset',
    'branches.1.0.factor',
  ])
  expect(tree.parameters()).toHaveLength(4)
  expect(tree.modules()).toHaveLength(4)
})

test('a module may refer back to what contains it', () => {
  class Child extends Module {
    parent: Module | null = null
    readonly weight = parameter(ones([1]))
    override forward(x: Tensor): Tensor {
      return x
    }
  }
  class Parent extends Module {
    readonly child = new Child()
    constructor() {
      super()
      this.child.parent = this
    }
    override forward(x: Tensor): Tensor {
      return this.child.call(x)
    }
  }
  using parent = new Parent()
  expect([...parent.stateDict().keys()]).toEqual(['child.weight'])
  expect(parent.train().training).toBe(true)
})

test('train and eval reach every module inside', () => {
  using tree = new Tree()
  expect(tree.training).toBe(true)
  tree.eval()
  expect(tree.modules().map((module) => module.training)).toEqual([false, false, false, false])
  tree.train()
  expect(tree.modules().every((module) => module.training)).toBe(true)
})

test('call recycles intermediates at once, and the graph still differentiates through them', () => {
  using module = new Affine()
  using x = tensor([0.5, -0.5])
  using y = module.call(x)
  expect(module.intermediate?.().disposed).toBe(true)
  scope(() => y.sum().backward())
  const [a = 0, b = 0] = module.factor.grad?.data() ?? []
  expect(a).toBeCloseTo(0.5 * Math.exp(1), 6)
  expect(b).toBeCloseTo(-0.5 * Math.exp(-1.5), 6)
  module.zeroGrad()
  expect(module.factor.grad).toBeNull()
})

test('call passes several inputs and outputs of any form through', () => {
  using tree = new Tree()
  using a = ones([2])
  const [product, b] = tree.call(a, a)
  expect(b).toBe(a)
  expect(product?.toArray()).toEqual([1, 1])
  product?.dispose()
})

test('without recording, a call leaves nothing but its result', () => {
  using module = new Affine()
  using x = tensor([0.5, -0.5])
  const before = memory().tensors
  using y = noGrad(() => module.call(x))
  expect(y.requiresGrad).toBe(false)
  expect(memory().tensors).toBe(before + 1)
})

test('parameters made in a scope outlive it; dispose gives them, their derivatives and the buffers back', () => {
  const before = memory().tensors
  const module = scope(() => ({ holder: new Affine() })).holder
  expect(module.factor.toArray()).toEqual([2, 3])
  scope(() =>
    module
      .call(ones([2]))
      .sum()
      .backward(),
  )
  expect(memory().tensors).toBe(before + 3)
  module.dispose()
  expect(memory().tensors).toBe(before)
})

test('a state that fits is copied: later changes of the source do not show', () => {
  using module = new Affine()
  using factor = tensor([5, 6])
  using offset = tensor([7, 8])
  module.loadStateDict(new Map(Object.entries({ factor, offset })))
  factor.assign([0, 0])
  expect(module.factor.toArray()).toEqual([5, 6])
  expect(module.offset.toArray()).toEqual([7, 8])
  expect(module.factor.requiresGrad).toBe(true)
})

test('a state that does not fit is refused by name, and changes nothing', () => {
  using module = new Affine()
  scope(() => {
    const factor = tensor([5, 6])
    const load = (state: Record<string, Tensor>) => () => module.loadStateDict(new Map(Object.entries(state)))
    expect(load({ factor })).toThrow('[loadStateDict] expected a tensor named offset, got none')
    expect(load({ factor, offset: factor, extra: factor })).toThrow(
      '[loadStateDict] expected only tensors named factor, offset, got extra',
    )
    expect(load({ factor, offset: ones([3]) })).toThrow('[loadStateDict] expected offset of shape (2,), got (3,)')
    expect(load({ factor, offset: ones([2], { dtype: 'float64' }) })).toThrow(
      '[loadStateDict] expected offset of dtype float32, got float64',
    )
    const disposed = ones([2])
    disposed.dispose()
    expect(load({ factor, offset: disposed })).toThrow('disposed')
  })
  expect(module.factor.toArray()).toEqual([2, 3])
})

test('loading a state makes graphs on the old values unusable', () => {
  using module = new Affine()
  scope(() => {
    const loss = module.call(ones([2])).sum()
    module.loadStateDict(module.stateDict())
    expect(() => loss.backward()).toThrow('updated in place')
  })
})

test('batch normalisation: running statistics follow the batches in training and are used in evaluation', () => {
  using norm = new BatchNorm({ channels: 1, momentum: 0.25, epsilon: 0, dtype: 'float64' })
  scope(() => {
    const x = tensor([1, 2, 3, 6], { shape: [2, 2, 1, 1, 1], dtype: 'float64' })
    const y = norm.call(x)
    // Mean 3, population variance 3.5, unbiased variance 14/3.
    expect(y.data()[3]).toBeCloseTo(3 / Math.sqrt(3.5), 12)
    expect(norm.runningMean.item()).toBeCloseTo(0.75 * 0 + 0.25 * 3, 12)
    expect(norm.runningVariance.item()).toBeCloseTo(0.75 + (0.25 * 14) / 3, 12)
    norm.eval()
    const running = norm.runningVariance.item()
    expect(norm.call(x).data()[3]).toBeCloseTo((6 - 0.75) / Math.sqrt(running), 12)
    expect(norm.runningVariance.item()).toBe(running)
    expect(() => norm.call(ones([1, 2, 1, 1, 3], { dtype: 'float64' }))).toThrow(ShapeError)
    norm.train()
    expect(() => norm.call(ones([1, 1, 1, 1, 1], { dtype: 'float64' }))).toThrow('several values per channel')
  })
})

test('layers refuse options that make no sense, naming them', () => {
  const generator = new Generator(0)
  const conv = { inChannels: 2, outChannels: 3, kernel: 3, generator }
  expect(() => new Conv3d({ ...conv, inChannels: 0 })).toThrow('[Conv3d.inChannels] expected a positive integer, got 0')
  expect(() => new Conv3d({ ...conv, kernel: [3, 3, 0] })).toThrow('[Conv3d.kernel]')
  expect(() => new Conv3d({ ...conv, groups: 2 })).toThrow('[Conv3d.groups] expected a common divisor of 2 and 3')
  expect(() => new BatchNorm({ channels: 1, momentum: 2 })).toThrow('[BatchNorm.momentum]')
  expect(() => new BatchNorm({ channels: 1, epsilon: -1 })).toThrow('[Norm.epsilon]')
  expect(() => new PReLU({ channels: 1.5 })).toThrow('[PReLU.channels]')
})

test('a grouped convolution without bias has the parameters it says', () => {
  using conv = new Conv3d({
    inChannels: 4,
    outChannels: 6,
    kernel: [3, 3, 1],
    groups: 2,
    bias: false,
    generator: new Generator(0),
  })
  expect([...conv.namedParameters()].map(([name, { shape }]) => [name, shape])).toEqual([['weight', [3, 3, 1, 2, 6]]])
  scope(() => {
    expect(conv.call(randn([1, 4, 4, 4, 4])).shape).toEqual([1, 4, 4, 4, 6])
  })
})
