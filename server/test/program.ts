import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

export const root = join(import.meta.dirname, '..', '..')
const wrapper = join(root, 'bin', 'earshot.js')

/** Another Node.js than the project's own, if the machine has one: what most users start the program with. */
export const foreignNode: string =
  (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '' && !folder.includes('node_modules'))
    .map((folder) => join(folder, 'node'))
    .find((path) => existsSync(path)) ?? process.execPath

export interface Ended {
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
}

/** The program as a user meets it: a process with nothing but its settings. */
export interface Program {
  process: ChildProcess
  output: { stdout: string; stderr: string }
  ended: Promise<Ended>
}

/** The programs that were started and may still run. */
const running = new Set<ChildProcess>()

export function start(settings: Record<string, string>, ...words: string[]): Program {
  const child = spawn(foreignNode, [wrapper, ...words], {
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: tmpdir(),
      EARSHOT_PORT: '0',
      EARSHOT_MIN_FREE_BYTES: '0',
      ...settings,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.add(child)
  child.once('exit', () => running.delete(child))
  const output = { stdout: '', stderr: '' }
  child.stdout.on('data', (text: Buffer) => (output.stdout += text.toString()))
  child.stderr.on('data', (text: Buffer) => (output.stderr += text.toString()))
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal, ...output }))
  })
  return { process: child, output, ended }
}

export function run(settings: Record<string, string>, ...words: string[]): Promise<Ended> {
  return start(settings, ...words).ended
}

/** A server that is ready, with its address and the process that really serves. */
export interface Serving extends Program {
  url: string
  pid: number
}

export async function serve(settings: Record<string, string>, ...words: string[]): Promise<Serving> {
  const program = start(settings, 'serve', ...words)
  const note = join(settings['EARSHOT_DATA_DIR'] ?? '', 'serve.json')
  const line = /"url":"(?<url>[^"]+)".*"msg":"listening"/
  for (;;) {
    const url = line.exec(program.output.stdout)?.groups?.['url']
    if (url) return { ...program, url, pid: JSON.parse(readFileSync(note, 'utf8')).pid }
    if (program.process.exitCode !== null || program.process.signalCode !== null)
      throw new Error(`The server ended: ${program.output.stderr}`)
    await pause(20)
  }
}

/** Whether a process lives; one that is dead and only waits for its parent does not. */
export function lives(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

/** Whether a process is the PostgreSQL of a data folder, or of one below a folder. */
export function isPostgresOf(folder: string, pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`\0-D\0${folder}/`)
  } catch {
    return false
  }
}

/** The processes of the PostgreSQL that runs in a data folder, or in one of those below a folder. */
export function postgresPids(folder: string): number[] {
  return allPids().filter((pid) => isPostgresOf(folder, pid))
}

function allPids(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
}

/** Whether a process, such as the one that a wrapper started, serves the data folder of these settings below a folder. */
function servesBelow(folder: string, pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`EARSHOT_DATA_DIR=${folder}/`)
  } catch {
    return false
  }
}

/** Sends a signal to a process that may end by itself meanwhile. */
export function signalIfAlive(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}

/** Waits until something holds, and gives up after many times what that takes on a busy machine. */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 300_000
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`It did not come true: ${what}`)
    await pause(20)
  }
}

/** A folder for one test file, and the way to leave nothing of it behind, whatever failed. */
export async function scratchFolder(): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'earshot-test-'))
  return {
    path,
    async remove() {
      for (const child of running) child.kill('SIGKILL')
      await until('every program is gone', () => running.size === 0)
      for (const pid of postgresPids(path)) signalIfAlive(pid, 'SIGQUIT')
      await until('every PostgreSQL is gone', () => postgresPids(path).length === 0)
      // A wrapper takes its program along a moment after its own end.
      await until('every server is gone', () => !allPids().some((pid) => servesBelow(path, pid)))
      await rm(path, { recursive: true, force: true, maxRetries: 10 })
    },
  }
}

export interface PrintedKey {
  account: string
  apiKey: string
  hmacSecret: string
  jwt: string
}

export async function createKey(settings: Record<string, string>, account: string): Promise<PrintedKey> {
  const ended = await run(settings, 'keys', 'create', '--account', account, '--scopes', '*', '--json')
  if (ended.code !== 0) throw new Error(ended.stderr)
  return JSON.parse(ended.stdout.trimEnd().split('\n').at(-1) ?? '')
}

/** Sends records, or asks for something when there are none. */
export async function call(url: string, apiKey: string, path: string, records?: object[]) {
  const answer = await fetch(`${url}${path}`, {
    headers: { 'X-Api-Key': apiKey, ...(records ? { 'Content-Type': 'application/json' } : {}) },
    ...(records ? { method: 'POST', body: JSON.stringify(records) } : {}),
  })
  // Tests look into answers of many shapes, and fail where one is another.
  // oxlint-disable-next-line typescript/no-explicit-any
  return { status: answer.status, json: (await answer.json()) as any }
}

export function phoneCall(id: string): object {
  return { id, channel: 'phone', status: 'completed', startedAt: '2026-05-03T14:05:07Z', durationSeconds: 60 }
}
