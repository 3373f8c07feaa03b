import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { listBrats } from '../../src/data/brats.js'
import { readNifti, writeNifti } from '../../src/data/nifti.js'
import { tensor } from '../../src/index.js'
import { type GradientReport, gradientReport } from '../../src/losses/index.js'
import { filesIn } from '../data/folder.js'
import { temporaryFolder, tinyCohort, writeJson } from '../study/tiny.js'
import { phigrad } from './phigrad.js'

let folder = ''
let cohort = ''
/** Of one HGG and one LGG case: the segmentation, and as a prediction its regions one voxel aside, softened. */
let targets: string[] = []
let predictions: string[] = []

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'phigrad-explain-'))
  cohort = tinyCohort(folder)
  const entries = listBrats(cohort)
  const chosen = ['HGG', 'LGG'].flatMap((group) => entries.find((entry) => entry.group === group) ?? [])
  targets = chosen.map((entry) => join(entry.folder, `${entry.id}_seg.nii.gz`))
  predictions = targets.map((path, image) => {
    const { shape, affine, data } = readNifti(path)
    const values = new Float32Array(data.length * 2)
    data.forEach((_: number, voxel: number) => {
      const aside = data[(voxel + shape[2]) % data.length] ?? 0
      values[2 * voxel] = aside > 0 ? 0.875 : 0.0625
      values[2 * voxel + 1] = aside === 1 || aside === 4 ? 0.75 : 0.03125
    })
    const written = join(folder, `prediction-${image}.nii.gz`)
    writeNifti(written, { shape, channels: 2, affine, data: values })
    return written
  })
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const REGIONS = ['--one-hot', '1+2+4,1+4']
const base = () => ['explain', '--prediction', ...predictions, '--target', ...targets, ...REGIONS]

/** What the library says of the same files. */
function expected(phi: 'I' | 'BI', epsilon: number): GradientReport {
  const shape = [2, 8, 8, 4, 2]
  const p = predictions.flatMap((path) => [...readNifti(path).data])
  const y = targets.flatMap((path) => [...readNifti(path).data].flatMap((v) => [v > 0 ? 1 : 0, v === 1 || v === 4 ? 1 : 0])) // prettier-ignore
  const [prediction, target] = [tensor(Float32Array.from(p), { shape }), tensor(Uint8Array.from(y), { shape })]
  const report = gradientReport({ phi, epsilon }, prediction, target)
  ;[prediction, target].forEach((each) => each.dispose())
  return report
}

async function expectUserError(args: readonly string[], line: RegExp): Promise<void> {
  const { code, stderr, stdout } = await phigrad(args)
  expect(stderr).toMatch(line)
  expect(stderr.trimEnd().split('\n')).toHaveLength(1)
  expect(stdout).toBe('')
  expect(code).toBe(2)
}

