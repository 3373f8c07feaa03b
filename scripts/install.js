/**
 * Builds the native addon when npm installs phigrad from a clone or from source: with cmake-js, else with node-gyp, else not at
 * all. It never fails an install, since pure TypeScript serves without: PHIGRAD_REQUIRE_NATIVE=1 makes it fail (for CI),
 * PHIGRAD_SKIP_NATIVE=1 leaves it out. Where the package of this platform is installed there is nothing to build.
 * Plain JavaScript, because it runs before anything is built.
 */
import { spawnSync } from 'node:child_process'
import console from 'node:console'
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const require = createRequire(join(root, 'package.json'))

/** A file of an installed package, or null. */
function fileOf(name, path) {
  try {
    return join(dirname(require.resolve(`${name}/package.json`)), path)
  } catch {
    return null
  }
}

/** Runs a script with this Node; answers what it printed when it failed, and null when it did not. */
function failureOf(script, args) {
  const { status, stdout, stderr, error } = spawnSync(process.execPath, [script, ...args], {
    cwd: root,
    encoding: 'utf8',
  })
  return status === 0 ? null : `${stdout ?? ''}${stderr ?? ''}${error?.message ?? ''}`
}

/** A folder with include/node/node_api.h: that of this Node, or one made of the node-api-headers package; null for neither. */
function nodeFolder() {
  const own = dirname(dirname(process.execPath))
  if (existsSync(join(own, 'include/node/node_api.h'))) return own
  const headers = fileOf('node-api-headers', 'include')
  if (headers === null) return null
  const shim = join(root, 'build/headers')
  mkdirSync(join(shim, 'include/node'), { recursive: true })
  cpSync(headers, join(shim, 'include/node'), { recursive: true })
  writeFileSync(
    join(shim, 'include/node/common.gypi'),
    "{ 'target_defaults': { 'default_configuration': 'Release', 'configurations': { 'Release': { 'cflags': ['-O3'] } }, " +
      "'cflags': ['-fPIC', '-pthread'] } }\n",
  )
  writeFileSync(join(shim, 'include/node/config.gypi'), "{ 'variables': {} }\n")
  return shim
}

/** The builders that are installed, best first. */
function builders() {
  const found = []
  const cmakeJs = fileOf('cmake-js', 'bin/cmake-js')
  if (cmakeJs !== null) found.push({ name: 'cmake-js', script: cmakeJs, args: ['compile', '-O', 'build/cmake'] })
  const nodeGyp = fileOf('node-gyp', 'bin/node-gyp.js')
  if (nodeGyp !== null) {
    const folder = nodeFolder()
    const args = ['rebuild', '-C', 'native/cpu', ...(folder === null ? [] : [`--nodedir=${folder}`])]
    found.push({ name: 'node-gyp', script: nodeGyp, args })
  }
  return found
}

/** The line that says what is missing, out of a build log. */
function reasonIn(log) {
  const lines = log.split('\n').map((line) => line.trim())
  return (
    lines.find((line) =>
      /not found|not installed|could not find|no such file|CMake Error|error:|fetch failed/i.test(line),
    ) ??
    lines.findLast((line) => line !== '') ??
    'no reason given'
  )
}

/** Whether there is a native addon after it. */
function install() {
  if (process.env['PHIGRAD_SKIP_NATIVE'] === '1') {
    console.log('phigrad: PHIGRAD_SKIP_NATIVE=1, no native addon is built')
    return false
  }
  if (fileOf(`@phigrad/native-${process.platform}-${process.arch}`, '.') !== null) return true
  const tried = []
  for (const { name, script, args } of builders()) {
    const failure = failureOf(script, args)
    if (failure === null) {
      console.log(`phigrad: native addon built with ${name}`)
      return true
    }
    tried.push(`${name}: ${reasonIn(failure)}`)
  }
  const { name } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  console.log(`${name}: no native addon, pure TypeScript is used (${tried.join('; ') || 'no build tool is installed'})`)
  return false
}

const isBuilt = install()
if (!isBuilt && process.env['PHIGRAD_REQUIRE_NATIVE'] === '1') process.exitCode = 1
