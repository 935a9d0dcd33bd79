#!/usr/bin/env node
// Makes a clone runnable: installs the packages that package-lock.json names unless they are there already, and builds
// the console unless it is there as its sources are now.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, linkSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const lockFile = join(root, '.setup.lock')
const ownLockFile = `${lockFile}.${process.pid}`
const stamp = join(root, 'console', 'dist', '.sources')

if (Number.parseInt(process.versions.node, 10) < 20) {
  fail(`Earshot needs Node.js 20 or later to set itself up; this is ${process.versions.node}.`)
}
if (!isInstalled() || !isBuilt()) await setUpAlone()

/** Whether every package stands in node_modules in the version that package-lock.json names. */
function isInstalled() {
  const wanted = readPackages('package-lock.json')
  if (!wanted) fail(`There is no package-lock.json in ${root}; the clone is not whole.`)
  // npm writes this one last, so it is missing after an installation that was broken off.
  const installed = readPackages(join('node_modules', '.package-lock.json'))
  if (!installed) return false
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === '' || !path.includes('node_modules/')) return true
    const found = installed[path]
    if (!found) return !isExpected(entry)
    return found.version === entry.version && found.integrity === entry.integrity
  })
}

function readPackages(file) {
  try {
    return JSON.parse(readFileSync(join(root, file), 'utf8')).packages
  } catch {
    return undefined
  }
}

/**
 * Whether npm would install this package here. Of the optional ones it takes those for this system, and what only the
 * others need is left out as well.
 */
function isExpected({ os, cpu, libc, dev, devOptional, optional }) {
  if ((dev || devOptional) && leavesOutDevelopment()) return false
  if (!optional) return true
  return libc === undefined && os?.includes(process.platform) && cpu?.includes(process.arch)
}

function leavesOutDevelopment() {
  const omitted = (process.env.npm_config_omit ?? '').split(/[\s,]+/)
  return omitted.includes('dev') || process.env.NODE_ENV === 'production'
}

/** Whether the console was built from its sources as they are; a clone without them needs none. */
function isBuilt() {
  const wanted = sourcesHash()
  if (wanted === undefined) return true
  try {
    return readFileSync(stamp, 'utf8') === wanted
  } catch {
    return false
  }
}

/** What the console's sources and the packages that it is built with are, in a word. */
function sourcesHash() {
  const folder = join(root, 'console')
  if (!existsSync(join(folder, 'index.html'))) return undefined
  const hash = createHash('sha256')
  const sources = [
    'index.html',
    'package.json',
    'tsconfig.json',
    'vite.config.ts',
    ...filesIn('public'),
    ...filesIn('src'),
  ]
  for (const file of [...sources.map((name) => join('console', name)), 'package-lock.json']) {
    const content = readFileSync(join(root, file))
    hash.update(`${file} ${content.length}\n`).update(content)
  }
  return hash.digest('hex')

  function filesIn(name) {
    const entries = readdirSync(join(folder, name), { recursive: true, withFileTypes: true })
    const files = entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    return files.map((path) => relative(folder, path)).toSorted()
  }
}

/** One process installs and builds; another that is started meanwhile waits for it. */
async function setUpAlone() {
  writeFileSync(ownLockFile, String(process.pid))
  process.on('exit', () => rmSync(ownLockFile, { force: true }))
  let told = false
  while (!takeLock()) {
    if (!told) process.stdout.write('Waiting for another process that sets Earshot up …\n')
    told = true
    await pause(200)
  }
  try {
    if (!isInstalled()) install()
    if (!isBuilt()) build()
  } finally {
    rmSync(lockFile, { force: true })
  }
}

function takeLock() {
  try {
    linkSync(ownLockFile, lockFile)
    return true
  } catch (error) {
    if (error.code !== 'EEXIST') fail(`The folder ${root} cannot be written: ${error.message}.`)
  }
  if (!holderLives()) {
    // Moving it aside lets only one of several waiting processes clear it away.
    const aside = `${ownLockFile}.stale`
    try {
      renameSync(lockFile, aside)
      rmSync(aside, { force: true })
    } catch {
      // Another one was quicker.
    }
  }
  return false
}

function holderLives() {
  try {
    process.kill(Number(readFileSync(lockFile, 'utf8')), 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

function install() {
  process.stdout.write('Installing the packages of Earshot (once; about 900 MB with both engines) …\n')
  const cli = process.env.npm_execpath
  const isNpm = cli !== undefined && basename(cli) === 'npm-cli.js' && existsSync(cli)
  // Not ci: it refuses a lock file that lacks a package made for some other system, however well it is locked for
  // this one. --no-save leaves the lock file as it is; the engines and the runtime are optional packages.
  const words = ['install', '--no-save', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error']
  const done = isNpm
    ? spawnSync(process.execPath, [cli, ...words], { cwd: root, stdio: 'inherit' })
    : spawnSync('npm', words, { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' })
  const remedy = `Check the connection to the npm registry and the space on the disk, then run npm install in ${root} and start again.`
  if (done.error) fail(`npm cannot be started: ${done.error.message}. Install npm, or put it on the PATH.`)
  if (done.signal) fail(`The installation was ended by ${done.signal}.`)
  if (done.status !== 0) fail(`The packages could not be installed (npm ended with ${done.status}). ${remedy}`)
  if (!isInstalled()) fail(`npm left packages out. ${remedy}`)
}

function build() {
  process.stdout.write('Building the console (a few seconds) …\n')
  const wanted = sourcesHash()
  const own = join(root, 'node_modules', `node-${process.platform}-${process.arch}`, 'bin', 'node')
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js')
  const words = [vite, 'build', join(root, 'console'), '--logLevel', 'error']
  const done = spawnSync(existsSync(own) ? own : process.execPath, words, { cwd: root, stdio: 'inherit' })
  if (done.error) fail(`The console cannot be built: ${done.error.message}.`)
  if (done.status !== 0) fail('The console could not be built; what is wrong stands above.')
  // Last, so that a build that was broken off is done again.
  writeFileSync(stamp, wanted)
}

function fail(message) {
  rmSync(ownLockFile, { force: true })
  try {
    if (Number(readFileSync(lockFile, 'utf8')) === process.pid) rmSync(lockFile)
  } catch {
    // There is none.
  }
  process.stderr.write(`earshot: ${message}\n`)
  process.exit(1)
}