describe('phigrad explain', () => {
  test.each(['I', 'BI'] as const)('prints as JSON under Φ = %s what gradientReport says of the files', async (phi) => {
    const { code, stdout, stderr } = await phigrad([...base(), '--phi', phi, '--epsilon', '1e-7', '--json'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const { images, classes, ...report } = JSON.parse(stdout) as GradientReport & Record<string, unknown>
    expect(images).toEqual(targets.map((path) => path.replace(/.*\/(.*)\.nii\.gz/, '$1')))
    expect(classes).toEqual(['label 1+2+4', 'label 1+4'])
    const wanted = expected(phi, 1e-7)
    expect(report.mass).toBeCloseTo(wanted.mass, 6)
    expect(report.subsets).toEqual(wanted.subsets.map((one) => ({ ...one, share: expect.closeTo(one.share, 6) as number }))) // prettier-ignore
    expect(report.empty.maps).toBe(1)
    expect(report.empty.verdict).toBe(phi === 'I' ? 'negligible' : 'strong')
  })

  test('prints a table and draws the figures into a folder', async () => {
    const out = join(temporaryFolder(), 'out')
    const { code, stdout } = await phigrad([...base(), '--phi', 'I', '--epsilon', '40,20', '--out', out])
    expect(code).toBe(0)
    expect(filesIn(out)).toEqual(['curves.svg', 'map.svg', 'report.json', 'report.txt'])
    const text = readFileSync(join(out, 'report.txt'), 'utf8')
    expect(stdout.startsWith(text)).toBe(true)
    expect(text).toMatch(/_LGG_\S+, label 1\+4 +empty +20 +0 +0 /)
    for (const name of ['curves.svg', 'map.svg']) {
      expect(readFileSync(join(out, name), 'utf8')).toMatch(/^<svg[\s\S]*<\/svg>\s*$/)
    }
    expect(readFileSync(join(out, 'map.svg'), 'utf8').match(/<image/g)).toHaveLength(8)
  })

  test('tells missing from empty, and can ask what an empty target would do', async () => {
    const args = [...base(), '--phi', 'I', '--epsilon', '1', '--json']
    const one = JSON.parse((await phigrad([...args, '--missing', '1:0,1:1'])).stdout) as GradientReport
    expect(one.maps.map(({ state }) => state)).toEqual(['labelled', 'labelled', 'missing', 'missing'])
    expect(one.size).toBe(2)
    const other = JSON.parse((await phigrad([...args, '--empty', '0:0'])).stdout) as GradientReport
    expect(other.maps.map(({ state }) => state)).toEqual(['empty', 'labelled', 'labelled', 'empty'])
  })

  test('takes binary predictions that are label maps as well', async () => {
    const args = ['explain', '--prediction', ...targets, '--target', ...targets, ...REGIONS, '--phi', 'I']
    const report = JSON.parse((await phigrad([...args, '--epsilon', '1', '--json'])).stdout) as GradientReport
    // Empty and correctly predicted empty: s = 1 everywhere.
    expect(report.subsets.map(({ s }) => s)).toEqual([1, 1, 1, 1])
    expect(report.loss).toBe(0)
  })

  test('refuses in one line what does not fit', async () => {
    const [p = '', , y = ''] = [...predictions, ...targets]
    const loss = ['--phi', 'I', '--epsilon', '1e-7']
    const pair = (a: string, b: string) => ['explain', '--prediction', a, '--target', b]
    await expectUserError([...pair(p, y), ...loss], /_seg\.nii\.gz\] expected values in \[0, 1\] \(label maps need/)
    await expectUserError([...pair(p, y), ...loss, '--one-hot', '4'], /prediction-0\.nii\.gz\] expected X×Y×Z×C of 8×8×4×1 as .*got 8×8×4×2/) // prettier-ignore
    await expectUserError([...pair(p, '/nowhere.nii'), ...loss], /\[\/nowhere\.nii\] expected a file that can be read/)
    await expectUserError([...base(), p, ...loss], /too many arguments/)
    await expectUserError([...base(), '--phi', 'I', '--epsilon', '-1'], /--epsilon.*Expected a number ≥ 0/)
    await expectUserError(
      [...base(), '--phi', 'I', '--epsilon', '1,2,3'],
      /\[gradientReport\] expected epsilon: 2 numbers/,
    )
    await expectUserError([...base(), '--phi', 'Z', '--epsilon', '1'], /--phi.*'Z' is invalid.*I, CI, BI, BCI/)
    await expectUserError([...base(), '--epsilon', '1'], /required option '--phi/)
    await expectUserError([...base(), ...loss, '--missing', '2:0'], /\[missing\] expected image below 2 and class below 2, got 2:0/) // prettier-ignore
    await expectUserError([...base(), ...loss, '--empty', 'x'], /--empty.*Expected image:class/)
    await expectUserError([...base(), ...loss, '--one-hot', '1,'], /--one-hot.*Expected label values/)
    const [first = ''] = predictions
    await expectUserError(['explain', '--prediction', first, '--target', ...targets, ...REGIONS, ...loss], /as many targets as predictions \(1\), got 2/) // prettier-ignore
    const cut = join(temporaryFolder(), 'cut.nii.gz')
    writeFileSync(cut, readFileSync(p))
    truncateSync(cut, 100)
    await expectUserError([...pair(cut, y), ...REGIONS, ...loss], /cut\.nii\.gz\] expected a whole gzip stream/)
    await expectUserError([...base(), ...loss, '--out', join(cut, 'out')], /cut\.nii\.gz\/out\] expected a folder that can be made/) // prettier-ignore
  })
})

describe('phigrad advise', () => {
  test('proposes Φ and ε for a cohort, with the mean label volume over all maps', async () => {
    const { code, stdout, stderr } = await phigrad(['advise', cohort])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/12 cases in .*cohort \(layout of BraTS\), 3 classes/)
    const json = JSON.parse((await phigrad(['advise', cohort, '--json'])).stdout) as {
      learnEmpty: { imageWise: { epsilon: number[] } }
    }
    const voxels = listBrats(cohort).map(({ folder: at, id }) => readNifti(join(at, `${id}_seg.nii.gz`)).data.filter((v: number) => v > 0).length) // prettier-ignore
    const [whole = NaN] = json.learnEmpty.imageWise.epsilon
    expect(whole).toBeCloseTo(voxels.reduce((a, b) => a + b, 0) / 12, 1)
    expect(stdout).toContain(`epsilon: [${json.learnEmpty.imageWise.epsilon.join(', ')}]`)
  })

  test('refuses in one line what is no data set', async () => {
    await expectUserError(['advise', '/nowhere'], /\[\/nowhere\] expected a folder of label maps, got nothing there/)
    await expectUserError(['advise'], /missing required argument 'folder'/)
    const list = writeJson(join(temporaryFolder(), 'a.json'), { eve: ['whole'] })
    const { code, stderr } = await phigrad(['advise', cohort, '--annotated', list])
    expect(code).toBe(2)
    expect(stderr).toMatch(/^phigrad: \[.*a\.json\] expected a case of the data set, got eve\n$/)
  })
})
