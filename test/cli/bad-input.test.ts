import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { beforeAll, afterAll, describe, expect, test } from 'vitest'
import { tmpdir } from 'node:os'
import { listBrats } from '../../src/data/brats.js'
import { readNifti, writeNifti } from '../../src/data/nifti.js'
import { filesIn } from '../data/folder.js'
import { temporaryFolder, tinyCohort, tinyInput, writeJson } from '../study/tiny.js'
import { phigrad, program } from './phigrad.js'

let shared = ''
beforeAll(() => {
  shared = mkdtempSync(join(tmpdir(), 'phigrad-bad-'))
  tinyCohort(shared)
})
afterAll(() => rmSync(shared, { recursive: true, force: true }))

/** A cohort of its own; `spoil` gets the path of a file of one case by its suffix. */
function spoiled(spoil: (file: (suffix: string) => string) => void): { data: string; out: string } {
  const folder = temporaryFolder()
  const data = join(folder, 'data')
  cpSync(join(shared, 'cohort'), data, { recursive: true })
  const [entry] = listBrats(data)
  if (entry === undefined) throw new Error('no case')
  spoil((suffix) => join(entry.folder, `${entry.id}_${suffix}.nii.gz`))
  return { data, out: join(folder, 'out') }
}

/** One clear line on stderr, exit code 2, and no file that is half written. */
async function expectUserError(args: readonly string[], line: RegExp, out?: string): Promise<void> {
  const { code, stderr } = await phigrad(args)
  expect(stderr).toMatch(line)
  expect(stderr.trimEnd().split('\n')).toHaveLength(1)
  expect(code).toBe(2)
  const left = out === undefined ? [] : filesIn(out)
  expect(left.filter((name) => /(^|\/)\.|\.html$|table/.test(name))).toEqual([])
}

describe('a data set', () => {
  const cases: [string, (file: (suffix: string) => string) => void, RegExp][] = [
    [
      'with a file that is cut off',
      (file) => truncateSync(file('t1'), 200),
      /_t1\.nii\.gz\] expected a whole gzip stream/,
    ],
    [
      'with a .nii.gz that is no gzip',
      (file) => writeFileSync(file('t2'), gunzipSync(readFileSync(file('t2')))),
      /_t2\.nii\.gz\] expected gzip/,
    ],
    [
      'with a modality on another grid',
      (file) => {
        const { affine } = readNifti(file('t1ce'))
        writeNifti(file('t1ce'), { shape: [8, 8, 3], affine, data: new Float32Array(192) })
      },
      /_t1ce\.nii\.gz\] expected dim 8×8×4 .*, got 8×8×3/,
    ],
    [
      'with a modality at another place',
      (file) => {
        const volume = readNifti(file('t1'))
        writeNifti(file('t1'), { ...volume, affine: volume.affine.map((value, i) => (i === 3 ? value + 5 : value)) })
      },
      /_t1\.nii\.gz\] expected the affine of .*_flair\.nii\.gz, got one that differs by 5/,
    ],
    [
      'with a label value of 3',
      (file) => {
        const volume = readNifti(file('seg'))
        writeNifti(file('seg'), {
          ...volume,
          data: volume.data.map((value: number) => (value > 0 ? 3 : 0)),
        })
      },
      /_seg\.nii\.gz\] expected label values 0, 1, 2 and 4, got 3/,
    ],
    [
      'with a voxel that is NaN',
      (file) => {
        const bytes = gunzipSync(readFileSync(file('flair')))
        // Voxels of float32 begin at byte 352; the file's x is fastest, so that its number 17 is (1,2,0) of 8×8×4.
        bytes.writeFloatLE(Number.NaN, 352 + 4 * 17)
        writeFileSync(file('flair'), gzipSync(bytes))
      },
      /_flair\.nii\.gz\] expected finite voxels, got NaN at voxel \(1,2,0\)/,
    ],
    ['with a file that is missing', (file) => rmSync(file('seg')), /_seg\.nii\.gz\] expected a file that can be read/],
  ]

  test.each(cases)('%s is refused by the name of that file', async (_name, spoil, line) => {
    const { data, out } = spoiled(spoil)
    await expectUserError(['reproduce', '--scale', 'smoke', '--data', data, '--out', out], line, out)
    expect(filesIn(out)).toEqual([])
  })

  test('that is not there is refused by the name of its folder', async () => {
    const out = join(temporaryFolder(), 'out')
    const args = ['reproduce', '--scale', 'smoke', '--data', '/nowhere/brats', '--out', out]
    await expectUserError(args, /\[\/nowhere\/brats\] expected a folder of cases, got nothing there \(ENOENT\)/, out)
  })
})

