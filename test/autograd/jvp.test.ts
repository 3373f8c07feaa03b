/** Derivatives in a direction against closed forms, against gradients, and nested. */
import { fc, test } from '@fast-check/vitest'
import { expect } from 'vitest'
import {
  DTypeError,
  Generator,
  ShapeError,
  type Tensor,
  grad,
  hessianVectorProduct,
  jvp,
  matmul,
  randn,
  scope,
  tensor,
} from '../../src/index.js'

const f64 = (values: number | number[]): Tensor => tensor(values, { dtype: 'float64' })
const draw = (shape: readonly number[], seed: number): Tensor =>
  randn(shape, { dtype: 'float64', generator: new Generator(seed) })

test('jvp of an elementwise function is its derivative times the direction', () => {
  scope(() => {
    const [value, tangent] = jvp((x: Tensor) => x.exp())(f64([0, 1]), f64([3, 2]))
    expect(value.toArray()).toEqual([1, Math.E])
    expect(tangent.toArray()).toEqual([3, 2 * Math.E])
    expect([value.requiresGrad, tangent.requiresGrad]).toEqual([false, false])
  })
})

test.prop([fc.nat()])('⟨u, J·v⟩ = ⟨uᵀJ, v⟩: jvp and vjp are each other’s transposes', (seed) => {
  scope(() => {
    const f = (x: Tensor): Tensor => matmul(x.tanh(), x.transpose()).softmax()
    const [x, v, u] = [draw([3, 2], seed), draw([3, 2], seed + 1), draw([3, 3], seed + 2)] as const
    const forward = jvp(f)(x, v)[1].mul(u).sum().item()
    const reverse = grad((y: Tensor) => f(y).mul(u).sum())(x)
      .mul(v)
      .sum()
      .item()
    expect(forward).toBeCloseTo(reverse, 10)
  })
})

test('jvp takes several arguments, and is 0 for a function that does not depend on them', () => {
  scope(() => {
    const product = jvp((x: Tensor, y: Tensor) => x.mul(y))([f64(3), f64(5)], [f64(1), f64(10)])
    expect(product[1].item()).toBe(35)
    expect(jvp((_: Tensor) => f64([4, 4]))(f64(1), f64(1))[1].toArray()).toEqual([0, 0])
  })
})

test('jvp nests in grad and in itself: d/dx (d/dx x³ · 1) = 6x', () => {
  scope(() => {
    const slope = (x: Tensor): Tensor => jvp((y: Tensor) => y.pow(3))(x, f64(1))[1]
    expect(grad(slope)(f64(2)).item()).toBe(12)
    expect(jvp(slope)(f64(2), f64(1))[1].item()).toBe(12)
  })
})

test.prop([fc.nat()])('the Hessian of ½ xᵀAx times v is (A + Aᵀ)/2 · v', (seed) => {
  scope(() => {
    const [a, x, v] = [draw([4, 4], seed), draw([4], seed + 1), draw([4], seed + 2)] as const
    const product = hessianVectorProduct((y: Tensor) => matmul(y, matmul(a, y)).div(2))(x, v)
    const wanted = matmul(a.add(a.transpose()).div(2), v).data()
    product.data().forEach((value, i) => expect(value).toBeCloseTo(wanted[i] ?? Number.NaN, 12))
  })
})

test('the Hessian of several arguments has mixed terms, and the product can be differentiated', () => {
  scope(() => {
    const f = (x: Tensor, y: Tensor): Tensor => x.mul(x).mul(y)
    const [dx, dy] = hessianVectorProduct(f)([f64(3), f64(5)], [f64(1), f64(10)])
    expect([dx.item(), dy.item()]).toEqual([2 * 5 * 1 + 2 * 3 * 10, 2 * 3 * 1])
    const third = grad((x: Tensor) => hessianVectorProduct((y: Tensor) => y.pow(4))(x, f64(1)))
    expect(third(f64(2)).item()).toBe(48)
  })
})

test('a direction that does not fit its argument is refused', () => {
  scope(() => {
    const along = jvp((x: Tensor) => x)
    expect(() => along(f64([1, 2]), f64([1]))).toThrow(ShapeError)
    expect(() => along(f64([1]), tensor([1]))).toThrow(DTypeError)
    expect(() => hessianVectorProduct((x: Tensor) => x)(f64([1, 2]), f64([1, 2]))).toThrow(ShapeError)
  })
})
