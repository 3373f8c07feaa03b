/** phigrad/optim: optimizers and learning-rate schedules. */
import '../ops/methods.js'

export { Optimizer, type Parameters } from './optimizer.js'
export { SGD, type SGDOptions } from './sgd.js'
export { Adam, type AdamOptions } from './adam.js'
export { AdamW, type AdamWOptions } from './adam-w.js'
export {
  ReduceOnPlateau,
  constant,
  cosineDecay,
  linearDecay,
  type CosineDecayOptions,
  type LinearDecayOptions,
  type ReduceOnPlateauOptions,
  type Schedule,
} from './schedule.js'
export { clipGradientNorm } from './clip.js'