describe('the command line', () => {
  test.each([
    [['reproduce', '--sclae', 'quick'], /unknown option '--sclae'/],
    [['reproduce', '--scale', 'huge'], /--scale.*'huge' is invalid.*quick/],
    [['reproduce', '--study', 'acdc'], /--study.*'acdc' is invalid/],
    [['reproduce', '--jobs', '0'], /--jobs.*Expected an integer of at least 1/],
    [['reproduce', '--seed', '1.5'], /--seed.*Expected an integer of at least 0/],
    [['reproduce', '--device', 'cuda', '--scale', 'smoke'], /device 'cpu', got 'cuda'/],
    [['reproduce', 'extra'], /too many arguments/],
    [['phantom', '--grid', '3x3', '--out', 'x'], /--grid.*three sizes/],
    [['phantom'], /required option '--out <folder>' not specified/],
    [['train'], /missing required argument 'config'/],
    [['train', '/nowhere/config.json'], /\[\/nowhere\/config\.json\] expected a file that can be read/],
    [['report', '/nowhere'], /\[\/nowhere\] expected a folder of results, got nothing there/],
    [['frobnicate'], /unknown command 'frobnicate'/],
  ])('%j is refused', (args, line) => expectUserError(args, new RegExp(`^phigrad: .*${line.source}`)))

  test('a fold that is not there is refused', async () => {
    const out = join(temporaryFolder(), 'out')
    const args = ['reproduce', '--scale', 'smoke', '--data', join(shared, 'cohort'), '--fold', '2', '--out', out]
    await expectUserError(args, /\[fold\] expected a number from 0 to 1, got 2/, out)
  })

  test('a configuration with a wrong type is refused by file and field', async () => {
    const folder = temporaryFolder()
    const config = writeJson(join(folder, 'run.json'), { ...tinyInput(join(shared, 'cohort')), steps: 'many' })
    await expectUserError(['train', config], /run\.json\] expected valid content in field steps, got .*number.*string/)
    expect(filesIn(folder)).toEqual(['run.json'])
  })

  test('a configuration that is no JSON is refused by file', async () => {
    const config = join(temporaryFolder(), 'run.json')
    writeFileSync(config, '{ "name": ')
    await expectUserError(['train', config], /run\.json\] expected JSON, got /)
  })

  test('an output folder that cannot be made is refused', async () => {
    const file = join(temporaryFolder(), 'file')
    writeFileSync(file, '')
    await expectUserError(
      ['reproduce', '--scale', 'smoke', '--out', join(file, 'out')],
      /\[.*file\/out\] expected a folder that can be made/,
    )
  })

  // A limit on the size of files fails in the middle of a write, as a full disk does.
  test.runIf(process.platform !== 'win32')('a disk that takes no more leaves no half-written file', () => {
    const out = join(temporaryFolder(), 'cohort')
    const command = `ulimit -f 4; exec "${process.execPath}" "${program}" phantom --subjects 3 --out "${out}"`
    const { status, stderr } = spawnSync('sh', ['-c', command], { encoding: 'utf8' })
    expect(status).toBe(2)
    expect(stderr).toMatch(/^phigrad: \[.*_\w+\.nii\.gz\] expected a file that can be written, got EFBIG.*\n$/)
    const refused = /\[(.*)\]/.exec(stderr)?.[1] ?? ''
    const files = filesIn(out)
    expect(files).not.toContain(relative(out, refused))
    expect(files.filter((name) => /(^|\/)\.|cohort\.json/.test(name))).toEqual([])
    for (const name of files.filter((name) => name.endsWith('.gz')))
      expect(() => readNifti(join(out, name))).not.toThrow()
  })

  test('an output file that cannot be written is refused by its name', async () => {
    const out = join(temporaryFolder(), 'out')
    const data = join(shared, 'cohort')
    mkdirSync(join(out, 'study.json'), { recursive: true })
    await expectUserError(
      ['reproduce', '--scale', 'smoke', '--data', data, '--out', out],
      /study\.json\] expected a file that can be written, got /,
      out,
    )
  })
})

describe('asking', () => {
  test('for help, the version or the state of the installation is no error', async () => {
    for (const args of [[], ['--help'], ['reproduce', '--help']]) {
      expect(await phigrad(args)).toMatchObject({
        code: 0,
        stderr: '',
        stdout: expect.stringContaining('Usage: phigrad') as string,
      })
    }
    expect((await phigrad(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
    const { code, stdout } = await phigrad(['doctor', '--json'])
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      node: process.versions.node,
      backends: { cuda: 'not part of this version' },
    })
    expect(stdout).toMatch(/"(reference|native)":"in use: /)
  })
})
