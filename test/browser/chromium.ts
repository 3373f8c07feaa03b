/** A headless Chromium that runs programs in Web Workers, served from this machine. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { type Server, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BrowserContext, type Page, chromium } from 'playwright-core'
import { bundleForBrowser } from './bundle.js'

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

const PAGE = '<!doctype html><meta charset="utf-8"><title>phigrad</title>'

/** A worker's console posts to the page; `null` is the end. */
const BEFORE = "console.log = (...parts) => postMessage(parts.join(' '));"
const AFTER = ';postMessage(null)'

/** Runs in the page: starts a worker and resolves to the lines that it printed. */
const RUN_WORKER = `new Promise((resolve, reject) => {
  const worker = new Worker('/program.js', { type: 'module' })
  const lines = []
  worker.onmessage = ({ data }) => (data === null ? resolve(lines.join('\\n')) : lines.push(data))
  worker.onerror = ({ message }) => reject(new Error(message))
})`

function executable(): string {
  const places = [process.env['PHIGRAD_CHROMIUM'], '/usr/bin/chromium', '/usr/bin/chromium-browser']
  const found = places.find((path) => path !== undefined && existsSync(path))
  if (found !== undefined) return found
  throw new Error('no Chromium at /usr/bin/chromium: apt-get install chromium, or set PHIGRAD_CHROMIUM to its path')
}

export class Chromium {
  private program = ''

  private constructor(
    private readonly server: Server,
    private readonly context: BrowserContext,
    private readonly page: Page,
    private readonly profile: string,
  ) {
    server.on('request', ({ url }, response) => {
      const isProgram = url === '/program.js'
      response.setHeader('content-type', isProgram ? 'text/javascript; charset=utf-8' : 'text/html; charset=utf-8')
      response.setHeader('cache-control', 'no-store')
      response.end(isProgram ? this.program : PAGE)
    })
  }

  /** @throws Error naming the Debian package where there is no Chromium. */
  static async open(): Promise<Chromium> {
    const executablePath = executable()
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const profile = mkdtempSync(join(tmpdir(), 'phigrad-chromium-'))
    const context = await chromium.launchPersistentContext(profile, { executablePath, headless: true, args: FLAGS })
    const browser = new Chromium(server, context, await context.newPage(), profile)
    await browser.page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
    return browser
  }

  /** What a TypeScript program prints when it runs in a worker. An error in it is an error here. */
  async output(program: string): Promise<string> {
    this.program = await bundleForBrowser(program, { before: BEFORE, after: AFTER })
    return String(await this.page.evaluate(RUN_WORKER))
  }

  async close(): Promise<void> {
    await this.context.close()
    this.server.close()
    rmSync(this.profile, { recursive: true, force: true })
  }
}
