/**
 * What Φ decides. Two images of four voxels; the second has an empty label map, and the network sees something in both.
 *
 *     npx tsx examples/phi-in-ten-lines.ts
 */
import { scope, tensor } from 'phigrad'
import { diceGradient, diceLoss, heuristicEpsilon } from 'phigrad/losses'

scope(() => {
  const prediction = tensor([0.9, 0.6, 0.1, 0.1, 0.4, 0.3, 0.2, 0.1], { shape: [2, 4, 1], dtype: 'float64' }) // (B, I, C)
  const target = tensor([1, 1, 0, 0, 0, 0, 0, 0], { shape: [2, 4, 1], dtype: 'float64' })
  const [mean = 0] = heuristicEpsilon(target)
  for (const [phi, epsilon] of [
    ['I', 1e-7],
    ['BI', 1e-7],
    ['I', mean],
  ] as const) {
    const loss = diceLoss(prediction, target, { phi, epsilon })
    const onEmptyMap = diceGradient(prediction, target, { phi, epsilon }).slice([1, 0]).item()
    console.log(
      `Φ = ${phi.padEnd(2)}  ε = ${String(epsilon).padEnd(5)}  loss ${loss.item().toFixed(3)}  gradient on the empty map ${onEmptyMap.toExponential(1)}`,
    )
  }
})

console.log(`
With Φ = I and a small ε the empty map pushes nothing down: to the network it is a missing label.
With Φ = BI, or with ε of the labels' mean volume, it does: the network learns that nothing is there.`)
