import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { areaUnderCurve } from '../../../src/metrics/index.js'
import { buildReport } from '../../../src/study/report/report.js'
import { DataError, ShapeError } from '../../../src/tensor/errors.js'
import { syntheticExample, writeSyntheticStudy } from './synthetic-study.js'

let outDir = ''
beforeEach(() => {
  outDir = mkdtempSync(join(tmpdir(), 'phigrad-report-'))
})
afterEach(() => {
  rmSync(outDir, { recursive: true })
})

const read = (name: string) => readFileSync(join(outDir, name), 'utf8')
const occurrences = (text: string, part: string | RegExp) => text.split(part).length - 1

describe('buildReport', () => {
  test('writes one page that asks for nothing outside itself', () => {
    const runs = writeSyntheticStudy(outDir, { steps: 40 })
    const examples = [syntheticExample('HGG', 'HGG_000', runs), syntheticExample('LGG', 'LGG_042', runs)]
    expect(buildReport(outDir, examples).path).toBe(join(outDir, 'report.html'))
    const page = read('report.html')
    expect(page).not.toMatch(/<script|<link|@import|url\(|https?:/)
    for (const [, target] of page.matchAll(/(?:src|href)="([^"]*)"/g))
      expect(target).toMatch(/^(data:image\/png|#slice-)/)
    expect(page).toContain("default-src 'none'")
  })

  test('shows every run in the table, the charts and the examples', () => {
    const runs = writeSyntheticStudy(outDir, { steps: 40 })
    const { table } = buildReport(outDir, [
      syntheticExample('HGG', 'HGG_000', runs),
      syntheticExample('LGG', 'LGG_042', runs),
    ])
    const page = read('report.html')
    expect(table.rows.map(({ run }) => run)).toEqual(runs)
    expect(occurrences(page, 'class="line loss-I_eps" d="M')).toBe(2 + 2 + 2 + 2)
    expect(occurrences(page, 'class="dot"')).toBe(6 * 57)
    expect(occurrences(page, 'class="truth" d="M')).toBe(6 * 2 * 2 + 1)
    expect(occurrences(page, 'class="prediction" d="M')).toBe(4 * 2 * 2 + 1)
    expect(occurrences(page, 'prediction empty in this slice')).toBe(2 * 2 * 2)
    expect(occurrences(page, '<image')).toBe(4)
    for (const run of runs) expect(page).toContain(`<code>${run}</code>`)
    const areas = page.match(/AUC 0\.\d\d|AUC 1\.00/g)
    expect(areas?.slice(0, 3).map((text) => text.slice(4))).toEqual(
      table.rows.slice(0, 3).map(({ auc }) => auc?.toFixed(2)),
    )
  })

  test('every picture and chart has an alternative text, every table a caption and header cells', () => {
    const runs = writeSyntheticStudy(outDir, { steps: 5 })
    buildReport(outDir, [syntheticExample('LGG', 'LGG_042', runs)])
    const page = read('report.html')
    for (const [tag] of page.matchAll(/<svg[^>]*>/g)) expect(tag).toMatch(/aria-label="[^"]{10,}"|aria-hidden="true"/)
    for (const part of page.split('<table').slice(1)) {
      expect(part).toContain('<caption>')
      expect(part).toMatch(/scope="col"/)
      expect(part).toMatch(/scope="row"/)
    }
    expect(page).toContain('LGG LGG_042, run partial-I: ground truth of 9 pixels, prediction of 6 pixels.')
  })

  test('the same folder gives the same bytes', () => {
    const runs = writeSyntheticStudy(outDir, { steps: 20 })
    const examples = [syntheticExample('HGG', 'HGG_000', runs)]
    buildReport(outDir, examples)
    const first = read('report.html')
    buildReport(outDir, examples)
    expect(read('report.html')).toBe(first)
  })

  test('escapes text that comes from files and options', () => {
    const runs = writeSyntheticStudy(outDir, { steps: 5 })
    const name = '<img src=x onerror="1">'
    mkdirSync(join(outDir, 'runs', '<b>'))
    buildReport(outDir, [syntheticExample('HGG', name, runs)], { command: name, data: name })
    const page = read('report.html')
    expect(page).not.toContain('<img')
    expect(page).not.toContain('<b>')
    expect(page).toContain('&lt;img src=x onerror=&quot;1&quot;&gt;')
  })

  test('a missing and a broken run are named with the reason and stop nothing', () => {
    writeSyntheticStudy(outDir, { steps: 5 })
    rmSync(join(outDir, 'runs/full-BI/metrics.json'))
    writeFileSync(join(outDir, 'runs/partial-I/config.json'), '{"name": 3}')
    writeFileSync(join(outDir, 'runs/partial-BI/metrics.json'), '{"cases": [')
    const { table } = buildReport(outDir, [], { expectedRuns: ['full-I', 'full-J'] })
    expect(table.missing.map(({ name }) => name)).toEqual(['full-BI', 'full-J', 'partial-BI', 'partial-I'])
    expect(table.missing[0]?.reason).toContain('[runs/full-BI/metrics.json]')
    expect(table.missing[3]?.reason).toContain('field name')
    expect(table.rows.map(({ run }) => run)).toEqual(['full-I', 'full-I_eps', 'partial-I_eps'])
    const page = read('report.html')
    expect(page).toContain('3 of 7 runs complete')
    for (const { name } of table.missing) expect(page).toContain(`<code>${name}</code>`)
    expect(read('table.md')).toContain('Missing run `full-J`')
  })

  test('of a log that a kill tore and a restart repeated, the last entries hold', () => {
    writeSyntheticStudy(outDir, { steps: 5 })
    const lines = ['{"step":1,"loss":0.9}', '{"step":2,"loss":0.8}', '{"step":3,"loss":0', '{"step":2,"loss":0.25}']
    writeFileSync(join(outDir, 'runs/full-I/log.jsonl'), lines.join('\n'))
    buildReport(outDir, [])
    const page = read('report.html')
    expect(page).toContain('could not be read')
    expect(page).toContain('full-I: 1.')
    expect(page).toContain('I ends at 0.25')
  })

  test('runs of several batch sizes have figures of their own', () => {
    const runs = writeSyntheticStudy(outDir, { steps: 5, batches: [1, 2] })
    buildReport(outDir, [syntheticExample('HGG', 'HGG_000', runs)])
    const page = read('report.html')
    expect(occurrences(page, '<h3>B = 1, fold 0, seed 0</h3>')).toBe(4)
    expect(occurrences(page, '<h3>B = 2, fold 0, seed 0</h3>')).toBe(4)
    const ids = [...page.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id)
    expect(new Set(ids).size).toBe(ids.length)
  })

  test('a folder without any finished run still gives a page', () => {
    mkdirSync(join(outDir, 'runs/full-I'), { recursive: true })
    buildReport(outDir, [])
    expect(read('report.html')).toContain('0 of 1 runs complete')
  })

  test('refuses a folder without runs and volumes that do not fit, and then writes nothing', () => {
    expect(() => buildReport(outDir, [])).toThrow(DataError)
    const runs = writeSyntheticStudy(outDir, { steps: 5 })
    const example = syntheticExample('HGG', 'HGG_000', runs)
    expect(() => buildReport(outDir, [{ ...example, flair: new Float32Array(3) }])).toThrow(ShapeError)
    expect(() => buildReport(outDir, [{ ...example, predictions: { 'full-I': new Uint8Array(3) } }])).toThrow(
      '[example HGG_000, prediction full-I] expected 120 voxels of shape (6,5,4), got 3',
    )
    expect(existsSync(join(outDir, 'table.json'))).toBe(false)
  })

  test('the AUC of the report is that of the metrics room', () => {
    writeSyntheticStudy(outDir, { steps: 5 })
    const { table } = buildReport(outDir, [])
    const { cases } = JSON.parse(read('runs/partial-BI/metrics.json')) as {
      cases: { group: string; predictedVolumeMl: number }[]
    }
    const area = areaUnderCurve(
      cases.map((one) => one.predictedVolumeMl),
      cases.map((one) => one.group === 'HGG'),
    )
    expect(table.rows.find(({ run }) => run === 'partial-BI')?.auc).toBe(area)
  })
})
