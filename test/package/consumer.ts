/** An empty folder into which the packed package was installed, as a user would. */
import { execFile } from 'node:child_process'
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { z } from 'zod'
import { buildIfStale, root } from '../build.js'

const execute = promisify(execFile)

const packedSchema = z.tuple([z.object({ filename: z.string(), files: z.array(z.object({ path: z.string() })) })])

export class Consumer {
  private constructor(
    readonly folder: string,
    readonly tarball: string,
    /** The paths in the tarball. */
    readonly files: readonly string[],
  ) {}

  /** Packs and installs. Scripts and optional packages are left out: what they build is not what is tested here. */
  static async make(): Promise<Consumer> {
    buildIfStale()
    const folder = mkdtempSync(join(tmpdir(), 'phigrad-consumer-'))
    const pack = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder]
    const [{ filename, files }] = packedSchema.parse(JSON.parse((await execute('npm', pack, { cwd: root })).stdout))
    const consumer = new Consumer(
      folder,
      join(folder, filename),
      files.map(({ path }) => path),
    )
    consumer.write('package.json', JSON.stringify({ name: 'consumer', private: true, type: 'module' }))
    const quiet = ['--ignore-scripts', '--omit=optional', '--prefer-offline', '--no-audit', '--no-fund']
    await execute('npm', ['install', ...quiet, consumer.tarball], { cwd: folder })
    return consumer
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.folder, name), text)
  }

  /** Copies a file of the project here. */
  copy(path: string): void {
    copyFileSync(join(root, path), join(this.folder, basename(path)))
  }

  /** What Node prints. Throws with what it says on stderr. */
  async node(...args: string[]): Promise<string> {
    return (await execute(process.execPath, args, { cwd: this.folder })).stdout.trimEnd()
  }

  /** What an ES module prints. */
  run(script: string): Promise<string> {
    return this.node('--input-type=module', '--eval', script)
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}
