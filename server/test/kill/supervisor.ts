import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { Watermark } from '../../src/recordLog/watermark.ts'
import { isPostgresOf, postgresPids, signalIfAlive, until } from '../program.ts'
import { phases, steps, type Step } from './steps.ts'

/** How a run of the server is to end. */
export type Kill =
  | { kind: 'at a step'; step: Step; count: number }
  | {
      kind: 'at any time'
      /** Counted from when it answers, or from its start. */
      afterMs: number
      isWhileStarting: boolean
      withPostgres: boolean
      program: 'watched' | 'earshot serve'
    }

export interface Death {
  kill: Kill
  /** Where the process was. */
  phase: string
}

// Long after its step has come, with senders that do not cease.
const maxRunMs = 20_000
const program = new URL('./program.ts', import.meta.url)
const commandLine = new URL('../../../bin/earshot.js', import.meta.url)

/** Starts the server over and over on one data folder, and kills it. */
export class Supervisor {
  readonly deaths: Death[] = []
  /** Process ids of the PostgreSQL that each start found or made. */
  readonly postmasters: number[] = []
  readonly #environment: Record<string, string>
  readonly #dataDirectory: string
  readonly #phaseFile: string
  /** The process that can be asked. */
  #child: ChildProcess | undefined
  #running: ChildProcess | undefined
  #isOver = false

  constructor(dataDirectory: string, environment: Record<string, string>) {
    this.#dataDirectory = dataDirectory
    this.#environment = environment
    this.#phaseFile = join(dataDirectory, 'kill-phase')
  }

  /** One life of the server. Resolves when it is dead. */
  async liveAndDie(kill: Kill): Promise<void> {
    const child = this.start(kill)
    const died = once(child, 'exit')
    if (kill.kind === 'at a step' || !kill.isWhileStarting) await this.untilServing(child)
    await Promise.race([died, wait(kill.kind === 'at any time' ? kill.afterMs : maxRunMs)])
    const postmaster = this.#postmaster()
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
    const [code, signal] = await died
    if (signal !== 'SIGKILL') throw new Error(`The server ended by itself with ${code ?? signal}.`)
    if (kill.kind === 'at any time' && kill.withPostgres && postmaster) signalIfAlive(postmaster, 'SIGKILL')
    else if (postmaster) this.postmasters.push(postmaster)
    this.deaths.push({ kill, phase: this.#phaseOf(kill) })
  }

  /** Waits until the server answers, however long a busy machine takes to start it, or is dead. */
  async untilServing(child: ChildProcess): Promise<void> {
    const url = `http://127.0.0.1:${this.#environment['EARSHOT_PORT']}/health`
    while (child.exitCode === null && child.signalCode === null) {
      const answer = await fetch(url).catch(() => undefined)
      if (answer?.ok) return void (await answer.arrayBuffer())
      await wait(20)
    }
  }

  start(kill?: Kill): ChildProcess {
    if (this.#isOver) throw new Error('The test is over.')
    writeFileSync(this.#phaseFile, Uint8Array.of(0))
    const isServe = kill?.kind === 'at any time' && kill.program === 'earshot serve'
    const aim = kill?.kind === 'at a step' ? [String(steps.indexOf(kill.step)), String(kill.count)] : []
    const child = fork(isServe ? commandLine : program, isServe ? ['serve'] : [this.#phaseFile, ...aim], {
      env: { ...process.env, ...this.#environment },
      execArgv: [],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    this.#child = isServe ? undefined : child
    this.#running = child
    return child
  }

  /** Ends whatever still runs on the folder, also when the test failed half-way. */
  async end(): Promise<void> {
    this.#isOver = true
    const child = this.#running
    if (child && child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
    // Told to end at once it ends its own processes first, which would still write here.
    for (const pid of postgresPids(this.#dataDirectory)) signalIfAlive(pid, 'SIGQUIT')
    await until('PostgreSQL is gone', () => postgresPids(this.#dataDirectory).length === 0)
  }

  /** The account's watermark as the running server sees it; undefined when there is none to ask. */
  async watermark(accountId: number): Promise<Watermark | undefined> {
    const child = this.#child
    if (!child?.connected) return undefined
    const gone = new AbortController()
    try {
      const answer = once(child, 'message', { signal: gone.signal })
      const dead = once(child, 'exit', { signal: gone.signal }).then(() => undefined)
      child.send(accountId)
      const message = await Promise.race([answer, dead])
      return message?.[0] ?? undefined
    } catch {
      return undefined
    } finally {
      gone.abort()
    }
  }

  #phaseOf(kill: Kill): string {
    if (kill.kind === 'at any time' && kill.program === 'earshot serve') return 'any, of earshot serve'
    return phases[readFileSync(this.#phaseFile)[0] ?? 0] ?? 'unknown'
  }

  /** The PostgreSQL that runs now; its note outlives one that was killed. */
  #postmaster(): number | undefined {
    try {
      const note = readFileSync(join(this.#dataDirectory, 'postgres', 'postmaster.pid'), 'utf8')
      const pid = Number(note.split('\n')[0])
      return isPostgresOf(this.#dataDirectory, pid) ? pid : undefined
    } catch {
      return undefined
    }
  }
}
