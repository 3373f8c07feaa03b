import { describe, expect, test } from 'vitest'
import {
  add,
  backward,
  ConfigError,
  customOp,
  grad,
  gradcheck,
  gradgradcheck,
  memory,
  noGrad,
  NumericalError,
  ones,
  scope,
  ShapeError,
  tensor,
  type Tensor,
  valueAndGrad,
} from '../../src/index.js'
import { type Op, apply } from '../../src/autograd/graph/op.js'
import { parameter } from '../helpers.js'

const scalar = (value: number): Tensor => tensor(value, { dtype: 'float64' })

describe('grad', () => {
  test('gives the derivative of one argument as a tensor and of several as an array', () => {
    scope(() => {
      const f = (x: Tensor, y: Tensor): Tensor => x.mul(y).sum()
      const [value, [dx, dy]] = valueAndGrad(f)(tensor([1, 2]), tensor([3, 4]))
      expect(value.item()).toBe(11)
      expect(dx.toArray()).toEqual([3, 4])
      expect(dy.toArray()).toEqual([1, 2])
      expect(grad((x: Tensor) => x.pow(3).sum())(tensor([2])).toArray()).toEqual([12])
    })
  })

  test('nests to any order: d⁴/dx⁴ x⁵ = 120 x', () => {
    scope(() => {
      let f = (x: Tensor): Tensor => x.pow(5).sum()
      for (let order = 0; order < 4; order++) f = grad(f)
      expect(f(scalar(2)).item()).toBe(240)
    })
  })

  test('does not confuse nested variables: d/dx [x · d/dy (x·y)] = 2x', () => {
    scope(() => {
      const outer = grad((x: Tensor) => x.mul(grad((y: Tensor) => x.mul(y))(x)))
      expect(outer(scalar(3)).item()).toBe(6)
    })
  })

  test('is zero for an argument that the result does not depend on', () => {
    scope(() => {
      const [, dy] = grad((x: Tensor, _y: Tensor) => x.sum())(tensor([1, 2]), tensor([5, 6, 7]))
      expect(dy.toArray()).toEqual([0, 0, 0])
    })
  })

  test('leaves what its argument is made of untouched', () => {
    scope(() => {
      const w = parameter([2])
      const x = w.mul(3)
      expect(grad((z: Tensor) => z.mul(z).sum())(x).toArray()).toEqual([12])
      x.sum().backward()
      expect(w.grad?.toArray()).toEqual([3])
    })
  })

  test('rejects a function whose result is no scalar', () => {
    scope(() =>
      expect(() => grad((x: Tensor) => x.mul(2))(tensor([1, 2]))).toThrow(
        '[grad] expected a function with a scalar result, got shape (2,)',
      ),
    )
  })
})

describe('backward', () => {
  test('accumulates over calls and over several uses of a leaf', () => {
    scope(() => {
      const x = parameter([1, 2])
      x.add(x).sum().backward()
      x.mul(3).sum().backward()
      expect(x.grad?.toArray()).toEqual([5, 5])
    })
  })

  test('sums over broadcast axes', () => {
    scope(() => {
      const bias = parameter([1, 2, 3])
      const column = parameter([[1], [2]])
      add(bias, column)
        .mul(ones([2, 3], { dtype: 'float64' }))
        .sum()
        .backward()
      expect(bias.grad?.toArray()).toEqual([2, 2, 2])
      expect(column.grad?.toArray()).toEqual([[3], [3]])
    })
  })

  test('takes a cotangent for a result that is no scalar, and refuses one of another shape', () => {
    scope(() => {
      const x = parameter([1, 2])
      const y = x.mul(x)
      expect(() => backward(y)).toThrow('[backward] expected a scalar, or a cotangent, got shape (2,)')
      expect(() => backward(y, { cotangent: tensor([1, 2, 3]) })).toThrow(ShapeError)
      backward(y, { cotangent: tensor([10, 1], { dtype: 'float64' }) })
      expect(x.grad?.toArray()).toEqual([20, 4])
    })
  })

  test('records itself on request, so that grad can be differentiated again', () => {
    scope(() => {
      const x = parameter(3)
      backward(x.pow(3), { createGraph: true })
      const first = x.grad
      expect(first?.item()).toBe(27)
      expect(first?.requiresGrad).toBe(true)
      if (first) expect(grad((t: Tensor) => t.pow(3))(x).item()).toBe(27)
    })
  })

  test('runs twice when the graph is retained', () => {
    scope(() => {
      const x = parameter([2])
      const y = x.mul(x).sum()
      y.backward({ retainGraph: true })
      y.backward()
      expect(x.grad?.toArray()).toEqual([8])
    })
  })

  test('refuses a result that nothing differentiable leads to', () => {
    scope(() => expect(() => tensor([1]).sum().backward()).toThrow(ConfigError))
  })

  test('reaches through a chain of 20000 ops without running out of stack', () => {
    scope(() => {
      const x = parameter(1)
      let y = x.add(0)
      for (let i = 0; i < 20000; i++) y = y.add(1)
      y.backward()
      expect(x.grad?.item()).toBe(1)
    })
  })
})

