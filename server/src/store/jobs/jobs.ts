import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { Logger } from 'pino'
import { AppError, messageOf } from '../../errors.ts'
import {
  cancelChannel,
  claimJobs,
  deleteJob,
  finishJob,
  insertJob,
  kindsToLookAt,
  putBackJob,
  readQueuePosition,
  releaseExpired,
  renewLeases,
  wakeChannel,
  type ClaimedJob,
} from './jobStatements.ts'
import { createPeriodicWork } from './periodicWork.ts'
import type { Postgres, Queryable } from '../postgres/postgres.ts'

/** A job that a worker has claimed; the worker renews its lease while the handler runs. */
export interface HeldJob {
  id: string
  kind: string
  accountId: number
  /** The input of the job: ids only. */
  input: unknown
  /** From 1; also the fencing token: a later attempt has a higher one. */
  attempt: number
  /** Aborted when the lease is lost, the job is cancelled or the process stops. */
  signal: AbortSignal
}

export interface JobKind {
  /** How many jobs of the kind may run in one process at the same time. */
  concurrency: number
  /** Attempts before the job fails for good; the death of a worker counts as one, its stop does not. */
  maxAttempts: number
  /** Does the work; may be called again from the start after a crash. */
  run(job: HeldJob): Promise<void>
  /** Called when the last attempt failed; called again if it fails itself or its process dies. */
  giveUp(job: HeldJob, error: unknown): Promise<void>
}

/** The job queue: rows in PostgreSQL under leases. */
export interface Jobs {
  /** Adds a job in the caller's transaction; it can start once that commits. `runAt` in milliseconds since 1970. */
  enqueue(tx: Queryable, job: { kind: string; accountId: number; input: unknown; runAt?: number }): Promise<string>
  /** Removes a job in the caller's transaction, and aborts it where it runs. False when the job no longer exists. */
  cancel(tx: Queryable, id: string): Promise<boolean>
  /** The position of a waiting job: 1 is the next to run. Undefined when the job does not wait. */
  queuePositionOf(id: string): Promise<number | undefined>
  /** Registers the handler of a kind of job; to be called before `start`. */
  define(kind: string, definition: JobKind): void
  /**
   * Runs `work` about every `intervalSeconds` in one process at a time; aborts its signal when another process may take
   * over.
   */
  every(name: string, intervalSeconds: number, work: (signal: AbortSignal) => Promise<void>): void
  /**
   * Runs `work` in every process that runs jobs, from `start` until `stop`, which aborts its signal and waits for it.
   */
  always(name: string, work: (signal: AbortSignal) => Promise<void>): void
  /** Begins to claim jobs. */
  start(): void
  /** Stops claiming jobs, aborts the running ones (they return to the queue) and waits for them. */
  stop(): Promise<void>
}

export interface JobTimes {
  /** The duration of a lease without a renewal. */
  leaseMs: number
  renewMs: number
  /** How often the queue is polled when no notification arrives. */
  pollMs: number
  /** The pause after the first failed attempt; it doubles with each further one, up to five minutes. */
  retryMs: number
  /** The pause while a store that the job needs is unreachable, which is not a failed attempt. */
  outageMs: number
}

const usualTimes: JobTimes = { leaseMs: 15_000, renewMs: 5_000, pollMs: 2_000, retryMs: 1_000, outageMs: 5_000 }
/** Half an hour with the usual pause; a longer outage counts as failed attempts of the job. */
const maxTriesInAnOutage = 360
const maxRetryMs = 300_000

/** A job that runs in this process. */
interface Running {
  job: HeldJob
  failures: number
  abort: AbortController
  /** Aborts the job shortly before its lease ends, when no renewal arrives. */
  expiry: NodeJS.Timeout
  ended: Promise<void>
}

