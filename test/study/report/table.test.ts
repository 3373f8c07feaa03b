import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { formatFixed, formatNumber } from '../../../src/figures/format.js'
import { buildTable, renderTable } from '../../../src/study/report/table.js'
import { writeSyntheticStudy } from './synthetic-study.js'

let outDir = ''
beforeEach(() => {
  outDir = mkdtempSync(join(tmpdir(), 'phigrad-table-'))
})
afterEach(() => {
  rmSync(outDir, { recursive: true })
})

/** One run with three cases whose means can be done in the head. */
function writeSmallRun(name: string, labelling: string, loss: string): void {
  const folder = join(outDir, 'runs', name)
  mkdirSync(folder, { recursive: true })
  const config = { name, study: 'brats', labelling, loss, phi: 'I', epsilon: 1, batch: 2, fold: 1, seed: 3, steps: 10 }
  const one = (group: string, dsc: number | null, deltaVolumeMl: number, predictedVolumeMl: number) => ({
    id: `${group}-${predictedVolumeMl}`,
    group,
    dsc,
    deltaVolumeMl,
    predictedVolumeMl,
    referenceVolumeMl: predictedVolumeMl - deltaVolumeMl,
  })
  const cases = [
    one('HGG', 0.75, -4, 90),
    one('HGG', 0.25, -8, 50),
    one('LGG', null, -0.2, 60),
    one('LGG', 0.5, -0.6, 50),
  ]
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config))
  writeFileSync(join(folder, 'metrics.json'), JSON.stringify({ cases }))
}

test('a row holds the means per group, leaves out cases without a DSC and counts ties half in the AUC', () => {
  writeSmallRun('a', 'partial', 'BI')
  const { rows } = buildTable(outDir)
  expect(rows).toEqual([
    {
      run: 'a',
      labelling: 'partial',
      loss: 'BI',
      batch: 2,
      fold: 1,
      seed: 3,
      cases: { HGG: 2, LGG: 2 },
      dsc: { HGG: 0.5, LGG: 0.5 },
      deltaVolumeMl: { HGG: -6, LGG: -0.4 },
      auc: 0.625,
    },
  ])
  expect(JSON.parse(readFileSync(join(outDir, 'table.json'), 'utf8'))).toEqual({ rows, missing: [] })
})

test('a group without a case has no mean and no AUC', () => {
  writeSyntheticStudy(outDir, { LGG: 0, HGG: 3, steps: 1 })
  const row = buildTable(outDir).rows[0]
  expect(row?.dsc.LGG).toBeNull()
  expect(row?.auc).toBeNull()
})

test('the Markdown table has the losses side by side and sets cells expected to be empty maps in italics', () => {
  writeSmallRun('a', 'partial', 'BI')
  writeSmallRun('b', 'partial', 'I')
  buildTable(outDir)
  const [header = '', rule = '', line = ''] = readFileSync(join(outDir, 'table.md'), 'utf8').split('\n')
  const cells = (text: string) =>
    text
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim())
  expect(cells(header)).toHaveLength(4 + 15)
  expect(cells(rule)).toHaveLength(4 + 15)
  expect(cells(header).slice(4, 7)).toEqual(['DSC HGG I', 'DSC HGG BI', 'DSC HGG I_ε'])
  expect(cells(line)).toEqual(
    ['Partial 2 1 3', '0.50 0.50 —', '0.50 *0.50* *—*', '−6 −6 —', '0 *0* *—*', '0.63 *0.63* *—*'].join(' ').split(' '),
  )
})

test('the table for a terminal is aligned and names missing runs', () => {
  writeSyntheticStudy(outDir, { steps: 1 })
  mkdirSync(join(outDir, 'runs/full-broken'))
  const text = renderTable(buildTable(outDir))
  const [measures = '', losses = '', full = '', partial = '', missing = ''] = text.split('\n')
  expect(measures).toMatch(/DSC HGG +DSC LGG +ΔV \[ml\] HGG +ΔV \[ml\] LGG +AUC$/)
  expect(losses.length).toBe(measures.length)
  expect(full.length).toBe(losses.length)
  expect(partial.startsWith('Partial')).toBe(false)
  expect(partial.startsWith('partial    2     0     0')).toBe(true)
  expect(missing).toContain('missing: full-broken: [runs/full-broken/config.json] expected')
})

test('numbers keep their sign, lose a zero’s, and small ones stay readable', () => {
  expect(formatFixed(-0.4, 0)).toBe('0')
  expect(formatFixed(-12.6, 0)).toBe('−13')
  expect(formatFixed(null, 2)).toBe('—')
  expect(formatFixed(Number.NaN, 2)).toBe('—')
  expect(formatNumber(1e-7)).toBe('1e−7')
  expect(formatNumber(141.28333333)).toBe('141.283')
  expect(formatNumber(-600)).toBe('−600')
})
