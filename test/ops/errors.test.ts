import { expect, test } from 'vitest'
import * as phi from '../../src/index.js'
import { ConfigError, DeviceError, DTypeError, ShapeError, scope, tensor, zeros } from '../../src/index.js'

const rows: [string, () => unknown, new (...args: never[]) => Error, string][] = [
  [
    'shapes that do not broadcast',
    () => phi.add(zeros([2, 3]), zeros([2])),
    ShapeError,
    '[add] expected shapes that broadcast together, got (2,3) and (2,)',
  ],
  [
    'mixed dtypes',
    () => phi.mul(zeros([2]), zeros([2], { dtype: 'float64' })),
    DTypeError,
    '[mul] expected tensors of one dtype (convert with cast), got float32 and float64',
  ],
  [
    'a fraction meeting integers',
    () => zeros([2], { dtype: 'int32' }).add(0.5),
    DTypeError,
    '[add] expected an integer to meet a tensor of dtype int32, got 0.5',
  ],
  [
    'exp of integers',
    () => phi.exp(zeros([2], { dtype: 'int32' })),
    DTypeError,
    '[exp] expected a float32 or float64 tensor, got int32',
  ],
  ['an axis out of range', () => zeros([2]).sum(1), ShapeError, '[sum] expected an axis from -1 to 0, got 1'],
  ['an axis named twice', () => zeros([2, 2]).sum([0, -2]), ShapeError, '[sum] expected distinct axes, got (0,0)'],
  [
    'a reshape to another size',
    () => zeros([6]).reshape([4, -1]),
    ShapeError,
    '[reshape] expected a shape with 6 elements, got (4,-1)',
  ],
  [
    'an incomplete permutation',
    () => zeros([2, 3]).transpose([0]),
    ShapeError,
    '[transpose] expected a permutation of 2 axes, got (0)',
  ],
  [
    'an index out of range',
    () => zeros([2, 3]).slice([null, 3]),
    ShapeError,
    '[slice] expected an index from -3 to 2 on axis 1, got 3',
  ],
  [
    'concat of other sizes',
    () => phi.concat([zeros([2, 3]), zeros([3, 2])], 0),
    ShapeError,
    '[concat] expected shapes like (2,3) but for axis 0, got (3,2)',
  ],
  [
    'a condition that is not bool',
    () => phi.where(zeros([2]), zeros([2]), 1),
    DTypeError,
    '[where] expected a bool condition, got float32',
  ],
  [
    'swapped weight channels',
    () => phi.conv3d(zeros([1, 4, 4, 4, 4]), zeros([3, 3, 3, 8, 4])),
    ShapeError,
    '[conv3d] expected weight of shape (3,3,3,4,4), got (3,3,3,8,4)',
  ],
  [
    'a bias of another length',
    () => phi.conv3d(zeros([1, 4, 4, 4, 1]), zeros([1, 1, 1, 1, 2]), { bias: zeros([3]) }),
    ShapeError,
    '[conv3d] expected bias of shape (2,), got (3,)',
  ],
  [
    'a stride of 0',
    () => phi.conv3d(zeros([1, 4, 4, 4, 1]), zeros([1, 1, 1, 1, 2]), { stride: 0 }),
    ConfigError,
    '[conv3d.stride] expected an integer ≥ 1, or three of them, got 0',
  ],
  [
    'a window larger than the input',
    () => phi.maxPool3d(zeros([1, 4, 4, 1, 1]), 2),
    ShapeError,
    '[maxPool3d] expected an input of at least (2,2,2) voxels, got (4,4,1)',
  ],
  [
    'a skip of another grid',
    () => phi.upsampleConcat(zeros([1, 4, 4, 4, 1]), zeros([1, 2, 2, 3, 1]), 2),
    ShapeError,
    '[upsampleConcat] expected skip of shape (1,4,4,6,1), got (1,4,4,4,1)',
  ],
  [
    'ragged nesting',
    () => tensor([[1, 2], [3]]),
    ShapeError,
    '[tensor] expected arrays of equal length, got ragged nesting',
  ],
  [
    'values that do not fill the shape',
    () => tensor([1, 2, 3], { shape: [2, 2] }),
    ShapeError,
    '[tensor] expected 4 values for shape (2,2), got 3',
  ],
  ['a negative size', () => zeros([-1]), ShapeError, '[full] expected a shape of non-negative integers, got (-1,)'],
  [
    'a device that is not there',
    () => zeros([1], { device: 'cuda' }),
    DeviceError,
    "[tensor] expected device 'cpu', got 'cuda': this build has no CUDA backend",
  ],
  [
    'item of several elements',
    () => zeros([2]).item(),
    ShapeError,
    '[item] expected a tensor with one element, got shape (2,)',
  ],
  [
    'a number that uint8 cannot hold',
    () => zeros([1], { dtype: 'uint8' }).less(300),
    DTypeError,
    '[less] expected a number from 0 to 255 to meet a tensor of dtype uint8, got 300',
  ],
  [
    'a device that nobody knows',
    () => zeros([1]).to('gpu' as never),
    DeviceError,
    "[to] expected device 'cpu', got 'gpu'",
  ],
]

test.each(rows)('%s', (_, f, type, message) => {
  scope(() => {
    expect(f).toThrow(type)
    expect(f).toThrow(message)
  })
})

test('signed zeros are not confused, whatever was computed before', () => {
  scope(() => {
    expect(tensor([1]).div(0).item()).toBe(Infinity)
    expect(tensor([1]).div(-0).item()).toBe(-Infinity)
  })
})

test('bool tensors hold 0 and 1 only, and what is not 0 is true', () => {
  scope(() => {
    const bool = { dtype: 'bool' } as const
    expect(tensor([0.5, NaN, 256, 0, -1], bool).toArray()).toEqual([1, 1, 1, 0, 1])
    expect(phi.full([2], 5, bool).toArray()).toEqual([1, 1])
    expect(phi.arange(0, 3, 1, bool).toArray()).toEqual([0, 1, 1])
  })
})
