import { expect, test } from 'vitest'
import { Generator, prelu, randn, scope, tensor } from '../../src/index.js'
import { ConvTranspose3d, InstanceNorm, LeakyReLU, MaxPool3d, NormActivation, PReLU } from '../../src/nn/index.js'

test('a transposed convolution of stride 2 doubles the resolution and keeps the variance', () => {
  using layer = new ConvTranspose3d({
    inChannels: 16,
    outChannels: 4,
    kernel: 2,
    stride: 2,
    generator: new Generator(1),
  })
  scope(() => {
    const x = randn([1, 6, 6, 6, 16], { generator: new Generator(2) })
    const y = layer.call(x)
    expect(y.shape).toEqual([1, 12, 12, 12, 4])
    // He's initialisation doubles the variance, for the ReLU that halves the second moment. 64 weights an output.
    const variance = y.mul(y).mean().item()
    expect(variance).toBeGreaterThan(1.4)
    expect(variance).toBeLessThan(2.8)
  })
})

test('PReLU with slopes a gives max(x, 0) + a·min(x, 0) per channel, and the slopes learn', () => {
  using layer = new PReLU({ channels: 2, initial: 0.25, dtype: 'float64' })
  scope(() => {
    layer.alpha.assign([0.5, 2])
    const x = tensor(
      [
        [1, 1],
        [-1, -3],
        [0, 0],
      ],
      { dtype: 'float64', requiresGrad: true },
    )
    const y = layer.call(x)
    expect(y.toArray()).toEqual([
      [1, 1],
      [-0.5, -6],
      [0, 0],
    ])
    y.sum().backward()
    expect(x.grad?.toArray()).toEqual([
      [1, 1],
      [0.5, 2],
      [0.5, 2],
    ])
    expect(layer.alpha.grad?.toArray()).toEqual([-1, -3])
    x.dispose()
    expect(() => prelu(y, tensor([1], { dtype: 'float64' }))).toThrow('[prelu] expected alpha of shape (2,), got (1,)')
    expect(() => prelu(y, tensor([1, 1]))).toThrow('[prelu] expected tensors of one dtype')
  })
})

test('fused normalisation and activation is the activation of the normalisation', () => {
  scope(() => {
    const x = randn([2, 3, 4, 2, 3], { dtype: 'float64', generator: new Generator(3) })
    for (const activation of [new LeakyReLU(0.2), new PReLU({ channels: 3, initial: 0.2, dtype: 'float64' })]) {
      using norm = new InstanceNorm({ channels: 3, dtype: 'float64' })
      norm.scale.assign([1, -2, 0.5])
      norm.shift.assign([0.3, 0.1, -0.2])
      using both = new NormActivation(norm, activation)
      const fused = both.call(x).data()
      activation
        .call(norm.call(x))
        .data()
        .forEach((value, i) => expect(fused[i]).toBeCloseTo(value, 12))
    }
  })
})

test('pooling by (2,2,1) halves two axes', () => {
  scope(() => {
    const x = tensor([1, 5, 2, 3, 4, 0, 7, 6], { shape: [1, 2, 2, 2, 1] })
    expect(new MaxPool3d([2, 2, 1]).call(x).toArray()).toEqual([[[[[7], [6]]]]])
  })
  expect(() => new MaxPool3d(0)).toThrow('[MaxPool3d.window]')
})
