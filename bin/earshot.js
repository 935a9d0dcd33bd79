#!/usr/bin/env node
// Runs Earshot's command line with the project's own Node.js, whatever version this file is started with.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const neededMajor = 24
// Each query of the embedded ClickHouse holds one thread of Node.js's pool until it ends, and there are four by default:
// files, names and passwords must find one free beside all of the engine's connections. Read when the first is needed.
process.env.UV_THREADPOOL_SIZE ??= '32'
// The allocator of the system keeps what large buffers left, in an arena for every few threads, unless it is told to give
// it back. It reads this when a process begins.
const allocator = { MALLOC_ARENA_MAX: '2', MALLOC_MMAP_THRESHOLD_: '131072', MALLOC_TRIM_THRESHOLD_: '131072' }
const root = dirname(dirname(fileURLToPath(import.meta.url)))
const modules = join(root, 'node_modules')

// Written by npm when an installation is complete.
if (!existsSync(join(modules, '.package-lock.json'))) {
  fail(`The packages of Earshot are not installed; run npm install in ${root}.`)
}
if (Number.parseInt(process.versions.node, 10) >= neededMajor) {
  if (process.argv[2] === 'serve') beginAgainWithAllocator()
  await import('../server/src/main.ts')
} else {
  runWithOwnRuntime()
}

/** The same process with the same program and words, unless its environment says already how to allocate. */
function beginAgainWithAllocator() {
  if (process.platform !== 'linux' || 'MALLOC_ARENA_MAX' in process.env || !process.execve) return
  const words = [process.execPath, ...process.execArgv, ...process.argv.slice(1)]
  process.execve(process.execPath, words, { ...allocator, ...process.env })
}

function runWithOwnRuntime() {
  const runtime = join(modules, `node-${process.platform}-${process.arch}`, 'bin', 'node')
  if (!existsSync(runtime)) {
    fail(
      `Earshot needs Node.js ${neededMajor}; this is ${process.versions.node}, and its own runtime for ` +
        `${process.platform}-${process.arch} is not installed. Run npm install without --omit=optional; where ` +
        `there is none (as on Windows, use WSL2), start this file with Node.js ${neededMajor} or later.`,
    )
  }
  // A group of its own: the terminal's Ctrl-C reaches this process alone, which passes it on once. The fourth stream
  // is the lifeline: when this process ends in any way, SIGKILL too, its end tells the child to end as well.
  const child = spawn(runtime, [join(root, 'bin', 'child.js'), ...process.argv.slice(2)], {
    stdio: ['inherit', 'inherit', 'inherit', 'pipe'],
    detached: true,
    env: { ...allocator, ...process.env },
  })
  child.stdio[3].on('error', () => {})
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.once('error', (error) => fail(`The runtime ${runtime} cannot be started: ${error.message}.`))
  child.once('exit', (code, signal) => endLike(code, signal))
}

/** Ends as the child did, so that whoever waits for this process learns the same. */
function endLike(code, signal) {
  if (signal === null) process.exit(code)
  process.removeAllListeners(signal)
  process.kill(process.pid, signal)
}

function fail(message) {
  process.stderr.write(`earshot: ${message}\n`)
  process.exit(1)
}
