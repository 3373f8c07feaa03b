/**
 * The folder layout of BraTS 2018: {HGG,LGG}/<case>/<case>_{flair,t1,t1ce,t2,seg}.nii.gz (or .nii).
 * Volumes keep their grid: no resampling and no cropping here.
 * Source: Menze et al., "The multimodal brain tumor image segmentation benchmark (BRATS)", IEEE TMI 34, 2015.
 */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { DataError, ShapeError } from '../tensor/errors.js'
import { sizeOf } from '../tensor/shape.js'
import type { Case } from './case.js'
import { checkCase, voxelVolumeMl } from './case.js'
import { describeCause, makeFolder } from './files.js'
import type { Volume } from './nifti.js'
import { readNifti, writeNifti } from './nifti.js'

export const bratsGroups = ['HGG', 'LGG'] as const
export type BratsGroup = (typeof bratsGroups)[number]

/** The channels of an image, in this order. */
export const bratsModalities = ['flair', 't1', 't1ce', 't2'] as const
export type BratsModality = (typeof bratsModalities)[number]

/** Label values: 1 necrotic and non-enhancing core, 2 oedema, 4 enhancing tumour; the union is the whole tumour. */
export const bratsRegions = { whole: [1, 2, 4], core: [1, 4], enhancing: [4] } as const
export type BratsRegion = keyof typeof bratsRegions

const LABEL_VALUES = [0, 1, 2, 4]
/** Headers hold affines as float32: positions of one grid may differ by rounding, in mm. */
const AFFINE_TOLERANCE = 1e-3

export interface BratsEntry {
  readonly id: string
  readonly group: BratsGroup
  /** The case's folder. */
  readonly folder: string
}

export interface BratsReadOptions {
  /** Each channel to mean 0 and standard deviation 1 over its non-zero voxels, zeros kept; by default true. */
  readonly normalize?: boolean
  /** The classes, in this order; by default the whole tumour alone. */
  readonly regions?: readonly BratsRegion[]
}

export interface BratsVolumes {
  readonly shape: readonly [number, number, number]
  readonly affine: Float64Array
  /** (X, Y, Z) each. */
  readonly modalities: Readonly<Record<BratsModality, Float32Array>>
  /** (X, Y, Z) of 0, 1, 2 and 4. */
  readonly segmentation: Uint8Array
}

function subfolders(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true })
    return entries
      .filter((entry) => !entry.isFile() && !entry.name.startsWith('.'))
      .map((entry) => entry.name)
      .sort((a, b) => (a < b ? -1 : 1))
  } catch (error) {
    throw new DataError(folder, 'a folder of cases', describeCause(error), { cause: error })
  }
}

/**
 * The cases of a data set, HGG before LGG, each group by name: the order does not depend on the file system.
 *
 * Throws DataError naming the folder where it is missing, or where neither HGG/ nor LGG/ holds a case.
 *
 * @example const cases = listBrats('data/MICCAI_BraTS_2018').map((entry) => readBratsCase(entry))
 */
export function listBrats(root: string): BratsEntry[] {
  const present = subfolders(root)
  const entries = bratsGroups
    .filter((group) => present.includes(group))
    .flatMap((group) => subfolders(join(root, group)).map((id) => ({ id, group, folder: join(root, group, id) })))
  if (entries.length === 0) {
    const found = present.length === 0 ? 'no folders' : `folders ${present.slice(0, 5).join(', ')}`
    throw new DataError(root, 'cases in HGG/<case>/ or LGG/<case>/, as in BraTS 2018', found)
  }
  return entries
}

function fileOf(entry: Pick<BratsEntry, 'id' | 'folder'>, suffix: string): string {
  const plain = join(entry.folder, `${entry.id}_${suffix}.nii`)
  return existsSync(plain) && !existsSync(`${plain}.gz`) ? plain : `${plain}.gz`
}

/** Checks that a volume has one channel and lies on the grid of the case's first. */
function checkGrid(path: string, volume: Volume, first: Volume, firstPath: string): void {
  if (volume.channels !== 1) throw new DataError(path, 'one value per voxel', `${volume.channels} in dim[4] or dim[5]`)
  if (volume.shape.some((size, axis) => size !== first.shape[axis])) {
    throw new DataError(path, `dim ${first.shape.join('×')} as in ${firstPath}`, volume.shape.join('×'))
  }
  const apart = Math.max(...volume.affine.map((value, i) => Math.abs(value - (first.affine[i] ?? 0))))
  if (apart > AFFINE_TOLERANCE) {
    throw new DataError(path, `the affine of ${firstPath}`, `one that differs by ${apart} mm`)
  }
}

