/**
 * One subject of the BRATS-like phantom: a brain with ventricles and distractors, one glioma, four modalities. High-grade
 * gliomas (HGG) nearly always enhance in T1ce and low-grade ones (LGG) rarely do; these two rates set how well the groups
 * can be told apart. A stand-in for real data, made to show the effects of Φ and ε; no model of anatomy or of MR physics.
 *
 * Lengths are in mm, volumes in ml. U, N, F and s are the uniform, the normal, the random field and the logistic function.
 */
import type { Generator } from '../../tensor/random.js'
import type { BratsGroup, BratsModality } from '../brats.js'
import type { Grid, Triple } from './field.js'
import { clamp, ellipsoidRadius, logistic, randomField } from './field.js'

type Amounts = readonly [flair: number, t1: number, t1ce: number, t2: number]
type Range = readonly [low: number, high: number]
type Image = readonly [Float64Array, Float64Array, Float64Array, Float64Array]

const GRAY_MATTER: Amounts = [0.55, 0.5, 0.5, 0.55]
const WHITE_MATTER: Amounts = [0.45, 0.7, 0.7, 0.42]
const FLUID: Amounts = [0.15, 0.2, 0.2, 1]
const BRAIN_AXES: Triple = [70, 74, 44]
/** Width of soft edges. */
const SOFT = 3
const FLAIR_CONTRAST = 0.45
const ENHANCEMENT_CONTRAST = 2.4
const BIAS = 0.08
const TEXTURE = 0.03
const NOISE = 0.06
const MEAN_VOLUME: Record<BratsGroup, number> = { HGG: 95, LGG: 110 }
const VOLUME_VARIATION = 0.55
const VOLUME_RANGE: Range = [20, 260]
/** From this amplitude on, the rim is labelled as enhancing tumour. */
const VISIBLE_ENHANCEMENT = 0.2

export interface PhantomTruth {
  /** The volume that was drawn, in ml; voxels and a jittered boundary make the labelled one differ slightly. */
  readonly drawnVolumeMl: number
  readonly labelledVolumeMl: number
  readonly labelledVoxels: number
  /** Amplitude of the enhancement in T1ce, 0 where there is none. */
  readonly enhancement: number
}

export interface PhantomSubject {
  /** (X, Y, Z) each: mean 0 and standard deviation 1 inside the brain, 0 outside. */
  readonly modalities: Readonly<Record<BratsModality, Float32Array>>
  /** (X, Y, Z): 0, 1 necrotic or non-enhancing core, 2 oedema, 4 enhancing tumour. */
  readonly segmentation: Uint8Array
  readonly truth: PhantomTruth
}

interface Tumour {
  /** 0 at the centre, 1 at the boundary. */
  readonly psi: Float64Array
  /** Radius along which psi goes from 0 to 1. */
  readonly radius: number
  readonly volume: number
}

interface Core {
  /** s of the core's boundary and of that of its inner part, per voxel. */
  readonly outer: Float64Array
  readonly inner: Float64Array
}

const between = (random: Generator, low: number, high: number): number => low + (high - low) * random.uniform()

const normalTriple = (random: Generator): [number, number, number] => [
  random.normal(),
  random.normal(),
  random.normal(),
]

/** Poisson by products of uniforms (Knuth, The Art of Computer Programming 2, 3.4.1). */
function poisson(random: Generator, mean: number): number {
  const limit = Math.exp(-mean)
  let count = 0
  for (let product = random.uniform(); product > limit; product *= random.uniform()) count++
  return count
}

/** image += weight × amounts. */
function add(image: Image, weight: Float64Array, amounts: Amounts): void {
  for (const [m, channel] of image.entries()) {
    const amount = amounts[m] ?? 0
    if (amount === 0) continue
    for (let i = 0; i < channel.length; i++) channel[i] = (channel[i] ?? 0) + (weight[i] ?? 0) * amount
  }
}

/** image = (1 − weight) × image + weight × amounts. */
function blend(image: Image, weight: Float64Array, amounts: Amounts): void {
  for (const [m, channel] of image.entries()) {
    const amount = amounts[m] ?? 0
    for (let i = 0; i < channel.length; i++) {
      const value = channel[i] ?? 0
      channel[i] = value + (weight[i] ?? 0) * (amount - value)
    }
  }
}

const scaled = (amounts: Amounts, factor: number): Amounts => [
  amounts[0] * factor,
  amounts[1] * factor,
  amounts[2] * factor,
  amounts[3] * factor,
]

/** s((1 − d) r / 3 mm): 1 inside the ellipsoid d = 1 of radius r, 0 outside. */
const softInside = (d: Float64Array, radius: number): Float64Array =>
  d.map((value) => logistic(((1 - value) * radius) / SOFT))

