import { randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import type { RecordLogStores } from './stores.ts'
import { AppError, messageOf } from '../errors.ts'
import { applyCommand } from './state/applyCommand.ts'
import { openInserter, type Inserter } from './log/inserter.ts'
import { answerRepeated } from './log/idempotency.ts'
import { loadRecords } from './state/loadRecords.ts'
import { callsOfRemovedParts, needsOf, repeatsOfMoved } from './state/needs.ts'
import { withDeadline } from './log/deadline.ts'
import { isCurrent, readCounters, logBatch, type KeptAnswer, type Counters } from './log/commit.ts'
import { openCommitGate, type CommitGate } from './log/commitGate.ts'
import { sizeOf, type IngestCounts, type Command } from './command.ts'
import { WorkingSet } from './state/workingSet.ts'

/** Records that one turn takes at the most; one request alone may be larger. */
const groupSize = 20_000
/** What a turn may be waited with for company, of the time that the last one took. */
const companionWaitShare = 0.5

interface AccountQueue {
  waiting: Command[]
  isRunning: boolean
  /** Where the account stands, as long as no other process wrote. */
  counters: Counters | undefined
  inserter: Inserter
  /** By what other processes' entries are told from this one's. */
  processId: string
}

/** The accounts' turns in one process: requests that arrive while a turn runs share the next one. */
export interface RecordLog {
  /** Applies the unit within the account's next turn; resolves once its records are durable. */
  submit(accountId: number, command: Omit<Command, 'resolve' | 'reject'>): Promise<IngestCounts>
  /** Resolves when what was acknowledged here before can be read. Throws UNAVAILABLE when the stores are away. */
  flush(accountId: number): Promise<void>
  /** Resolves when no turn is under way and everything can be read, or its store is known to be away. */
  drain(): Promise<void>
  /** Holds new turns; resolves when everything acknowledged can be read. Gives the function that lets turns go on. */
  pause(): Promise<() => void>
}

export function openRecordLog(stores: RecordLogStores): RecordLog {
  const accounts = new Map<number, AccountQueue>()
  const running = new Set<Promise<void>>()
  const gate = openCommitGate()
  const processId = randomUUID()
  const flushAllWithoutDeadline = () =>
    Promise.all([...accounts.values()].map(({ inserter }) => inserter.flushWithoutDeadline()))
  const queueOf = (accountId: number): AccountQueue => {
    const known = accounts.get(accountId)
    if (known) return known
    const inserter = openInserter(stores, accountId)
    const queue: AccountQueue = { waiting: [], isRunning: false, counters: undefined, inserter, processId }
    accounts.set(accountId, queue)
    return queue
  }
  return {
    submit: (accountId, work) =>
      new Promise((resolve, reject) => {
        const queue = queueOf(accountId)
        queue.waiting.push({ ...work, resolve, reject })
        if (queue.isRunning) return
        queue.isRunning = true
        const run = runCommits(stores, accountId, queue, gate).finally(() => running.delete(run))
        running.add(run)
      }),
    flush: async (accountId) => {
      await accounts.get(accountId)?.inserter.flush()
    },
    drain: async () => {
      while (running.size > 0) await Promise.all(running)
      await Promise.all([...accounts.values()].map(({ inserter }) => inserter.end()))
    },
    pause: async () => {
      const release = await gate.close()
      try {
        await flushAllWithoutDeadline()
        return release
      } catch (error) {
        release()
        throw error
      }
    },
  }
}

async function runCommits(
  stores: RecordLogStores,
  accountId: number,
  queue: AccountQueue,
  gate: CommitGate,
): Promise<void> {
  while (queue.waiting.length > 0) {
    await gate.enter()
    const group = takeGroup(queue.waiting)
    const startedAt = performance.now()
    try {
      await withDeadline(stores.config, () => queue.inserter.waitForRoom())
      await commitGroup(stores, accountId, queue, group)
    } catch (error) {
      rejectGroup(stores, accountId, queue, group, error)
    } finally {
      gate.leave()
    }
    await waitForCompanions(queue, group.length, (performance.now() - startedAt) * companionWaitShare)
  }
  queue.isRunning = false
}

/**
 * Who was answered together often asks again together: the next turn waits a little for as many, since the first of them
 * alone would make all others wait for a turn of its own.
 */
async function waitForCompanions(queue: AccountQueue, count: number, maxMs: number): Promise<void> {
  const until = performance.now() + maxMs
  while (queue.waiting.length < count && count > 1 && performance.now() < until) await wait(1)
}

function rejectGroup(
  stores: RecordLogStores,
  accountId: number,
  queue: AccountQueue,
  group: Command[],
  error: unknown,
): void {
  queue.counters = undefined
  if (!(error instanceof AppError)) stores.log.error({ accountId, reason: messageOf(error) }, 'a turn failed')
  const failure =
    error instanceof AppError
      ? error
      : new AppError('UNAVAILABLE', 'The stores did not take the records; send them again.', { retryAfterSeconds: 5 })
  // Who waits in line would only wait longer for a store that is away.
  const isAway = error instanceof AppError && error.code === 'UNAVAILABLE'
  for (const command of isAway ? [...group, ...queue.waiting.splice(0)] : group) command.reject(failure)
}

/** The next requests in line, at most one for an Idempotency-Key: its repetition gets the first one's answer. */
function takeGroup(waiting: Command[]): Command[] {
  let size = 0
  let count = 0
  const keys = new Set<string>()
  for (const command of waiting) {
    size += sizeOf(command)
    if (count > 0 && size > groupSize) break
    if (command.idempotency) {
      if (keys.has(command.idempotency.key)) break
      keys.add(command.idempotency.key)
    }
    count++
  }
  return waiting.splice(0, count)
}

interface Outcome {
  command: Command
  counts?: IngestCounts
  error?: AppError
}

/** Prepares the group's batch, promises it and answers; it reaches ClickHouse while the next turns are prepared. */
async function commitGroup(
  stores: RecordLogStores,
  accountId: number,
  queue: AccountQueue,
  asked: Command[],
): Promise<void> {
  const startedAt = performance.now()
  for (;;) {
    const group = await answerRepeated(stores, accountId, asked)
    if (group.length === 0) return
    const counters = await countersOf(stores, accountId, queue)
    const records = await loadWorkingSet(stores, accountId, queue, counters, group)
    const outcomes: Outcome[] = []
    for (const command of group) outcomes.push(await outcomeOf(stores, records, command))
    const written = records.written()
    queue.counters = undefined
    if (written.length === 0 && !outcomes.some(needsCommit)) {
      if (!(await isCurrent(stores, accountId, counters))) continue
      queue.counters = counters
      return answerAll(stores, outcomes)
    }
    const after = { seq: records.lastSeq, number: records.lastNumber }
    const more = {
      processId: queue.processId,
      answers: outcomes.flatMap(answerOf),
      events: records.events,
      days: records.days,
    }
    const logged = await logBatch(stores, accountId, counters, after, written, more)
    // Another process took the turn, or answered one of the requests: begin anew.
    if (!logged) continue
    queue.counters = logged.counters
    queue.inserter.add(logged, written)
    if (written.length > 0) stores.notices.announce(accountId)
    stores.metrics.ingestBatches.add({})
    stores.metrics.commitDuration.observe({}, (performance.now() - startedAt) / 1000)
    return answerAll(stores, outcomes)
  }
}

async function countersOf(stores: RecordLogStores, accountId: number, queue: AccountQueue): Promise<Counters> {
  if (queue.counters) return queue.counters
  return withDeadline(stores.config, async (signal) => {
    await queue.inserter.flush()
    return readCounters(stores, accountId, { processId: queue.processId, signal })
  })
}

async function loadWorkingSet(
  stores: RecordLogStores,
  accountId: number,
  queue: AccountQueue,
  counters: Counters,
  group: Command[],
): Promise<WorkingSet> {
  // Taken before reading: a batch that ends in between is then known twice, not missed.
  const pending = queue.inserter.pending()
  const loaded = await loadRecords(stores.clickhouse, accountId, needsOf(group))
  const { records, endpointCalls } = loaded
  const moved = repeatsOfMoved(group, [...records, ...pending])
  if (moved) endpointCalls.push(...(await loadRecords(stores.clickhouse, accountId, moved)).endpointCalls)
  const calls = callsOfRemovedParts(group, [...records, ...pending])
  if (calls) records.push(...(await loadRecords(stores.clickhouse, accountId, calls)).records)
  return new WorkingSet(loaded, pending, counters)
}

function answerAll({ metrics }: RecordLogStores, outcomes: Outcome[]): void {
  for (const { command, counts, error } of outcomes) {
    if (counts && !command.isDryRun) countRecords(metrics, counts)
    if (counts) command.resolve(counts)
    else if (error) command.reject(error)
  }
}

function countRecords(metrics: RecordLogStores['metrics'], counts: IngestCounts): void {
  for (const result of ['created', 'updated', 'unchanged', 'deleted', 'rejected'] as const) {
    const records = counts[result]
    if (records) metrics.ingestRecords.add({ result }, records)
  }
}

async function outcomeOf(stores: RecordLogStores, records: WorkingSet, command: Command): Promise<Outcome> {
  try {
    return { command, counts: await applyCommand(records, command, stores.now()) }
  } catch (error) {
    if (error instanceof AppError) return { command, error }
    throw error
  }
}

/**
 * Whether it takes a batch also if no record changes: to keep its answer, or since it decided by more than the records,
 * of which another process may decide otherwise in the same turn.
 */
function needsCommit(outcome: Outcome): boolean {
  return keepsAnswer(outcome) || (outcome.counts !== undefined && outcome.command.work.kind === 'changeCall')
}

function keepsAnswer({ command, counts }: Outcome): boolean {
  return command.idempotency !== undefined && counts !== undefined && !command.isDryRun
}

function answerOf(outcome: Outcome): KeptAnswer[] {
  const { command, counts } = outcome
  if (!command.idempotency || !counts || !keepsAnswer(outcome)) return []
  const { refusals: _, ...answer } = counts
  return [{ ...command.idempotency, answer }]
}
