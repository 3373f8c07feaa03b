/**
 * The main study as data: the BRATS experiment of Tilborghs, Bertels et al., MICCAI 2022 (Sect. 3, Table 1 and Fig. 2):
 * whole-tumour segmentation, fully labelled or with the labels of all LGG replaced by empty maps, under three losses.
 * Scales differ in size only. How a study is performed is in reproduce.ts.
 */
import { resolve } from 'node:path'
import type { BratsPhantomOptions } from '../data/phantom/brats.js'
import type { Labelling, LossName } from './config.js'
import type { RunPlan, StudyPlan } from './study.js'

interface Scale {
  readonly phantom: BratsPhantomOptions
  readonly run: Pick<RunPlan, 'batch' | 'steps' | 'folds' | 'network' | 'optimizer' | 'checkpointEvery'>
}

export const bratsScales = {
  /** 285 subjects of 20×20×12 voxels of 8 mm; 60.0k parameters; minutes on two cores. Shows the effect. */
  quick: {
    phantom: {},
    run: {
      batch: 2,
      steps: 600,
      folds: 5,
      network: {
        levels: [
          { down: [8], up: [8] },
          { down: [16, 16], up: [16, 8] },
          { down: [32, 16], up: [] },
        ],
      },
      optimizer: { learningRate: 3e-3, epsilon: 1e-7, decay: 0.25 },
      checkpointEvery: 50,
    },
  },
  /** Three steps on a dozen small subjects: whether an installation works, in seconds. Shows nothing of the effect. */
  smoke: {
    phantom: { subjects: { HGG: 7, LGG: 5 }, grid: [8, 8, 4] },
    run: {
      batch: 2,
      steps: 3,
      folds: 2,
      network: {
        levels: [
          { down: [2], up: [2] },
          { down: [2], up: [] },
        ],
      },
      optimizer: { learningRate: 3e-3, epsilon: 1e-7, decay: 0.25 },
      checkpointEvery: 1,
    },
  },
} as const satisfies Record<string, Scale>

export type BratsScale = keyof typeof bratsScales

const LOSSES: readonly (Pick<RunPlan, 'phi' | 'epsilon'> & { loss: LossName })[] = [
  { loss: 'I', phi: 'I', epsilon: 1e-7 },
  { loss: 'BI', phi: 'BI', epsilon: 1e-7 },
  { loss: 'I_eps', phi: 'I', epsilon: 'heuristic' },
]

const REPLACED_BY_EMPTY: Record<Labelling, string[]> = { full: [], partial: ['LGG'] }

export interface BratsStudyOptions {
  readonly scale: BratsScale
  /** Of the phantom cohort, or of the order of a real data set; networks and batches always have seed 0. */
  readonly seed: number
  readonly fold: number
  /** A folder in the layout of BraTS 2018; null: a phantom cohort. */
  readonly data: string | null
}

/**
 * The six runs {full, partial} × {I, BI, I_ε} on one fold.
 *
 * @example const plan = bratsStudy({ scale: 'quick', seed: 0, fold: 0, data: null })
 */
export function bratsStudy({ scale, seed, fold, data }: BratsStudyOptions): StudyPlan {
  const { phantom, run }: Scale = bratsScales[scale]
  const labellings: Labelling[] = ['full', 'partial']
  return {
    name: 'brats',
    // Run folders are runs/<name> in the study's folder, where the cohort is too.
    data: { layout: 'brats', folder: data === null ? '../../cohort' : resolve(data), orderSeed: seed },
    phantom: data === null ? { ...phantom, seed } : null,
    runs: labellings.flatMap((labelling) =>
      LOSSES.map((loss) => ({
        name: `${labelling}-${loss.loss}`,
        labelling,
        replacedByEmpty: REPLACED_BY_EMPTY[labelling],
        fold,
        seed: 0,
        ...run,
        ...loss,
      })),
    ),
  }
}

/** The command line that does the same again. */
export function bratsCommand({ scale, seed, fold, data }: BratsStudyOptions): string {
  const place = data === null ? '' : ` --data ${data}`
  return `phigrad reproduce --study brats --scale ${scale}${place} --seed ${seed} --fold ${fold}`
}