/** Gray and white matter by a random field and the distance to the cortex, and two lateral ventricles. */
function anatomy(grid: Grid, random: Generator, brainRadius: Float64Array): Image {
  const field = randomField(grid, random, 45)
  const gray = field.map((value, i) => logistic(3 * value + 4 * ((brainRadius[i] ?? 0) - 0.75)))
  const tissue = (m: 0 | 1 | 2 | 3): Float64Array =>
    gray.map((fraction) => fraction * GRAY_MATTER[m] + (1 - fraction) * WHITE_MATTER[m])
  const image: Image = [tissue(0), tissue(1), tissue(2), tissue(3)]
  for (const side of [-1, 1]) {
    const [nx, ny, nz] = normalTriple(random)
    const size = between(random, 0.7, 1.3)
    const centre: Triple = [side * 12 + 2 * nx, 2 * ny, 4 + 2 * nz]
    const distance = ellipsoidRadius(grid, centre, [7 * size, 22 * size, 10 * size])
    blend(image, softInside(distance, 7 * size), FLUID)
  }
  return image
}

/** A soft ball at a random place, at `depth` times the brain's semi-axes in a random direction. */
function ball(grid: Grid, random: Generator, axes: Triple, depth: Range, radii: Range): Float64Array {
  const u = normalTriple(random)
  const length = Math.hypot(...u)
  const d = between(random, ...depth)
  const r = between(random, ...radii)
  const centre: Triple = [(u[0] / length) * axes[0] * d, (u[1] / length) * axes[1] * d, (u[2] / length) * axes[2] * d]
  return softInside(ellipsoidRadius(grid, centre, [r, r, r]), r)
}

/** What looks like tumour and is none: white-matter lesions, bright in FLAIR and T2, and vessels, bright in T1ce. */
function addDistractors(image: Image, grid: Grid, random: Generator, axes: Triple): void {
  for (let lesions = poisson(random, 1); lesions > 0; lesions--) {
    const weight = ball(grid, random, axes, [0.3, 0.7], [5, 9])
    add(image, weight, scaled([0.9, -0.3, -0.3, 0.6], FLAIR_CONTRAST * between(random, 0.5, 1)))
  }
  for (let vessels = poisson(random, 1); vessels > 0; vessels--) {
    const weight = ball(grid, random, axes, [0.75, 0.95], [4, 8])
    add(image, weight, [0, 0, between(random, 0.2, 0.5), 0])
  }
}

/** Log-normal of the group's mean and coefficient of variation .55, clipped to 20 … 260 ml. */
function drawVolume(random: Generator, group: BratsGroup): number {
  const variance = Math.log(1 + VOLUME_VARIATION ** 2)
  const exponent = Math.log(MEAN_VOLUME[group]) - variance / 2 + Math.sqrt(variance) * random.normal()
  return clamp(Math.exp(exponent), ...VOLUME_RANGE)
}

/** A place where most of an ellipsoid of radii r·q lies inside the brain; r shrinks slowly until there is one. */
function placeCentre(
  random: Generator,
  axes: Triple,
  startRadius: number,
  q: Triple,
): { centre: Triple; radius: number } {
  for (let radius = startRadius; ; radius *= 0.995) {
    const u: Triple = [between(random, -1, 1), between(random, -1, 1), between(random, -1, 1)]
    const reach = ([0, 1, 2] as const).map((i) => (Math.abs(u[i] * axes[i]) + 0.55 * radius * q[i]) / axes[i])
    if (Math.hypot(...u) <= 1 && Math.hypot(...reach) <= 1.05) {
      return { centre: [u[0] * axes[0], u[1] * axes[1], u[2] * axes[2]], radius }
    }
  }
}

/** psi = |(x − c)/q| / r · (1 + .12 clip(F(35), ±2)), scaled such that the brain holds the drawn volume where psi ≤ 1. */
function growTumour(grid: Grid, random: Generator, group: BratsGroup, axes: Triple, brain: Uint8Array): Tumour {
  const volume = drawVolume(random, group)
  const startRadius = Math.cbrt((3 * volume * 1000) / (4 * Math.PI))
  const stretch = normalTriple(random).map((value) => Math.exp(0.15 * value))
  const [q0 = 1, q1 = 1, q2 = 1] = stretch
  const root = Math.cbrt(q0 * q1 * q2)
  const q: Triple = [q0 / root, q1 / root, q2 / root]
  const { centre, radius } = placeCentre(random, axes, startRadius, q)
  const distance = ellipsoidRadius(grid, centre, [q[0] * radius, q[1] * radius, q[2] * radius])
  const jitter = randomField(grid, random, 35)
  const psi = distance.map((value, i) => value * (1 + 0.12 * clamp(jitter[i] ?? 0, -2, 2)))
  const inBrain = psi.filter((_, i) => brain[i] === 1).sort()
  const voxelVolume = (grid.spacing[0] * grid.spacing[1] * grid.spacing[2]) / 1000
  const rank = Math.min(Math.floor(volume / voxelVolume), inBrain.length - 1)
  const quantile = inBrain[rank] ?? 1
  return { psi: psi.map((value) => value / quantile), radius: radius * quantile, volume }
}

/** HGG: U(.4, 1), with probability .06 U(0, .08); LGG: 0, with probability .12 U(.2, .6). */
function drawEnhancement(random: Generator, group: BratsGroup): number {
  if (group === 'HGG') return random.uniform() < 0.06 ? between(random, 0, 0.08) : between(random, 0.4, 1)
  return random.uniform() < 0.12 ? between(random, 0.2, 0.6) : 0
}

