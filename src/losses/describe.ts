/** Losses with their options in one line of text. */
import type { Shape } from '../tensor/shape.js'
import { Tensor } from '../tensor/tensor.js'
import type { Epsilon, OverlapOptions, PerClass } from './options.js'
import { Partition } from './partition.js'

/** |Φ| of the named partitions. */
const sizes: Readonly<Record<string, readonly [all: string, foreground: string]>> = {
  I: ['B·C', 'B·(C − 1)'],
  CI: ['B', 'B'],
  BI: ['C', 'C − 1'],
  BCI: ['1', '1'],
}

const emptySubsets = {
  keep: 'empty subsets keep Eq. 3',
  perfect: 'empty subsets count as perfect',
  drop: 'empty subsets leave Φ',
} as const

/** An overlap loss: name (norm): Φ, |Φ|; ε; policies; what else was given. */
export function describeOverlap(title: string, options: object, shape?: Shape): string {
  const { phi, epsilon, epsilonEmpty, norm, ignoreBackground, ...rest } = options as OverlapOptions
  const { emptySubsets: given, reduction, fromLogits, classWeights, present, mask, ...own } = rest
  const policy = given ?? (title === 'leaf Dice' ? 'perfect' : 'keep')
  const parts = [
    `${title} (${title === 'Dice semimetric' ? 'Σ|p − y|' : (norm ?? 'L1')}): Φ = ${String(phi)}, |Φ| = ` +
      sizeOfPhi(phi, ignoreBackground === true, shape),
    `ε = ${showEpsilon(epsilon)}`,
    emptySubsets[policy],
    epsilonEmpty === undefined ? '' : `ε of empty subsets = ${showEpsilon(epsilonEmpty)}`,
    ignoreBackground === true ? 'channel 0 ignored' : '',
    classWeights === undefined ? '' : `class weights ${showPerClass(classWeights)}`,
    present === undefined ? '' : 'some maps missing',
    mask === undefined ? '' : 'masked',
    fromLogits === undefined ? '' : `from ${fromLogits} logits`,
    reduction === 'none' ? 'one loss per subset' : '',
    describeOwn(own),
  ]
  return parts.filter((part) => part !== '').join('; ')
}

function sizeOfPhi(phi: OverlapOptions['phi'], ignoreBackground: boolean, shape?: Shape): string {
  if (shape !== undefined) {
    const partition = phi instanceof Partition ? phi : Partition.of(phi)
    return String(partition.resolve('describe', shape, ignoreBackground ? 1 : 0).count)
  }
  const [all, foreground] = sizes[String(phi)] ?? ['given by the shape', 'given by the shape']
  return ignoreBackground ? foreground : all
}

/** An entropy loss: name, and what was given. */
export function describeEntropy(title: string, options: object): string {
  const { fromLogits, classWeights, mask, ...own } = options as Readonly<Record<string, unknown>>
  const parts = [
    fromLogits === undefined || fromLogits === false
      ? `${title} of probabilities`
      : `${title} from ${typeof fromLogits === 'string' ? `${fromLogits} ` : ''}logits`,
    classWeights === undefined ? '' : `class weights ${showPerClass(classWeights as PerClass)}`,
    mask === undefined ? '' : 'masked',
    describeOwn(own),
  ]
  return parts.filter((part) => part !== '').join('; ')
}

/** A loss that is not of this package. */
export function describeOther(title: string, options: object): string {
  const own = describeOwn(options)
  const name = title === '' ? 'a loss' : title
  return own === '' ? name : `${name}: ${own}`
}

function describeOwn(options: object): string {
  return Object.entries(options)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name} ${show(value)}`)
    .join(', ')
}

function show(value: unknown): string {
  if (value instanceof Tensor) return 'a tensor'
  if (typeof value === 'number') return showNumber(value)
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value)
}

/** ε in a few characters: one number, C numbers, or numerator / denominator. */
export function showEpsilon(epsilon: Epsilon): string {
  if (typeof epsilon === 'object' && 'numerator' in epsilon) {
    return `${showPerClass(epsilon.numerator)} above, ${showPerClass(epsilon.denominator)} below`
  }
  return showPerClass(epsilon)
}

function showPerClass(value: PerClass): string {
  return typeof value === 'number' ? showNumber(value) : `(${Array.from(value, showNumber).join(', ')})`
}

function showNumber(value: number): string {
  const rounded = Number(value.toPrecision(6))
  return rounded !== 0 && Math.abs(rounded) < 1e-3 ? rounded.toExponential() : String(rounded)
}
