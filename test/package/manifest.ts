/** What package.json says of version and entries. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { root } from '../build.js'

const manifestSchema = z.object({ version: z.string(), exports: z.record(z.string(), z.unknown()) })

export const manifest = manifestSchema.parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')))

/** `phigrad`, `phigrad/nn` … */
export const entries = Object.keys(manifest.exports)
  .filter((path) => path !== './package.json')
  .map((path) => path.replace('.', 'phigrad'))
