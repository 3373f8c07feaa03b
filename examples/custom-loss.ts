/**
 * A loss of your own under our checks: log-cosh Dice (Jadon, "A survey of loss functions for semantic segmentation", CIBCB 2020),
 * log(cosh(DL)). It inherits from Dice what Φ decides, so Φ and ε stay options without a default.
 *
 *     npx tsx examples/custom-loss.ts
 */
import { Generator, grad, gradcheck, gradgradcheck, scope, type Tensor, uniform } from 'phigrad'
import { diceLoss, type OverlapOptions } from 'phigrad/losses'

/** log((e^x + e^−x)/2) of the Dice loss x. */
function logCoshDiceLoss(prediction: Tensor, target: Tensor, options: OverlapOptions): Tensor {
  const x = diceLoss(prediction, target, options)
  return x.exp().add(x.neg().exp()).div(2).log()
}

scope(() => {
  // Two images of 3 × 3 × 2 voxels with two classes: (B, X, Y, Z, C).
  const shape = [2, 3, 3, 2, 2]
  const prediction = uniform(shape, { dtype: 'float64', generator: new Generator(1) })
  const target = uniform(shape, { dtype: 'float64', generator: new Generator(2) })
    .greater(0.7)
    .cast('float64')

  for (const phi of ['I', 'CI', 'BI', 'BCI'] as const) {
    const loss = (p: Tensor): Tensor => logCoshDiceLoss(p, target, { phi, epsilon: 1 })
    gradcheck(loss, [prediction])
    gradgradcheck(loss, [prediction])

    // The chain rule, by hand: d log cosh(DL) / dp = tanh(DL) · dDL/dp.
    const dice = diceLoss(prediction, target, { phi, epsilon: 1 }).item()
    const ofDice = grad((p: Tensor) => diceLoss(p, target, { phi, epsilon: 1 }))(prediction)
    const difference = grad(loss)(prediction).sub(ofDice.mul(Math.tanh(dice)))
    const largest = Math.max(...difference.data().map(Math.abs))
    console.log(
      `Φ = ${phi.padEnd(3)}  loss ${loss(prediction).item().toFixed(4)}  both derivatives agree with finite differences`,
    )
    if (largest > 1e-15) throw new Error(`the chain rule is off by ${largest}`)
  }
})