/** z = (v − mean) / sd over non-zero voxels, written to one channel of (X, Y, Z, C); zeros stay zero. */
function fillChannel(image: Float32Array, channel: number, volume: Volume, normalize: boolean): void {
  const stride = bratsModalities.length
  let count = 0
  let sum = 0
  for (const value of volume.data) {
    sum += value
    if (value !== 0) count++
  }
  const mean = normalize && count > 0 ? sum / count : 0
  let square = 0
  for (const value of volume.data) if (value !== 0) square += (value - mean) ** 2
  // A constant channel has no spread to divide by: it is centred and left.
  const deviation = normalize && square > 0 ? Math.sqrt(square / count) : 1
  volume.data.forEach((value: number, voxel: number) => {
    image[voxel * stride + channel] = value === 0 ? 0 : (value - mean) / deviation
  })
}

function readLabel(path: string, volume: Volume, regions: readonly BratsRegion[]): Uint8Array {
  const K = regions.length
  const sets = regions.map((region): readonly number[] => bratsRegions[region])
  const label = new Uint8Array(volume.data.length * K)
  volume.data.forEach((value: number, voxel: number) => {
    if (!LABEL_VALUES.includes(value)) throw new DataError(path, 'label values 0, 1, 2 and 4', String(value))
    for (const [k, values] of sets.entries()) label[voxel * K + k] = values.includes(value) ? 1 : 0
  })
  return label
}

/** The binary maps of one case, and where they lie. */
export interface BratsLabels {
  /** (X, Y, Z, K) in C order. */
  readonly label: Uint8Array
  readonly affine: Float64Array
}

/**
 * The label maps of one case alone, one per region; undefined where the segmentation is not there: nobody annotated the case.
 * Throws DataError naming the file, as readBratsCase does.
 */
export function readBratsLabels(
  entry: Pick<BratsEntry, 'id' | 'folder'>,
  regions: readonly BratsRegion[],
): BratsLabels | undefined {
  const path = fileOf(entry, 'seg')
  if (!existsSync(path)) return undefined
  const volume = readNifti(path)
  if (volume.channels !== 1) throw new DataError(path, 'one value per voxel', `${volume.channels} in dim[4] or dim[5]`)
  return { label: readLabel(path, volume, regions), affine: volume.affine }
}

/**
 * Reads one case: the image (X, Y, Z, 4) of FLAIR, T1, T1ce and T2, and one binary map per region (X, Y, Z, K).
 * Every region counts as annotated.
 *
 * Throws DataError naming the file: missing or broken (see readNifti), a shape or affine that differs from FLAIR's,
 * a label value that is not 0, 1, 2 or 4, a voxel that is not finite.
 *
 * @example const { image, label } = readBratsCase(entry, { regions: ['whole', 'core', 'enhancing'] })
 */
export function readBratsCase(entry: BratsEntry, options: BratsReadOptions = {}): Case {
  const { normalize = true, regions = ['whole'] } = options
  const firstPath = fileOf(entry, bratsModalities[0])
  const first = readNifti(firstPath)
  const channels = bratsModalities.length
  const image = new Float32Array(sizeOf(first.shape) * channels)
  for (const [channel, modality] of bratsModalities.entries()) {
    const path = fileOf(entry, modality)
    const volume = channel === 0 ? first : readNifti(path)
    checkGrid(path, volume, first, firstPath)
    fillChannel(image, channel, volume, normalize)
  }
  const path = fileOf(entry, 'seg')
  const segmentation = readNifti(path)
  checkGrid(path, segmentation, first, firstPath)
  const { shape, affine, spacing } = first
  return checkCase({
    ...{ id: entry.id, group: entry.group, shape, affine, spacing, image, channels },
    classes: regions.length,
    label: readLabel(path, segmentation, regions),
    annotated: regions.map(() => true),
    voxelVolumeMl: voxelVolumeMl(affine),
  })
}

/**
 * Writes one case in the layout: float32 modalities and a uint8 segmentation, gzipped, each file whole.
 *
 * Throws ShapeError where an array does not fit the shape, DataError naming the file where it cannot be written.
 *
 * @example writeBratsCase('phantom', { id: 'case_1', group: 'HGG' }, { shape, affine, modalities, segmentation })
 */
export function writeBratsCase(root: string, { id, group }: Pick<BratsEntry, 'id' | 'group'>, volumes: BratsVolumes) {
  const { shape, affine, modalities, segmentation } = volumes
  const lengths = [segmentation, ...bratsModalities.map((name) => modalities[name])].map((array) => array.length)
  if (lengths.some((length) => length !== sizeOf(shape))) {
    throw new ShapeError(`case ${id}`, `arrays of ${shape.join('×')} voxels`, lengths.join(', '))
  }
  const folder = join(root, group, id)
  makeFolder(folder)
  for (const name of bratsModalities) {
    writeNifti(join(folder, `${id}_${name}.nii.gz`), { shape, affine, data: modalities[name] }, { dtype: 'float32' })
  }
  writeNifti(join(folder, `${id}_seg.nii.gz`), { shape, affine, data: segmentation }, { dtype: 'uint8' })
}
