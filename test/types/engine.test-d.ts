import { describe, expectTypeOf, test } from 'vitest'
import {
  customOp,
  type Device,
  type DType,
  gradcheck,
  grad,
  keep,
  noGrad,
  type NumberArray,
  type Operand,
  scope,
  type Shape,
  tensor,
  type Tensor,
  valueAndGrad,
  zeros,
} from 'phigrad'

declare const x: Tensor

describe('grad', () => {
  test('of one argument gives a tensor', () => {
    expectTypeOf(grad((a: Tensor) => a.sum())).toEqualTypeOf<(a: Tensor) => Tensor>()
    expectTypeOf(valueAndGrad((a: Tensor) => a.sum())(x)).toEqualTypeOf<readonly [value: Tensor, gradients: Tensor]>()
  })

  test('of several arguments gives a tuple as long', () => {
    const of3 = grad((a: Tensor, b: Tensor, c: Tensor) => a.add(b).mul(c).sum())
    expectTypeOf(of3(x, x, x)).toEqualTypeOf<[a: Tensor, b: Tensor, c: Tensor]>()
    const [value, [da, db]] = valueAndGrad((a: Tensor, b: Tensor) => a.mul(b).sum())(x, x)
    expectTypeOf([value, da, db]).items.toEqualTypeOf<Tensor>()
  })

  test('takes the arguments of its function, all of them', () => {
    const of2 = grad((a: Tensor, b: Tensor) => a.mul(b).sum())
    expectTypeOf(of2).parameters.toEqualTypeOf<[a: Tensor, b: Tensor]>()
    // @ts-expect-error: an argument is missing
    of2(x)
    // @ts-expect-error: a number is no tensor
    of2(x, 1)
  })

  test('wants a function from tensors to a tensor', () => {
    // @ts-expect-error: its result is a number
    grad((a: Tensor) => a.sum().item())
    // @ts-expect-error: its argument is a number
    grad((a: number) => x.mul(a))
  })

  test('nests', () => {
    expectTypeOf(grad(grad(grad((a: Tensor) => a.sum())))(x)).toEqualTypeOf<Tensor>()
  })
})

describe('tensor', () => {
  test('takes numbers, nested arrays and the arrays of the five dtypes', () => {
    expectTypeOf(tensor).returns.toEqualTypeOf<Tensor>()
    for (const values of [1, [1, 2], [[1], [2]], new Float32Array(2), new Int32Array(2), new Uint8Array(2)] as const) {
      tensor(values)
    }
    // @ts-expect-error: text is no number
    tensor('1')
    // @ts-expect-error: 64-bit integers
    tensor(new BigInt64Array(2))
  })

  test('knows its options exactly', () => {
    tensor([1], { dtype: 'float64', device: 'cpu', requiresGrad: true, shape: [1] })
    // @ts-expect-error: float16 is no dtype
    tensor([1], { dtype: 'float16' })
    // @ts-expect-error: as PyTorch spells it
    tensor([1], { requires_grad: true })
    // @ts-expect-error: with exactOptionalPropertyTypes, an option is given or left out
    tensor([1], { dtype: undefined })
    // @ts-expect-error: zeros has its shape in front
    zeros([2], { shape: [2] })
    expectTypeOf<DType>().toEqualTypeOf<'float32' | 'float64' | 'int32' | 'uint8' | 'bool'>()
    expectTypeOf<Device>().toEqualTypeOf<'cpu' | 'cuda'>()
  })

  test('shows what it is, and lets nobody change it', () => {
    expectTypeOf(x.shape).toEqualTypeOf<Shape>()
    expectTypeOf(x.dtype).toEqualTypeOf<DType>()
    expectTypeOf(x.data()).toEqualTypeOf<NumberArray>()
    expectTypeOf(x.item()).toBeNumber()
    expectTypeOf(x.grad).toEqualTypeOf<Tensor | null>()
    // @ts-expect-error: read-only
    x.shape = [1]
    // @ts-expect-error: read-only
    x.shape[0] = 1
  })

  test('has the ops as methods, with the types of the functions', () => {
    expectTypeOf<Parameters<Tensor['add']>>().toEqualTypeOf<[other: Operand]>()
    expectTypeOf<Operand>().toEqualTypeOf<Tensor | number>()
    expectTypeOf(x.sum(-1, { keepDims: true })).toEqualTypeOf<Tensor>()
    // @ts-expect-error: arrays must become tensors by name
    x.add([1, 2])
    // @ts-expect-error: an op changes nothing, so there is no add_
    expectTypeOf<Tensor['add_']>().toBeFunction()
  })
})

describe('scope', () => {
  test('passes through what its function returns', () => {
    expectTypeOf(scope(() => 1)).toEqualTypeOf<number>()
    expectTypeOf(scope(() => ({ loss: x, steps: 3 }))).toEqualTypeOf<{ loss: Tensor; steps: number }>()
    expectTypeOf(noGrad(() => x)).toEqualTypeOf<Tensor>()
    expectTypeOf(keep(x)).toEqualTypeOf<Tensor>()
  })
})

describe('customOp', () => {
  test('without parameters takes its inputs only', () => {
    const op = customOp({ name: 'id', forward: ([a]: readonly [Tensor]) => a.mul(1), vjp: (g) => [() => g] })
    expectTypeOf(op).parameters.toEqualTypeOf<[inputs: readonly [Tensor]]>()
    // @ts-expect-error: two inputs
    op([x, x])
  })

  test('with parameters wants them', () => {
    const scale = customOp({
      name: 'scale',
      forward: ([a]: readonly [Tensor], { by }: { by: number }) => a.mul(by),
      vjp: (g, { params: { by } }) => [() => g.mul(by)],
    })
    expectTypeOf(scale([x], { by: 2 })).toEqualTypeOf<Tensor>()
    // @ts-expect-error: no parameters
    scale([x])
  })
})

test('gradcheck takes a function of tensors and its inputs', () => {
  expectTypeOf(gradcheck).returns.toBeVoid()
  gradcheck((a, b) => a.mul(b), [x, x])
  // @ts-expect-error: one input must still be in a list
  gradcheck((a) => a, x)
})
