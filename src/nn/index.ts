/** phigrad/nn: modules, layers, initialisers, the No New-Net, checkpoints. */
import '../ops/methods.js'

export { Module } from './module.js'
export { parameter, buffer } from './parameter.js'
export { heNormal, glorotNormal, glorotUniform, allZeros, allOnes, type Fans, type Initializer } from './initialize.js'
export { Conv3d, ConvTranspose3d, type Conv3dLayerOptions, type ConvTranspose3dLayerOptions } from './conv.js'
export { Norm, InstanceNorm, BatchNorm, type NormLayerOptions, type BatchNormOptions } from './norm.js'
export { LeakyReLU, PReLU, NormActivation, type PReLUOptions } from './activation.js'
export { MaxPool3d } from './pooling.js'
export { NoNewNet, noNewNet, phantomNet, type LevelOptions, type NoNewNetOptions } from './no-new-net.js'
export { encodeSafetensors, decodeSafetensors, type Checkpoint } from './safetensors.js'