/** The core is psi ≤ κ, κ ~ U(.6, .85); its inner part lies U(8, 12) mm deeper; the rim between them enhances. */
function drawCore(random: Generator, { psi, radius }: Tumour): Core {
  const kappa = between(random, 0.6, 0.85)
  const width = between(random, 8, 12)
  return {
    outer: psi.map((value) => logistic(((kappa - value) * radius) / SOFT)),
    inner: psi.map((value) => logistic(((kappa - value) * radius - width) / SOFT)),
  }
}

/** Oedema over the whole tumour, an enhancing rim, and necrosis within it in HGG. */
function addTumour(image: Image, random: Generator, group: BratsGroup, tumour: Tumour, enhancement: number) {
  const contrast = FLAIR_CONTRAST * between(random, 0.8, 1.2)
  add(image, softInside(tumour.psi, tumour.radius), scaled([1, -0.5, -0.5, 0.9], contrast))
  if (group === 'LGG' && enhancement === 0) return undefined
  const core = drawCore(random, tumour)
  const rim = core.outer.map((value, i) => clamp(value - (core.inner[i] ?? 0), 0, 1))
  add(image, rim, [0, 0, ENHANCEMENT_CONTRAST * enhancement, 0])
  if (group === 'HGG') add(image, core.inner, scaled([-0.6, -0.3, -0.3, 0.3], contrast))
  return core
}

/** I · exp(.08 (.6 F(120) + .8 F'(120))) + .03 F(25) + .06 N, then z-scored inside the brain and 0 outside. */
function acquire(image: Image, grid: Grid, random: Generator, brain: Uint8Array): PhantomSubject['modalities'] {
  const shared = randomField(grid, random, 120)
  const modality = (channel: Float64Array): Float32Array => {
    const own = randomField(grid, random, 120)
    const texture = randomField(grid, random, 25)
    const values = channel.map((value, i) => {
      const bias = Math.exp(BIAS * (0.6 * (shared[i] ?? 0) + 0.8 * (own[i] ?? 0)))
      return value * bias + TEXTURE * (texture[i] ?? 0) + NOISE * random.normal()
    })
    const inside = values.filter((_, i) => brain[i] === 1)
    const mean = inside.reduce((sum, value) => sum + value, 0) / inside.length
    const deviation = Math.sqrt(inside.reduce((sum, value) => sum + (value - mean) ** 2, 0) / inside.length)
    return Float32Array.from(values, (value, i) => (brain[i] === 1 ? (value - mean) / deviation : 0))
  }
  return { flair: modality(image[0]), t1: modality(image[1]), t1ce: modality(image[2]), t2: modality(image[3]) }
}

/** Tumour where psi · (1 + .04 clip(F(18), ±2)) ≤ 1 in the brain; 4 in a visible rim, 1 in the rest of the core, else 2. */
function annotate(
  grid: Grid,
  random: Generator,
  brain: Uint8Array,
  psi: Float64Array,
  core: Core | undefined,
  visible: boolean,
) {
  const jitter = randomField(grid, random, 18)
  return brain.map((inside, i) => {
    if (inside === 0 || (psi[i] ?? 0) * (1 + 0.04 * clamp(jitter[i] ?? 0, -2, 2)) > 1) return 0
    if (core === undefined || (core.outer[i] ?? 0) <= 0.5) return 2
    return visible && (core.inner[i] ?? 0) <= 0.5 ? 4 : 1
  })
}

/**
 * Draws one subject of a group on a grid, from a stream of random numbers of its own.
 *
 * @example const subject = bratsSubject(makeGrid([20, 20, 12], [160, 160, 96]), new Generator(0, 1), 'HGG')
 */
export function bratsSubject(grid: Grid, random: Generator, group: BratsGroup): PhantomSubject {
  const size = (): number => between(random, 0.94, 1.04)
  const axes: Triple = [BRAIN_AXES[0] * size(), BRAIN_AXES[1] * size(), BRAIN_AXES[2] * size()]
  const brainRadius = ellipsoidRadius(grid, [0, 0, 0], axes)
  const brain = Uint8Array.from(brainRadius, (value) => (value <= 1 ? 1 : 0))
  const image = anatomy(grid, random, brainRadius)
  addDistractors(image, grid, random, axes)
  const tumour = growTumour(grid, random, group, axes, brain)
  const enhancement = drawEnhancement(random, group)
  const core = addTumour(image, random, group, tumour, enhancement)
  const modalities = acquire(image, grid, random, brain)
  const segmentation = annotate(grid, random, brain, tumour.psi, core, enhancement >= VISIBLE_ENHANCEMENT)
  const labelledVoxels = segmentation.reduce((count, value) => count + (value > 0 ? 1 : 0), 0)
  const voxelVolume = (grid.spacing[0] * grid.spacing[1] * grid.spacing[2]) / 1000
  const truth = {
    drawnVolumeMl: tumour.volume,
    labelledVolumeMl: labelledVoxels * voxelVolume,
    labelledVoxels,
    enhancement,
  }
  return { modalities, segmentation, truth }
}