test('noGrad records nothing', () => {
  scope(() => {
    const x = parameter([1])
    expect(noGrad(() => x.mul(2)).requiresGrad).toBe(false)
    expect(x.mul(2).requiresGrad).toBe(true)
  })
})

describe('customOp', () => {
  const cube = customOp({
    name: 'cube',
    forward: ([x]: readonly [Tensor]) => x.mul(x).mul(x),
    vjp: (g, { inputs: [x] }) => [() => g.mul(x).mul(x).mul(3)],
  })

  test('has the derivatives that its rule gives, to any order', () => {
    const x = scope(() => tensor([0.5, -2], { dtype: 'float64' }))
    gradcheck((t) => cube([t]), [x])
    gradgradcheck((t) => cube([t]), [x])
    x.dispose()
  })

  test('is caught by gradcheck when its rule is wrong', () => {
    const wrong = customOp({
      name: 'wrong',
      forward: ([x]: readonly [Tensor]) => x.mul(x),
      vjp: (g, { inputs: [x] }) => [() => g.mul(x)],
    })
    scope(() => {
      const x = tensor([3], { dtype: 'float64' })
      expect(() => gradcheck((t) => wrong([t]), [x])).toThrow(
        /\[gradcheck\] expected derivative .* in element 0 of input 0/,
      )
    })
  })

  test('must give one cotangent per input', () => {
    const short = customOp({ name: 'short', forward: ([x]: readonly [Tensor]) => x.mul(1), vjp: () => [] })
    scope(() =>
      expect(() =>
        short([parameter([1])])
          .sum()
          .backward(),
      ).toThrow('[short] expected 1 cotangents from its vjp, got 0'),
    )
  })
})

test('gradgradcheck catches a second derivative that is wrong although the first is right', () => {
  const detached = customOp({
    name: 'detached',
    forward: ([x]: readonly [Tensor]) => x.mul(x),
    vjp: (g, { inputs: [x] }) => [() => g.mul(x.detach()).mul(2)],
  })
  scope(() => {
    const x = tensor([3], { dtype: 'float64' })
    gradcheck((t) => detached([t]), [x])
    expect(() => gradgradcheck((t) => detached([t]), [x])).toThrow(NumericalError)
  })
})

test('an op that is differentiable only once says so', () => {
  const once: Op<readonly [Tensor], null> = {
    name: 'once',
    forward: ([x]) => x.mul(2).detach(),
    fusedVjp: (g) => [g.mul(2)],
  }
  scope(() => {
    const f = (x: Tensor): Tensor => apply(once, [x], null).sum()
    expect(grad(f)(tensor([1])).toArray()).toEqual([2])
    expect(() => grad((x: Tensor) => grad(f)(x).sum())(tensor([1]))).toThrow(
      '[once] expected a derivative of this order',
    )
  })
})

describe('what the graph saved', () => {
  test('includes results: backward through one that was updated in place throws', () => {
    scope(() => {
      const x = parameter([0, 1])
      const y = x.exp()
      const loss = y.sum()
      expect(() => y.assign([7, 7])).toThrow('[assign] expected a leaf, or a tensor without a derivative')
      y.detach().assign([7, 7])
      expect(() => loss.backward()).toThrow('[backward] expected the values that exp saved')
    })
  })

  test('a custom op that returns its input leaves the input a leaf', () => {
    scope(() => {
      const pass = customOp({ name: 'pass', forward: ([x]: readonly [Tensor]) => x, vjp: (g) => [() => g.mul(2)] })
      const x = parameter([1])
      pass([x]).sum().backward()
      expect(x.grad?.toArray()).toEqual([2])
    })
  })
})

test('grad leaves nothing behind but its result', () => {
  const x = tensor([1, 2])
  const before = memory().tensors
  for (let i = 0; i < 3; i++) grad((t: Tensor) => scope(() => t.mul(t).sum()))(x).dispose()
  expect(memory().tensors).toBeLessThanOrEqual(before + 3) // the scalar values, which f made and only it could dispose
  x.dispose()
})