/** Opens the job queue for this process. `now` is its clock in milliseconds since 1970. */
export function openJobs(
  postgres: Postgres,
  options: {
    log: Pick<Logger, 'warn' | 'error'>
    now?: () => number
    times?: Partial<JobTimes>
    /** Called after every run that ended in this process by itself. */
    ended?: (kind: string, result: 'done' | 'retried' | 'failed') => void
  },
): Jobs {
  const { log, now = Date.now, ended } = options
  const times = { ...usualTimes, ...options.times }
  const worker = randomUUID()
  const kinds = new Map<string, JobKind>()
  // A job may run a second time in this process while the attempt that lost its lease still ends.
  const running = new Set<Running>()
  const periodic = createPeriodicWork(postgres, { log, worker, now, times })
  const constant: { name: string; work: (signal: AbortSignal) => Promise<void> }[] = []
  const stopping = new AbortController()
  let constantRuns: Promise<void>[] = []
  const timers: NodeJS.Timeout[] = []
  const filling = new Map<string, Promise<void>>()
  const again = new Set<string>()
  let state: 'idle' | 'started' | 'stopped' = 'idle'
  let listening: Promise<(() => Promise<void>)[]> | undefined

  const failed = (what: string) => (error: unknown) => log.warn({ reason: messageOf(error) }, what)

  /** Claims jobs of a kind until its slots are full or no job is due; a call during that makes it query once more. */
  function fill(kind: string): void {
    if (state !== 'started' || !kinds.has(kind)) return
    if (filling.has(kind)) {
      again.add(kind)
      return
    }
    const work = takeAll(kind)
      .catch(failed('jobs cannot be claimed'))
      .finally(() => {
        filling.delete(kind)
        if (again.delete(kind)) fill(kind)
      })
    filling.set(kind, work)
  }

  async function takeAll(kind: string): Promise<void> {
    const definition = kinds.get(kind)
    if (!definition) return
    for (;;) {
      if (state !== 'started') return
      const busy = [...running].filter(({ job }) => job.kind === kind).length
      const limit = definition.concurrency - busy
      if (limit <= 0) return
      const claimedAt = performance.now()
      const claimed = await claimJobs(postgres, { kind, limit, worker, now: now(), leaseMs: times.leaseMs })
      for (const row of claimed) take(kind, definition, row, claimedAt)
      if (claimed.length === 0) return
    }
  }

  function take(kind: string, definition: JobKind, row: ClaimedJob, claimedAt: number): void {
    const abort = new AbortController()
    const { id, input, attempt, failures } = row
    const job = { id, kind, accountId: row.account_id, input, attempt, signal: abort.signal }
    const held = { job, failures, abort, expiry: expireAt(abort, claimedAt), ended: Promise.resolve() }
    running.add(held)
    if (state === 'stopped') abort.abort(new Error('The process stops.'))
    held.ended = runJob(definition, held)
      .then(untilWritten)
      .catch(failed('the end of a job cannot be written; its lease will run out'))
      .finally(() => {
        clearTimeout(held.expiry)
        running.delete(held)
        fill(kind)
      })
  }

  /** `since` is the time of the request for the lease; the database starts the lease later. */
  function expireAt(abort: AbortController, since: number): NodeJS.Timeout {
    const leftMs = since + times.leaseMs * 0.9 - performance.now()
    return setTimeout(() => abort.abort(new Error('The lease of the job was lost.')), leftMs)
  }

  /**
   * Writes the result of a job; keeps its lease until that succeeds, because the control database may be unreachable.
   */
  async function untilWritten(writeEnd: () => Promise<void>): Promise<void> {
    for (;;) {
      try {
        return await writeEnd()
      } catch (error) {
        if (!isOutage(error) || state === 'stopped') throw error
        await pause(times.renewMs, undefined, { signal: stopping.signal }).catch(() => {})
      }
    }
  }

  /** Runs the job; returns the function that writes its result. */
  async function runJob(definition: JobKind, { job, failures, abort }: Running): Promise<() => Promise<void>> {
    const hold = { id: job.id, attempt: job.attempt, worker }
    try {
      if (failures >= definition.maxAttempts) {
        const died = new Error('The processes that ran the job ended before the job did.')
        log.error(aboutJob(job, died), 'a job failed for the last time')
        await definition.giveUp(job, died)
      } else if (!abort.signal.aborted) {
        await definition.run(job)
      } else {
        throw abort.signal.reason
      }
    } catch (error) {
      return handleFailure(definition, { job, failures, error })
    }
    ended?.(job.kind, failures >= definition.maxAttempts ? 'failed' : 'done')
    return () => finishJob(postgres, hold)
  }

  async function handleFailure(
    definition: JobKind,
    { job, failures, error }: { job: HeldJob; failures: number; error: unknown },
  ): Promise<() => Promise<void>> {
    const hold = { id: job.id, attempt: job.attempt, worker }
    const putBack = (how: { failed: boolean; pauseMs: number }) => () => putBackJob(postgres, hold, how)
    if (state === 'stopped') return putBack({ failed: false, pauseMs: 0 })
    // The job was cancelled or another worker has claimed it, so this changes nothing; or the lease could not be
    // renewed.
    if (job.signal.aborted) return putBack({ failed: job.attempt >= maxTriesInAnOutage, pauseMs: 0 })
    const about = aboutJob(job, error)
    if (isOutage(error) && job.attempt < maxTriesInAnOutage) {
      log.warn({ ...about, err: error }, 'a store is away; a job waits for it')
      ended?.(job.kind, 'retried')
      return putBack({ failed: false, pauseMs: times.outageMs })
    }
    const pauseMs = Math.min(times.retryMs * 2 ** failures, maxRetryMs)
    if (failures + 1 < definition.maxAttempts) {
      log.warn(about, 'a job failed and will be tried again')
      ended?.(job.kind, 'retried')
      return putBack({ failed: true, pauseMs })
    }
    if (failures >= definition.maxAttempts) {
      log.error(about, 'a job could not be given up and will be tried again')
      return putBack({ failed: true, pauseMs })
    }
    log.error(about, 'a job failed for the last time')
    try {
      await definition.giveUp(job, error)
    } catch (failure) {
      log.error({ ...about, reason: messageOf(failure) }, 'a job could not be given up and will be tried again')
      return putBack({ failed: true, pauseMs })
    }
    ended?.(job.kind, 'failed')
    return () => finishJob(postgres, hold)
  }

  async function renew(): Promise<void> {
    const held = [...running]
    if (held.length === 0) return
    const since = performance.now()
    const ids = held.map(({ job }) => job.id)
    const renewed = await renewLeases(postgres, { ids, worker, leaseMs: times.leaseMs })
    const kept = new Map(renewed.map(({ id, attempt }) => [id, attempt]))
    for (const entry of held) {
      if (!running.has(entry)) continue
      clearTimeout(entry.expiry)
      if (kept.get(entry.job.id) === entry.job.attempt) entry.expiry = expireAt(entry.abort, since)
      else entry.abort.abort(new Error('The lease of the job was lost.'))
    }
  }

  async function poll(): Promise<void> {
    // Renew the leases of this process first: the database may have been unreachable for longer than a lease.
    await renew()
    const found = await kindsToLookAt(postgres, { kinds: [...kinds.keys()], now: now() })
    if (found.length === 0) return
    await releaseExpired(postgres, found)
    for (const kind of found) fill(kind)
  }

  function look(): void {
    poll().catch(failed('the job queue cannot be read'))
  }

  function abortCancelled(id: string): void {
    for (const { job, abort } of running) if (job.id === id) abort.abort(new Error('The job was cancelled.'))
  }

  function beginToListen(): Promise<(() => Promise<void>)[]> {
    return Promise.all([
      postgres.listen(wakeChannel, fill, look),
      postgres.listen(cancelChannel, abortCancelled),
    ]).catch((error: unknown) => {
      failed('jobs are found by looking only, as LISTEN failed')(error)
      return []
    })
  }

  return {
    enqueue: insertJob,
    cancel: deleteJob,
    queuePositionOf: (id) => readQueuePosition(postgres, id),
    define: (kind, definition) => void kinds.set(kind, definition),
    every: (name, intervalSeconds, work) => periodic.add(name, intervalSeconds, work),
    always: (name, work) => void constant.push({ name, work }),
    start: () => {
      state = 'started'
      listening = beginToListen()
      look()
      timers.push(setInterval(look, times.pollMs))
      timers.push(setInterval(() => void renew().catch(failed('leases cannot be renewed')), times.renewMs))
      periodic.start()
      constantRuns = constant.map(({ name, work }) => work(stopping.signal).catch(failed(`${name} ended`)))
    },
    stop: async () => {
      state = 'stopped'
      for (const { abort } of running) abort.abort(new Error('The process stops.'))
      stopping.abort(new Error('The process stops.'))
      await Promise.all([periodic.stop(), ...constantRuns])
      for (const end of (await listening) ?? []) await end()
      // Jobs that are being claimed at this moment return to the queue at once.
      await Promise.all(filling.values())
      await Promise.all([...running].map(({ ended }) => ended))
      for (const timer of timers) clearInterval(timer)
    },
  }
}

/** The fields of a log line about a failed job; its input consists of ids, which help to find the cause. */
function aboutJob({ id, kind, input, attempt }: HeldJob, error: unknown): Record<string, unknown> {
  return { job: id, kind, input, attempt, reason: messageOf(error) }
}

function isOutage(error: unknown): boolean {
  return error instanceof AppError && error.code === 'UNAVAILABLE'
}
