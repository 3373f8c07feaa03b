/**
 * An op of your own: the entropy of a binary probability, H(p) = −p·log p − (1 − p)·log(1 − p), with 0·log 0 = 0.
 * Composed of public ops it would be NaN at p = 0 and p = 1; as an op it says itself what happens there.
 *
 *     npx tsx examples/custom-op.ts
 */
import { customOp, grad, gradcheck, gradgradcheck, NumericalError, scope, tensor, type Tensor } from 'phigrad'

const SMALLEST = 1e-300

const entropyOp = customOp({
  name: 'entropy',
  // Values in, value out. Nothing in here is recorded.
  forward: ([p]: readonly [Tensor]) => {
    const q = p.neg().add(1)
    return p
      .mul(p.maximum(SMALLEST).log())
      .add(q.mul(q.maximum(SMALLEST).log()))
      .neg()
  },
  // dH/dp = log((1 − p)/p), in public ops: so it can be differentiated again.
  vjp: (g, { inputs: [p] }) => [() => g.mul(p.neg().add(1).div(p).log())],
})

/** H(p), elementwise, in nats. */
function entropy(p: Tensor): Tensor {
  return entropyOp([p])
}

scope(() => {
  const p = tensor([0, 0.1, 0.5, 0.8, 1], { dtype: 'float64' })
  console.log('p      ', row(p))
  console.log('H(p)   ', row(entropy(p)))

  const inside = tensor([0.1, 0.5, 0.8], { dtype: 'float64' })
  console.log('dH/dp  ', row(grad((x: Tensor) => entropy(x).sum())(inside)), ' at 0.1, 0.5 and 0.8')

  // Both derivatives against finite differences; either throws where it is wrong.
  gradcheck(entropy, [inside])
  gradgradcheck(entropy, [inside])
  console.log('first and second derivative agree with finite differences')

  const wrong = customOp({
    name: 'wrong',
    forward: ([x]: readonly [Tensor]) => x.mul(x),
    vjp: (g, { inputs: [x] }) => [() => g.mul(x)], // the 2 is missing
  })
  try {
    gradcheck((x: Tensor) => wrong([x]), [inside])
  } catch (error) {
    if (!(error instanceof NumericalError)) throw error
    console.log(`a wrong one does not: ${error.message}`)
  }
})

function row(x: Tensor): string {
  return Array.from(x.data(), (value) => value.toFixed(3).padStart(7)).join('')
}
