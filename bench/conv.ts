/**
 * conv3d against the CPU backend of TensorFlow.js, same shapes, same run, one core. To run, from the project's root:
 *
 *   npx rolldown bench/conv.ts --platform node --file build/bench-conv.mjs && node build/bench-conv.mjs
 *
 * TensorFlow.js is no dependency of this package. For its column, install it in a folder of its own and name that folder:
 *
 *   npm install --prefix /tmp/tfjs @tensorflow/tfjs@4.22.0 && TFJS=/tmp/tfjs node build/bench-conv.mjs
 *
 * Prints medians in GFLOP/s; a convolution is 2·B·X'·Y'·Z'·kx·ky·kz·Cin·Cout operations, each gradient as many.
 */
import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Conv3dGeometry, type Triple, volume } from '../src/backend/geometry.js'
import { conv3d } from '../src/backend/reference/conv3d.js'
import { conv3dInputGradient } from '../src/backend/reference/conv3dInputGradient.js'
import { conv3dWeightGradient } from '../src/backend/reference/conv3dWeightGradient.js'
import { Generator } from '../src/tensor/random.js'

/** Milliseconds of one forward pass, and of one forward pass with both gradients. */
interface Timing {
  readonly forward: number
  readonly all: number
}

/** What this file uses of TensorFlow.js. */
interface TfjsTensor {
  dataSync(): Float32Array
}
interface Tfjs {
  readonly version: { readonly tfjs: string }
  setBackend(name: string): Promise<boolean>
  tidy(body: () => void): void
  tensor(values: Float32Array, shape: readonly number[]): TfjsTensor
  conv3d(x: TfjsTensor, weight: TfjsTensor, strides: number, pad: 'same'): TfjsTensor
  grads(f: (x: TfjsTensor, weight: TfjsTensor) => TfjsTensor): (args: TfjsTensor[], dy: TfjsTensor) => TfjsTensor[]
}

function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? NaN
}

/** Median milliseconds of `repeats` calls after one that warms up. */
function time(repeats: number, body: () => void): number {
  body()
  const times: number[] = []
  for (let i = 0; i < repeats; i++) {
    const start = performance.now()
    body()
    times.push(performance.now() - start)
  }
  return median(times)
}

function same(batch: number, size: Triple, inChannels: number, outChannels: number): Conv3dGeometry {
  const kernel: Triple = [3, 3, 3]
  const ones: Triple = [1, 1, 1]
  const sizes = { batch, input: size, output: size, kernel, inChannels, outChannels }
  return { ...sizes, stride: ones, dilation: ones, padding: ones, groups: 1 }
}

function random(length: number, stream: number): Float32Array {
  const generator = new Generator(0, stream)
  return Float32Array.from({ length }, () => 2 * generator.uniform() - 1)
}

function ours(g: Conv3dGeometry, repeats: number): Timing {
  const x = random(g.batch * volume(g.input) * g.inChannels, 0)
  const weight = random(volume(g.kernel) * g.inChannels * g.outChannels, 1)
  const outGradient = random(g.batch * volume(g.output) * g.outChannels, 2)
  const out = new Float32Array(outGradient.length)
  const xGradient = new Float32Array(x.length)
  const weightGradient = new Float32Array(weight.length)
  const forward = time(repeats, () => {
    conv3d(x, weight, null, out, g)
  })
  const all = time(repeats, () => {
    conv3d(x, weight, null, out, g)
    conv3dInputGradient(outGradient, weight, xGradient, g)
    conv3dWeightGradient(x, outGradient, weightGradient, g)
  })
  return { forward, all }
}

function theirs(tf: Tfjs, g: Conv3dGeometry, repeats: number): Timing {
  const x = tf.tensor(random(g.batch * volume(g.input) * g.inChannels, 0), [g.batch, ...g.input, g.inChannels])
  const weightShape = [...g.kernel, g.inChannels, g.outChannels]
  const weight = tf.tensor(random(volume(g.kernel) * g.inChannels * g.outChannels, 1), weightShape)
  const outShape = [g.batch, ...g.output, g.outChannels]
  const outGradient = tf.tensor(random(g.batch * volume(g.output) * g.outChannels, 2), outShape)
  const convolve = (a: TfjsTensor, b: TfjsTensor): TfjsTensor => tf.conv3d(a, b, 1, 'same')
  const forward = time(repeats, () => {
    tf.tidy(() => convolve(x, weight).dataSync())
  })
  const all = time(repeats, () => {
    tf.tidy(() => {
      for (const gradient of tf.grads(convolve)([x, weight], outGradient)) gradient.dataSync()
    })
  })
  return { forward, all }
}

async function loadTfjs(): Promise<Tfjs | null> {
  const folder = process.env['TFJS'] ?? '.'
  let path: string
  try {
    path = createRequire(resolve(folder, 'package.json')).resolve('@tensorflow/tfjs')
  } catch {
    return null
  }
  const loaded = (await import(pathToFileURL(path).href)) as { readonly default: Tfjs }
  await loaded.default.setBackend('cpu')
  return loaded.default
}

function report(name: string, g: Conv3dGeometry, { forward, all }: Timing): void {
  const flops = (2 * g.batch * volume(g.output) * volume(g.kernel) * g.inChannels * g.outChannels) / g.groups
  const rate = (passes: number, milliseconds: number): string => ((passes * flops) / milliseconds / 1e6).toFixed(2)
  const shape = `${String(g.batch)}×${g.input.join('×')} ${String(g.inChannels)}→${String(g.outChannels)}`
  console.log(`${shape.padEnd(22)} ${name.padEnd(12)} ${rate(1, forward).padStart(7)} ${rate(3, all).padStart(24)}`)
}

const large = same(1, [40, 40, 24], 30, 30)
const small: Conv3dGeometry[] = [
  same(2, [20, 20, 12], 4, 8),
  same(2, [20, 20, 12], 8, 8),
  same(2, [20, 20, 12], 24, 8),
  same(2, [10, 10, 6], 16, 16),
  same(2, [10, 10, 6], 48, 16),
  same(2, [5, 5, 3], 32, 32),
  same(2, [20, 20, 12], 1, 17),
  same(2, [20, 20, 12], 17, 17),
  same(2, [20, 20, 12], 17, 3),
  same(2, [20, 20, 12], 8, 1),
]

console.log('GFLOP/s (medians)                  forward  forward + both gradients')
report('phigrad', large, ours(large, 5))
const tf = await loadTfjs()
if (tf === null) console.log('(TensorFlow.js not found: the top of bench/conv.ts says how to install it)')
else report(`tfjs ${tf.version.tfjs}`, large, theirs(tf, large, 3))
for (const g of small) report('phigrad', g, ours(g, 15))
