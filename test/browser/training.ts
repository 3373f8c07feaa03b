/** A small training that runs anywhere: what it gives in Node and in a browser must be the same. */
import { Generator, randn, scope } from 'phigrad'
import { diceLoss } from 'phigrad/losses'
import { NoNewNet } from 'phigrad/nn'
import { SGD } from 'phigrad/optim'

export interface Course {
  /** The loss before each step. */
  readonly losses: readonly number[]
  /** The derivatives of the last loss, by the name of the parameter. */
  readonly gradients: Readonly<Record<string, readonly number[]>>
}

const STEPS = 4

/** Trains a two-level No New-Net for four steps on (2, 8, 8, 4, 2) noise to find where the noise is positive. */
export function train(dtype: 'float32' | 'float64'): Course {
  const levels = [
    { down: [4], up: [4] },
    { down: [8, 4], up: [] },
  ]
  using network = new NoNewNet({ inChannels: 2, levels, generator: new Generator(1), dtype })
  using optimizer = new SGD(network.namedParameters(), { lr: 0.5, momentum: 0.9 })
  return scope(() => {
    const image = randn([2, 8, 8, 4, 2], { dtype, generator: new Generator(2) })
    const label = image
      .slice([null, null, null, null, [0, 1]])
      .greater(0)
      .cast(dtype)
    const losses: number[] = []
    let gradients: Course['gradients'] = {}
    for (let step = 0; step < STEPS; step++) {
      const loss = diceLoss(network.call(image), label, { phi: 'I', epsilon: 1 })
      loss.backward()
      losses.push(loss.item())
      gradients = Object.fromEntries(
        [...network.namedParameters()].map(([name, p]) => [name, [...(p.grad?.data() ?? [])]]),
      )
      optimizer.step()
      optimizer.zeroGrad()
    }
    return { losses, gradients }
  })
}
