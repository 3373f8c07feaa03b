import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { root } from '../build.js'

test('the API pages are made without a warning: `npm run docs` stops at one', async () => {
  const typedoc = join(root, 'node_modules/typedoc/bin/typedoc')
  // Everything but the writing of files.
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [typedoc, '--emit', 'none'], { cwd: root })
  expect(stdout + stderr).not.toMatch(/warning|error/)
})
