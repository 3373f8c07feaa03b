import { describe, expect, test } from 'vitest'
import { Generator, type Tensor, emptyPool, memory, noGrad, randn, scope } from '../../src/index.js'
import { type LevelOptions, NoNewNet, type NoNewNetOptions, noNewNet, phantomNet } from '../../src/nn/index.js'
import { Adam } from '../../src/optim/index.js'
import { readFixture } from './fixtures/read.js'

const generator = (): Generator => new Generator(11)

function count(net: NoNewNet): number {
  using it = net
  return it.parameters().reduce((sum, { size }) => sum + size, 0)
}

/** 1 − 2Σpy/Σ(p + y) per image and channel, averaged: what the fixtures' script minimises. */
function softDice(p: Tensor, y: Tensor): Tensor {
  const axes = [1, 2, 3]
  return p.mul(y).sum(axes).mul(-2).div(p.add(y).sum(axes)).add(1).mean()
}

describe('parameter counts', () => {
  // All four counts are those of PyTorch 2.13 modules of the same structure.
  test('the phantom studies use 60.0 k parameters, with two convolutions at full resolution 63.5 k', () => {
    const levels = [
      { down: [8, 8], up: [8, 8] },
      { down: [16, 16], up: [16, 8] },
      { down: [32, 16], up: [] },
    ]
    expect(count(phantomNet({ generator: generator() }))).toBe(60_033)
    expect(count(new NoNewNet({ levels, generator: generator() }))).toBe(63_537)
  })

  test('the cardiac network with 3×3×1 kernels, batch norm, PReLU and four classes has 44.6 k', () => {
    expect(count(new NoNewNet(cardiac()))).toBe(44_644)
  })

  test('base 30 and five levels make 14.5 M', () => {
    const net = noNewNet({ base: 30, levels: 5, generator: generator() })
    expect(count(net)).toBe(14_493_901)
  })
})

function cardiac(): NoNewNetOptions {
  const pair = [3, [3, 3, 1]] as const
  return {
    inChannels: 1,
    outChannels: 4,
    levels: [
      { down: [8, 8], up: [8, 8], kernels: { down: pair, up: pair } },
      { down: [16, 16], up: [16, 8], kernels: { down: pair, up: pair } },
      { down: [32, 16], up: [], kernels: { down: pair } },
    ],
    pooling: [[2, 2, 1], 2],
    norm: 'batch',
    activation: 'prelu',
    head: 'softmax',
    generator: generator(),
  }
}

test('probabilities have the input grid; softmax probabilities sum to 1', () => {
  using net = new NoNewNet(cardiac())
  scope(() => {
    const p = net.call(randn([2, 8, 4, 2, 1]))
    expect(p.shape).toEqual([2, 8, 4, 2, 4])
    p.sum(-1)
      .data()
      .forEach((sum) => expect(sum).toBeCloseTo(1, 5))
  })
})

test('a sigmoid head maps logits to probabilities', () => {
  using net = phantomNet({ generator: generator() })
  scope(() => {
    const x = randn([1, 4, 4, 4, 4])
    expect(net.call(x).data()).toEqual(net.logits(x).sigmoid().data())
  })
})

test('a network of one level is its convolutions and the head', () => {
  using net = new NoNewNet({ levels: [{ down: [3, 2], up: [] }], generator: generator() })
  scope(() => {
    expect(net.call(randn([1, 3, 1, 5, 4])).shape).toEqual([1, 3, 1, 5, 1])
  })
})

test('the same seed gives the same weights, another seed others', () => {
  using a = phantomNet({ generator: new Generator(1) })
  using b = phantomNet({ generator: new Generator(1) })
  using c = phantomNet({ generator: new Generator(2) })
  const values = (net: NoNewNet): number[] => net.parameters().flatMap((tensor) => Array.from(tensor.data()))
  expect(values(a)).toEqual(values(b))
  expect(values(a)).not.toEqual(values(c))
})

test('the first weight and the last of seed 0 are those of every version', () => {
  using net = phantomNet({ generator: new Generator(0) })
  const state = net.stateDict()
  expect(state.get('down.0.0.conv.weight')?.data()[0]).toMatchInlineSnapshot(`-0.03773831948637962`)
  expect(state.get('head.conv.weight')?.data()[7]).toMatchInlineSnapshot(`-0.20693783462047577`)
})

