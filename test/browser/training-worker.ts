/** What the worker runs: prints both courses as JSON. */
import { train } from './training.js'

console.log(JSON.stringify({ float32: train('float32'), float64: train('float64') }))
