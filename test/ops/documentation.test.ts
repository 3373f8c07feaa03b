import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { renderOpsTable } from '../../scripts/ops-table.js'

test('docs/ops.md is what scripts/ops-table.ts writes', async () => {
  const written = readFileSync(new URL('../../docs/ops.md', import.meta.url), 'utf8')
  expect(written).toBe(await renderOpsTable())
})
