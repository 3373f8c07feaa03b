/**
 * Matrix products of stacks: out (…, m, n) = a (…, m, k) · b (…, k, n), a and b strided and of the same leading sizes.
 *
 *   for each matrix, for each block of 64 columns:       b's block is packed into panels of 4 columns, (k, 4) each
 *     for each 4 rows:                                   a's rows are packed into one panel (k, 4)
 *       for each panel of b:                             16 running sums over k, in float64 and in order of k
 *
 * Packing makes dtype, strides and transposes vanish from the inner loop; missing rows and columns are zeros.
 */
import type { NumberArray } from '../../tensor/dtype.js'
import { at, sizeOf } from '../../tensor/shape.js'
import type { Tensor } from '../../tensor/tensor.js'
import type { Kernels } from '../kernels.js'
import { denseArray } from './layout.js'
import { DoubleScratch } from './scratch.js'

const TILE = 4
const BLOCK = 64

const rowScratch = new DoubleScratch()
const columnScratch = new DoubleScratch()

/** A matrix inside a strided tensor, rows × columns. */
interface Matrix {
  readonly array: NumberArray
  readonly offset: number
  readonly rows: number
  readonly columns: number
  readonly rowStride: number
  readonly columnStride: number
}

export const matmul: Kernels['matmul'] = (a, b, output) => {
  const out = denseArray(output)
  const matrices = sizeOf(output.shape.slice(0, -2))
  for (let i = 0; i < matrices; i++) {
    const left = matrixAt(a, i)
    const right = matrixAt(b, i)
    multiply(left, right, out, i * left.rows * right.columns)
  }
}

/** The `index`-th matrix of a stack, counted in C order over the leading axes. */
function matrixAt({ array, shape, strides, offset, rank }: Tensor, index: number): Matrix {
  let start = offset
  for (let axis = rank - 3; axis >= 0; axis--) {
    const n = at(shape, axis)
    start += (index % n) * at(strides, axis)
    index = Math.floor(index / n)
  }
  return {
    array,
    offset: start,
    rows: at(shape, rank - 2),
    columns: at(shape, rank - 1),
    rowStride: at(strides, rank - 2),
    columnStride: at(strides, rank - 1),
  }
}

function multiply(a: Matrix, b: Matrix, out: NumberArray, outStart: number): void {
  const depth = a.columns
  const rows = rowScratch.take(depth * TILE)
  const columns = columnScratch.take(depth * BLOCK)
  for (let block = 0; block < b.columns; block += BLOCK) {
    const blockEnd = Math.min(b.columns, block + BLOCK)
    for (let column = block; column < blockEnd; column += TILE) {
      const width = Math.min(TILE, blockEnd - column)
      packPanel(
        b.array,
        b.offset + column * b.columnStride,
        b.rowStride,
        b.columnStride,
        depth,
        width,
        columns,
        (column - block) * depth,
      )
    }
    for (let row = 0; row < a.rows; row += TILE) {
      const height = Math.min(TILE, a.rows - row)
      packPanel(a.array, a.offset + row * a.rowStride, a.columnStride, a.rowStride, depth, height, rows, 0)
      for (let column = block; column < blockEnd; column += TILE) {
        const width = Math.min(TILE, blockEnd - column)
        const start = outStart + row * b.columns + column
        multiplyTile(rows, columns, (column - block) * depth, depth, out, start, b.columns, height, width)
      }
    }
  }
}

/** panel[start + 4·l + j] = x[from + l·depthStride + j·laneStride], 0 for lanes j ≥ lanes. */
function packPanel(
  x: NumberArray,
  from: number,
  depthStride: number,
  laneStride: number,
  depth: number,
  lanes: number,
  panel: Float64Array,
  start: number,
): void {
  if (lanes < TILE) panel.fill(0, start, start + depth * TILE)
  for (let l = 0; l < depth; l++) {
    for (let j = 0; j < lanes; j++) panel[start + l * TILE + j] = x[from + l * depthStride + j * laneStride] as number
  }
}

/** `height` × `width` elements of out from one panel of rows and one of columns. */
function multiplyTile(
  rows: Float64Array,
  columns: Float64Array,
  columnStart: number,
  depth: number,
  out: NumberArray,
  outStart: number,
  outStride: number,
  height: number,
  width: number,
): void {
  let s00 = 0,
    s01 = 0,
    s02 = 0,
    s03 = 0
  let s10 = 0,
    s11 = 0,
    s12 = 0,
    s13 = 0
  let s20 = 0,
    s21 = 0,
    s22 = 0,
    s23 = 0
  let s30 = 0,
    s31 = 0,
    s32 = 0,
    s33 = 0
  for (let r = 0, c = columnStart; r < depth * TILE; r += TILE, c += TILE) {
    const a0 = rows[r] as number
    const a1 = rows[r + 1] as number
    const a2 = rows[r + 2] as number
    const a3 = rows[r + 3] as number
    const b0 = columns[c] as number
    const b1 = columns[c + 1] as number
    const b2 = columns[c + 2] as number
    const b3 = columns[c + 3] as number
    s00 += a0 * b0
    s01 += a0 * b1
    s02 += a0 * b2
    s03 += a0 * b3
    s10 += a1 * b0
    s11 += a1 * b1
    s12 += a1 * b2
    s13 += a1 * b3
    s20 += a2 * b0
    s21 += a2 * b1
    s22 += a2 * b2
    s23 += a2 * b3
    s30 += a3 * b0
    s31 += a3 * b1
    s32 += a3 * b2
    s33 += a3 * b3
  }
  storeRow(out, outStart, width, s00, s01, s02, s03)
  if (height > 1) storeRow(out, outStart + outStride, width, s10, s11, s12, s13)
  if (height > 2) storeRow(out, outStart + 2 * outStride, width, s20, s21, s22, s23)
  if (height > 3) storeRow(out, outStart + 3 * outStride, width, s30, s31, s32, s33)
}

function storeRow(
  out: NumberArray,
  start: number,
  width: number,
  s0: number,
  s1: number,
  s2: number,
  s3: number,
): void {
  out[start] = s0
  if (width > 1) out[start + 1] = s1
  if (width > 2) out[start + 2] = s2
  if (width > 3) out[start + 3] = s3
}
