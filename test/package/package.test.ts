import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { build, transform } from 'esbuild'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { gzippedKilobytes } from '../browser/bundle.js'
import { root } from '../build.js'
import { Consumer } from './consumer.js'
import { entries, manifest } from './manifest.js'

let made: Consumer | undefined
let consumer: Consumer
beforeAll(async () => {
  consumer = made = await Consumer.make()
}, 120_000)
afterAll(() => made?.remove())

describe('the packed package', () => {
  test('holds the build, the licence and the pages, and nothing else', () => {
    const wanted = /^(package\.json|README\.md|LICENSE|CHANGELOG\.md|docs\/[\w-]+\.md|dist\/.+\.(js|js\.map|d\.ts))$/
    const native = /^(native|scripts)\/|^CMakeLists\.txt$/
    expect(consumer.files.filter((path) => !wanted.test(path) && !native.test(path))).toEqual([])
    for (const path of ['LICENSE', 'CHANGELOG.md', 'dist/index.js', 'dist/cli/main.js']) {
      expect(consumer.files).toContain(path)
    }
  })

  test('has nothing that publint would mend', async () => {
    const bytes = readFileSync(consumer.tarball)
    const tarball = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)
    const { messages, pkg } = await publint({ pack: { tarball }, strict: true })
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([])
  })

  test('says in CHANGELOG.md what is new in its version', () => {
    const [, newest] = /^## (\S+)/m.exec(readFileSync(join(root, 'CHANGELOG.md'), 'utf8')) ?? []
    expect(newest).toBe(manifest.version)
  })
})

describe('installed into an empty folder', () => {
  test.each(entries)('%s can be imported', async (entry) => {
    const names = await consumer.run(`console.log(Object.keys(await import('${entry}')).join())`)
    expect(names.split(',').length).toBeGreaterThan(2)
  })

  test('its entries share one engine: an error of one is an error of the other', async () => {
    const script = `
      import { DataError, tensor, Tensor } from 'phigrad'
      import { readNifti } from 'phigrad/data'
      import { diceLoss } from 'phigrad/losses'
      try { readNifti('nowhere.nii') } catch (error) { console.log(error instanceof DataError, error.name) }
      const p = tensor([[[0.5]]], { requiresGrad: true })
      const loss = diceLoss(p, tensor([[[1]]]), { phi: 'I', epsilon: 1 })
      loss.backward()
      console.log(loss instanceof Tensor, p.grad.item().toFixed(4))`
    // s = 2/2.5, so that dDL/dp = (s − 2)/2.5 = −0.48.
    expect(await consumer.run(script)).toBe('true DataError\ntrue -0.4800')
  })

  test('the program says its version, and what it finds', async () => {
    const program = 'node_modules/phigrad/dist/cli/main.js'
    expect(readdirSync(join(consumer.folder, 'node_modules/.bin'))).toContain('phigrad')
    expect(await consumer.node(program, '--version')).toBe(manifest.version)
    expect(await consumer.node(program, 'doctor')).toMatch(new RegExp(`^phigrad +${manifest.version}$`, 'm'))
  })

  test('an example runs', async () => {
    const { code } = await transform(readFileSync(join(root, 'examples/phi-in-ten-lines.ts'), 'utf8'), { loader: 'ts' })
    consumer.write('example.js', code)
    expect(await consumer.node('example.js')).toContain('Φ = BI  ε = 1e-7   loss 0.362')
  })

  describe('it is found by bundlers for browsers', () => {
    async function bundled(contents: string): Promise<string> {
      const stdin = { contents, resolveDir: consumer.folder }
      const { outputFiles } = await build({ stdin, bundle: true, minify: true, write: false, format: 'esm' })
      return outputFiles.map(({ text }) => text).join('')
    }

    test('and engine, networks and losses have at most 150 kB, gzipped', async () => {
      const whole = ['phigrad', 'phigrad/nn', 'phigrad/losses'].map((entry) => `export * from '${entry}'`)
      expect(gzippedKilobytes(await bundled(whole.join('\n')))).toBeLessThanOrEqual(150)
    })

    test('and errors keep their names when everything is minified', async () => {
      const program =
        "import { tensor } from 'phigrad'\ntry { tensor([[1], []]) } catch ({ name }) { console.log(name) }"
      expect(await consumer.run(await bundled(program))).toBe('ShapeError')
    })
  })

  test('phigrad is imported in a moment', async () => {
    // bench/import.ts measures; this notices a dependency that does not belong there. The machine may be busy.
    const times: number[] = []
    for (let i = 0; i < 5; i++) {
      const script = "const t = performance.now(); await import('phigrad'); console.log(performance.now() - t)"
      times.push(Number(await consumer.run(script)))
    }
    expect(Math.min(...times)).toBeLessThan(150)
  })
})

describe('the types of the installed package are found and right, with all of its declarations checked', () => {
  const examples = readdirSync(join(root, 'examples'))
  const strict = { strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false, noEmit: true }
  const node16 = { module: 'node16', moduleResolution: 'node16', target: 'es2022', lib: ['es2023'] }
  const ofNode = { types: ['node'], typeRoots: [join(root, 'node_modules/@types')] }

  /** What tsc says of files that are in the folder. */
  async function errorsIn(files: readonly string[], compilerOptions: object): Promise<string> {
    consumer.write('tsconfig.json', JSON.stringify({ compilerOptions: { ...strict, ...compilerOptions }, files }))
    const failureSchema = z.object({ stdout: z.string() })
    const compiler = join(root, 'node_modules/typescript/bin/tsc')
    return consumer.node(compiler).catch((error: unknown) => failureSchema.parse(error).stdout)
  }

  beforeAll(() => {
    for (const name of examples) consumer.copy(join('examples', name))
    const names = entries.map((entry, i) => `import * as entry${i} from '${entry}'`)
    consumer.write('entries.ts', `${names.join('\n')}\nexport { ${names.map((_, i) => `entry${i}`).join(', ')} }\n`)
  })

  test('with moduleResolution node16, where the one error is a wrong use', async () => {
    consumer.write('wrong.ts', "import { grad } from 'phigrad'\ngrad((x: number) => x)\n")
    const errors = await errorsIn(['entries.ts', 'wrong.ts', ...examples], { ...node16, ...ofNode })
    expect(errors.match(/^\S+\.ts\(/gm)).toEqual(['wrong.ts('])
    expect(errors).toContain("'Tensor' is not assignable to type 'number'")
  })

  test('with moduleResolution bundler, in a browser without the types of Node', async () => {
    const bundler = {
      module: 'esnext',
      moduleResolution: 'bundler',
      target: 'es2022',
      lib: ['es2022', 'dom'],
      types: [],
    }
    const readsFiles = (name: string): boolean =>
      readFileSync(join(root, 'examples', name), 'utf8').includes('phigrad/data')
    const files = examples.filter((name) => !readsFiles(name))
    expect(files.length).toBeGreaterThan(3)
    expect(await errorsIn(files, bundler)).toBe('')
  })
})
