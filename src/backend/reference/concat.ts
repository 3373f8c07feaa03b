/** Joins dense tensors along one axis: each contributes one block of neighbouring elements per outer index. */
import { at, sizeOf } from '../../tensor/shape.js'
import type { Kernels } from '../kernels.js'
import { denseArray } from './layout.js'

export const concat: Kernels['concat'] = (tensors, axis, output) => {
  const out = denseArray(output)
  const inner = sizeOf(output.shape.slice(axis + 1))
  const outer = sizeOf(output.shape.slice(0, axis))
  const stride = at(output.shape, axis) * inner
  let start = 0
  for (const tensor of tensors) {
    const x = denseArray(tensor)
    const block = at(tensor.shape, axis) * inner
    if (block < 32) copyShortBlocks(x, out, block, outer, start, stride)
    else for (let i = 0; i < outer; i++) out.set(x.subarray(i * block, (i + 1) * block), start + i * stride)
    start += block
  }
}

function copyShortBlocks(
  x: ArrayLike<number>,
  out: { [i: number]: number },
  block: number,
  outer: number,
  start: number,
  stride: number,
): void {
  for (let i = 0; i < outer; i++) {
    for (let j = 0; j < block; j++) out[start + i * stride + j] = x[i * block + j] as number
  }
}
