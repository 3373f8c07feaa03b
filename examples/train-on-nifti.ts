/**
 * Trains a network on your own volumes: a folder with `NAME_image.nii.gz` and `NAME_label.nii.gz` for each subject, all of one
 * size. Writes `NAME_prediction.nii.gz` beside them and the network as `model.safetensors`.
 *
 *     npx tsx examples/train-on-nifti.ts FOLDER [STEPS]
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Generator, noGrad, scope, tensor } from 'phigrad'
import { type Case, Loader, readNifti, voxelVolumeMl, writeFileWhole, writeNifti } from 'phigrad/data'
import { diceLoss, heuristicEpsilon } from 'phigrad/losses'
import { diceSimilarity } from 'phigrad/metrics'
import { encodeSafetensors, NoNewNet } from 'phigrad/nn'
import { Adam, linearDecay } from 'phigrad/optim'

const [folder, stepsGiven = '200'] = process.argv.slice(2)
if (folder === undefined) throw new Error('say which folder: npx tsx examples/train-on-nifti.ts FOLDER [STEPS]')
const steps = Number(stepsGiven)

const names = readdirSync(folder).flatMap((file) => /^(.+)_image\.nii\.gz$/.exec(file)?.[1] ?? [])
const cases = names.map((id): Case => {
  const { shape, channels, data, affine, spacing } = readNifti(join(folder, `${id}_image.nii.gz`))
  const label = Uint8Array.from(readNifti(join(folder, `${id}_label.nii.gz`)).data, (value) => (value > 0 ? 1 : 0))
  const grid = { shape, affine, spacing, voxelVolumeMl: voxelVolumeMl(affine) }
  return { id, group: '', ...grid, channels, classes: 1, image: standardized(data), label, annotated: [true] }
})
const [first] = cases
if (first === undefined) throw new Error(`no NAME_image.nii.gz in ${folder}`)
console.log(`${cases.length} subjects of ${first.shape.join(' × ')} voxels, ${first.channels} channel(s)`)

// Some of the labels may be empty: with ε of the mean label volume, the network learns to predict nothing there.
const epsilon = heuristicEpsilon(cases.map(({ label }) => ({ labels: label, classes: 1 })))
const levels = [
  { down: [8], up: [8] },
  { down: [16, 8], up: [] },
]
const network = new NoNewNet({ inChannels: first.channels, levels, generator: new Generator(0) })
const optimizer = new Adam(network.namedParameters(), { lr: linearDecay({ lr: 1e-2, steps }) })
const loader = new Loader(cases, { batchSize: 2, seed: 0 })

for (let step = 0; step < steps; step++) {
  const { image, label, shape, batchSize, channels } = loader.batch(step)
  const loss = scope(() => {
    const logits = network.logits(tensor(image, { shape: [batchSize, ...shape, channels] }))
    const target = tensor(label, { shape: [batchSize, ...shape, 1] })
    const loss = diceLoss(logits, target, { phi: 'I', epsilon, fromLogits: 'sigmoid' })
    loss.backward()
    return loss.item()
  })
  optimizer.step()
  optimizer.zeroGrad()
  if (step % Math.ceil(steps / 5) === 0) console.log(`step ${String(step).padStart(4)}   Dice loss ${loss.toFixed(3)}`)
}

for (const { id, image, label, shape, channels, affine } of cases) {
  const input = { shape: [1, ...shape, channels] }
  const probabilities = scope(() => noGrad(() => network.call(tensor(image, input)).data()))
  const prediction = Uint8Array.from(probabilities, (p) => (p > 0.5 ? 1 : 0))
  writeNifti(join(folder, `${id}_prediction.nii.gz`), { shape, data: prediction, affine })
  // Nothing there and nothing found counts as 1 here.
  const dice = diceSimilarity(prediction, label, { bothEmpty: 'one' })
  console.log(`${id}   Dice similarity ${dice.toFixed(3)}`)
}
writeFileWhole(join(folder, 'model.safetensors'), encodeSafetensors(network.stateDict()))

/** Mean 0 and standard deviation 1 over the volume. */
function standardized(values: ArrayLike<number>): Float32Array {
  const image = Float32Array.from(values)
  const mean = image.reduce((sum, v) => sum + v, 0) / image.length
  const deviation = Math.sqrt(image.reduce((sum, v) => sum + (v - mean) ** 2, 0) / image.length)
  return image.map((v) => (v - mean) / (deviation || 1))
}
