import { readFileSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test, vi } from 'vitest'
import { filesIn } from '../data/folder.js'
import { temporaryFolder } from '../study/tiny.js'
import { phigrad, start } from './phigrad.js'

// A dozen processes: seconds on a machine that is free, and more on one that is not.
vi.setConfig({ testTimeout: 180_000 })

const runs = ['full-BI', 'full-I', 'full-I_eps', 'partial-BI', 'partial-I', 'partial-I_eps']
const smoke = (out: string): string[] => [
  'reproduce',
  '--study',
  'brats',
  '--scale',
  'smoke',
  '--jobs',
  '2',
  '--out',
  out,
]

interface Row {
  readonly labelling: string
  readonly loss: string
  readonly dsc: Record<'HGG' | 'LGG', number>
}

function rowsOf(out: string): Row[] {
  return (JSON.parse(readFileSync(join(out, 'table.json'), 'utf8')) as { rows: Row[] }).rows
}

/** What a study leaves, without the timings in the logs. */
function contents(out: string): Map<string, string> {
  const files = filesIn(out).filter((name) => /\.\w+$/.test(name) && !/cohort\/|report\.html/.test(name))
  return new Map(
    files.map((name) => {
      const text = readFileSync(join(out, name), 'latin1')
      return [name, name.endsWith('log.jsonl') ? text.replaceAll(/,"stepsPerSecond":[^}]*/g, '') : text]
    }),
  )
}

describe('reproduce', () => {
  test('goes from nothing to six runs, table and report, and prints both', async () => {
    const out = temporaryFolder()
    const { code, stdout, stderr } = await phigrad(smoke(out))
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(readdirSync(join(out, 'runs')).sort()).toEqual(runs)
    expect(
      rowsOf(out)
        .map(({ labelling, loss }) => `${labelling}-${loss}`)
        .sort(),
    ).toEqual(runs)
    for (const { dsc } of rowsOf(out)) expect(dsc.LGG).toBeGreaterThanOrEqual(0)
    const html = readFileSync(join(out, 'report.html'), 'utf8')
    expect(html).toContain('phantom cohort, seed 0: 7 HGG, 5 LGG, 8×8×4 voxels each')
    expect(html).toContain('phigrad reproduce --study brats --scale smoke --seed 0 --fold 0')
    expect(html).toContain('data:image/png;base64,')
    expect(stdout).toMatch(/^writing cases 12\/12\nreading cases 12\/12\n/)
    expect(stdout).toContain('Labelling')
    expect(stdout.endsWith(`\nReport: ${join(out, 'report.html')}\n`)).toBe(true)
    expect(stdout).not.toContain('\x1b')
    // A dot begins the names of locks and of files that are being written.
    expect(filesIn(out).filter((name) => /(^|\/)\./.test(name))).toEqual([])

    const again = await phigrad([...smoke(out), '--json'])
    const events = again.stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { event: string }).event)
    expect(events.filter((event) => event === 'step')).toEqual([])
    expect(events.filter((event) => event === 'done')).toHaveLength(6)
    expect(events.at(-1)).toBe('report')

    rmSync(join(out, 'report.html'))
    rmSync(join(out, 'runs/full-I/metrics.json'))
    const report = await phigrad(['report', out])
    expect(report).toMatchObject({ code: 0, stderr: '' })
    expect(rowsOf(out)).toHaveLength(5)
    expect(readFileSync(join(out, 'report.html'), 'utf8')).toContain('full-I')
  })

  test('gives the same results whatever the number of jobs, also when killed with all its runs half way', async () => {
    const [whole, killed] = [temporaryFolder(), temporaryFolder()]
    expect(await phigrad([...smoke(whole), '--jobs', '1'])).toMatchObject({ code: 0 })
    const first = start([...smoke(killed), '--json'])
    while (!/"event":"step".*"step":2,/.test(first.stdout())) await sleep(5)
    first.child.kill('SIGKILL')
    await first.ended
    expect(await phigrad(smoke(killed))).toMatchObject({ code: 0, stderr: '' })
    expect(contents(killed)).toEqual(contents(whole))
  })

  test('ends its runs on Ctrl-C and exits with code 130', async () => {
    const out = temporaryFolder()
    const run = start([...smoke(out), '--json'])
    while (!run.stdout().includes('"event":"step"')) await sleep(5)
    run.child.kill('SIGINT')
    const { code, stderr } = await run.ended
    expect(code).toBe(130)
    expect(stderr).toBe(`phigrad: stopped; the same command goes on from the last checkpoints in ${out}\n`)
    expect(filesIn(out).filter((name) => name.includes('.lock'))).toEqual([])
  })

  test('reads a data set in the layout of BraTS from elsewhere', async () => {
    const [data, out] = [temporaryFolder(), temporaryFolder()]
    const cohort = ['phantom', '--subjects', '12', '--grid', '8x8x4', '--seed', '3', '--out', data]
    expect(await phigrad(cohort)).toMatchObject({ code: 0, stdout: 'writing cases 12/12\n', stderr: '' })
    expect(await phigrad([...smoke(out), '--data', data, '--fold', '1'])).toMatchObject({ code: 0, stderr: '' })
    expect(rowsOf(out)).toHaveLength(6)
    expect(readdirSync(out).sort()).toEqual(['report.html', 'runs', 'study.json', 'table.json', 'table.md'])
  })

  test('refuses the folder of a study with another cohort', async () => {
    const out = temporaryFolder()
    expect(await phigrad(smoke(out))).toMatchObject({ code: 0 })
    const before = contents(out)
    const { code, stderr } = await phigrad([...smoke(out), '--seed', '1'])
    expect(code).toBe(2)
    expect(stderr).toMatch(/^phigrad: \[.*cohort\.json\] expected .*seed 1.*, got .*seed 0.*\n$/)
    expect(contents(out)).toEqual(before)
  })
})
