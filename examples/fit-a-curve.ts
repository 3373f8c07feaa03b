/**
 * Fits y = a·exp(−k·t) + c to noisy measurements by gradient descent on the squared error.
 *
 *     npx tsx examples/fit-a-curve.ts
 */
import { arange, Generator, randn, scope, tensor } from 'phigrad'
import { Adam } from 'phigrad/optim'

// 64 measurements of a decay with a = 2, k = 0.7 and c = 0.5, and normal noise of standard deviation 0.02.
const t = arange(0, 64).mul(0.1)
const noise = randn([64], { generator: new Generator(1) }).mul(0.02)
const y = t.mul(-0.7).exp().mul(2).add(0.5).add(noise)

// What is unknown begins at 1, 1 and 0.
const a = tensor(1, { requiresGrad: true })
const k = tensor(1, { requiresGrad: true })
const c = tensor(0, { requiresGrad: true })
const optimizer = new Adam([a, k, c], { lr: 0.02 })

for (let step = 0; step <= 600; step++) {
  // A scope gives the memory of everything inside back; a number is all that leaves it.
  const error = scope(() => {
    const fitted = a.mul(k.neg().mul(t).exp()).add(c)
    const loss = fitted.sub(y).pow(2).mean()
    loss.backward()
    return loss.item()
  })
  if (step % 150 === 0) console.log(`step ${String(step).padStart(3)}   mean squared error ${error.toFixed(5)}`)
  optimizer.step()
  optimizer.zeroGrad()
}

console.log(`y = ${a.item().toFixed(2)} · exp(−${k.item().toFixed(2)} t) + ${c.item().toFixed(2)}`)