describe('inputs and options that do not fit are named', () => {
  test.each([
    [[1, 4, 4, 4, 3], 'channels'],
    [[1, 4, 6, 4, 4], 'a size that pooling does not divide'],
    [[4, 4, 4, 4], 'no batch axis'],
  ])('input %j: %s', (shape) => {
    using net = phantomNet({ generator: generator() })
    scope(() => {
      const run = (): Tensor => net.call(randn(shape))
      expect(run).toThrow('[NoNewNet] expected x of shape (B,X,Y,Z,4) with X, Y, Z multiples of 4, 4, 4, got (')
    })
  })

  const two: LevelOptions[] = [
    { down: [2], up: [2] },
    { down: [2], up: [] },
  ]
  test.each([
    [{ levels: [] }, '[NoNewNet.levels] expected at least one level'],
    [{ levels: [{ down: [], up: [] }] }, '[NoNewNet.levels[0].down] expected at least one width'],
    [{ levels: [{ down: [2], up: [2] }] }, '[NoNewNet.levels[0].up] expected no widths in the lowest level'],
    [{ levels: [{ down: [2.5], up: [] }] }, '[NoNewNet.levels[0].down] expected a positive integer, got 2.5'],
    [{ levels: [{ down: [2], up: [], kernels: { down: [3, 3] } }] }, '[NoNewNet.levels[0].down] expected 1 kernels'],
    [{ pooling: [2, 2] }, '[NoNewNet.pooling] expected 1 factors'],
    [{ pooling: [0] }, '[NoNewNet.pooling] expected an integer ≥ 1'],
    [{ inChannels: 0 }, '[NoNewNet.inChannels]'],
    [{ norm: 'layer' as 'batch' }, '[NoNewNet.norm] expected one of instance, batch, got layer'],
    [{ activation: 'gelu' as 'prelu' }, '[NoNewNet.activation]'],
    [{ head: 'none' as 'sigmoid' }, '[NoNewNet.head]'],
  ] as [Partial<NoNewNetOptions>, string][])('%j', (options, message) => {
    expect(() => new NoNewNet({ levels: two, generator: generator(), ...options })).toThrow(message)
  })
})

const torchNets: Record<'instance' | 'batch', Omit<NoNewNetOptions, 'generator' | 'dtype'>> = {
  instance: {
    inChannels: 2,
    outChannels: 1,
    levels: [
      { down: [3], up: [3] },
      { down: [4, 3], up: [4, 2] },
      { down: [5, 3], up: [] },
    ],
  },
  batch: {
    inChannels: 1,
    outChannels: 3,
    norm: 'batch',
    momentum: 0.03,
    activation: 'prelu',
    head: 'softmax',
    pooling: [[2, 2, 1]],
    levels: [
      { down: [3, 3], up: [4, 3], kernels: { down: [3, [3, 3, 1]], up: [3, [3, 3, 1]] } },
      { down: [4, 2], up: [], kernels: { down: [3, [3, 3, 1]] } },
    ],
  },
}

describe.each(['instance', 'batch'] as const)('PyTorch with the same weights (%s norm, float64)', (name) => {
  test('gives the same output, loss, derivatives, running statistics and evaluation', () => {
    using net = new NoNewNet({ ...torchNets[name], generator: generator(), dtype: 'float64' })
    scope(() => {
      const { tensors } = readFixture(name)
      const get = (key: string): Tensor => {
        const found = tensors.get(key)
        if (found === undefined) throw new Error(`the fixture has no ${key}`)
        return found
      }
      const close = (found: Tensor, key: string): void => {
        const wanted = get(key)
        expect(found.shape, key).toEqual(wanted.shape)
        const difference = found.detach().sub(wanted)
        const error = difference.mul(difference).sum().sqrt().item()
        expect(error, key).toBeLessThan(1e-10 * (1 + wanted.mul(wanted).sum().sqrt().item()))
      }
      const before = [...tensors].filter(([key]) => key.startsWith('before.'))
      net.loadStateDict(new Map(before.map(([key, values]) => [key.slice('before.'.length), values])))
      const x = get('input').requireGrad()
      const p = net.call(x)
      close(p, 'output')
      const loss = softDice(p, get('target'))
      close(loss, 'loss')
      loss.backward()
      expect(net.parameters().length).toBeGreaterThan(20)
      for (const [key, { grad }] of [...net.namedParameters(), ['input', x] as const]) {
        if (grad === null) throw new Error(`${key} has no derivative`)
        close(grad, key === 'input' ? 'inputGradient' : `gradient.${key}`)
      }
      for (const [key, values] of net.namedBuffers()) close(values, `after.${key}`)
      net.eval()
      close(net.call(x), 'evaluated')
    })
  })

  test('derivatives are those of central differences in every parameter and input', () => {
    using net = new NoNewNet({ ...torchNets[name], generator: generator(), dtype: 'float64' })
    scope(() => {
      const channels = torchNets[name].inChannels ?? 1
      const x = randn([2, 4, 4, name === 'batch' ? 1 : 4, channels], { dtype: 'float64', generator: new Generator(5) })
      x.requireGrad()
      const weights = randn([2, 4, 4, name === 'batch' ? 1 : 4, name === 'batch' ? 3 : 1], { dtype: 'float64' })
      for (const [i, parameter] of net.parameters().entries()) {
        if (parameter.rank > 1) continue
        const noise = randn(parameter.shape, { dtype: 'float64', generator: new Generator(6, i) })
        parameter.assign(parameter.add(noise.mul(0.2)).data())
      }
      const value = (): Tensor => net.logits(x).mul(weights).sum()
      value().backward()
      for (const [key, leaf] of [...net.namedParameters(), ['input', x] as const]) {
        const analytic = leaf.grad?.data() ?? []
        const center = leaf.data()
        // Every element of the short ones, some of the long ones.
        for (let i = 0; i < leaf.size; i += Math.max(1, Math.floor(leaf.size / 6))) {
          const moved = (h: number): number =>
            scope(() => {
              const values = center.slice()
              values[i] = (center[i] ?? 0) + h
              leaf.assign(values)
              return noGrad(value).item()
            })
          const numeric = (moved(1e-6) - moved(-1e-6)) / 2e-6
          leaf.assign(center)
          expect(Math.abs((analytic[i] ?? NaN) - numeric), `${key}[${i}]`).toBeLessThan(2e-6 * (1 + Math.abs(numeric)))
        }
      }
    })
  })
})

test('training steps in scopes leave no tensor behind, and the pool stops growing', () => {
  emptyPool()
  using net = new NoNewNet(cardiac())
  using optimizer = new Adam(net.namedParameters(), { lr: 1e-3 })
  const step = (index: number): number =>
    scope(() => {
      const x = randn([2, 8, 8, 4, 1], { generator: new Generator(1, index) })
      const loss = softDice(net.call(x), randn([2, 8, 8, 4, 4], { generator: new Generator(2, index) }).sigmoid())
      loss.backward()
      optimizer.step()
      optimizer.zeroGrad()
      return loss.item()
    })
  const before = memory()
  const losses = [step(0)]
  const { idleBytes } = memory()
  for (let i = 1; i < 6; i++) losses.push(step(i))
  expect(memory().tensors).toBe(before.tensors)
  expect(memory().bytes).toBe(before.bytes)
  expect(memory().idleBytes).toBeLessThanOrEqual(idleBytes * 1.05)
  expect(losses.every(Number.isFinite)).toBe(true)
})

test('in prediction, a level more costs its skip and its pooled input, not what it computes with', () => {
  const size = [16, 16, 16]
  const channelBytes = 16 ** 3 * 4
  /** What the pool holds after a prediction: the most that was alive at once. */
  const peak = (count: number): number => {
    const level = { down: [4, 4], up: [4, 4] }
    const levels = [...Array.from({ length: count - 1 }, () => level), { down: [4], up: [] }]
    // Pooling by 1 keeps all levels at full resolution, where they show.
    const pooling = Array.from({ length: count - 1 }, () => 1)
    using net = new NoNewNet({ levels, pooling, generator: generator() })
    using x = randn([1, ...size, 4])
    emptyPool()
    scope(() => noGrad(() => net.call(x)))
    return memory().idleBytes
  }
  const perLevel = (peak(7) - peak(3)) / 4
  expect(perLevel).toBeGreaterThanOrEqual(4 * channelBytes)
  expect(perLevel).toBeLessThan(8.5 * channelBytes)
})
