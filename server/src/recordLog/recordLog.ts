import { randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import type { IngestStores } from './stores.ts'
import { AppError, messageOf } from '../errors.ts'
import { applyUnit } from './state/applyCommand.ts'
import { openInserter, type Inserter } from './log/inserter.ts'
import { settleRepeated } from './log/idempotency.ts'
import { loadRecords } from './state/loadRecords.ts'
import { callsOfRemovedParts, needsOf, repeatsOfMoved } from './state/needs.ts'
import { patiently } from './log/deadline.ts'
import { isCurrent, openTurn, promiseBatch, type KeptAnswer, type Places } from './log/commit.ts'
import { openTurnGate, type TurnGate } from './log/commitGate.ts'
import { sizeOf, type IngestCounts, type Unit } from './command.ts'
import { WorkingSet } from './state/workingSet.ts'

/** Records that one turn takes at the most; one request alone may be larger. */
const groupSize = 20_000
/** What a turn may be waited with for company, of the time that the last one took. */
const gatheringShare = 0.5

interface AccountQueue {
  waiting: Unit[]
  isRunning: boolean
  /** Where the account stands, as long as no other process wrote. */
  places: Places | undefined
  inserter: Inserter
  /** By what other processes' entries are told from this one's. */
  writer: string
}

/** The accounts' turns in one process: requests that arrive while a turn runs share the next one. */
export interface IngestQueue {
  /** Applies the unit within the account's next turn; resolves once its records are durable. */
  submit(accountId: number, unit: Omit<Unit, 'resolve' | 'reject'>): Promise<IngestCounts>
  /** Resolves when what was acknowledged here before can be read. Throws UNAVAILABLE when the stores are away. */
  flush(accountId: number): Promise<void>
  /** Resolves when no turn is under way and everything can be read, or its store is known to be away. */
  drain(): Promise<void>
  /** Holds new turns; resolves when everything acknowledged can be read. Gives the function that lets turns go on. */
  pause(): Promise<() => void>
}

export function openIngestQueue(stores: IngestStores): IngestQueue {
  const accounts = new Map<number, AccountQueue>()
  const running = new Set<Promise<void>>()
  const gate = openTurnGate()
  const writer = randomUUID()
  const settleAll = () => Promise.all([...accounts.values()].map(({ inserter }) => inserter.settle()))
  const queueOf = (accountId: number): AccountQueue => {
    const known = accounts.get(accountId)
    if (known) return known
    const inserter = openInserter(stores, accountId)
    const queue: AccountQueue = { waiting: [], isRunning: false, places: undefined, inserter, writer }
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
        const run = runTurns(stores, accountId, queue, gate).finally(() => running.delete(run))
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
        await settleAll()
        return release
      } catch (error) {
        release()
        throw error
      }
    },
  }
}

async function runTurns(stores: IngestStores, accountId: number, queue: AccountQueue, gate: TurnGate): Promise<void> {
  while (queue.waiting.length > 0) {
    await gate.enter()
    const group = takeGroup(queue.waiting)
    const startedAt = performance.now()
    try {
      await patiently(stores.config, () => queue.inserter.room())
      await takeTurn(stores, accountId, queue, group)
    } catch (error) {
      refuseGroup(stores, accountId, queue, group, error)
    } finally {
      gate.leave()
    }
    await gather(queue, group.length, (performance.now() - startedAt) * gatheringShare)
  }
  queue.isRunning = false
}

/**
 * Who was answered together often asks again together: the next turn waits a little for as many, since the first of them
 * alone would make all others wait for a turn of its own.
 */
async function gather(queue: AccountQueue, count: number, mostMs: number): Promise<void> {
  const until = performance.now() + mostMs
  while (queue.waiting.length < count && count > 1 && performance.now() < until) await wait(1)
}

function refuseGroup(
  stores: IngestStores,
  accountId: number,
  queue: AccountQueue,
  group: Unit[],
  error: unknown,
): void {
  queue.places = undefined
  if (!(error instanceof AppError)) stores.log.error({ accountId, reason: messageOf(error) }, 'a turn failed')
  const failure =
    error instanceof AppError
      ? error
      : new AppError('UNAVAILABLE', 'The stores did not take the records; send them again.', { retryAfterSeconds: 5 })
  // Who waits in line would only wait longer for a store that is away.
  const isAway = error instanceof AppError && error.code === 'UNAVAILABLE'
  for (const unit of isAway ? [...group, ...queue.waiting.splice(0)] : group) unit.reject(failure)
}

/** The next requests in line, at most one for an Idempotency-Key: its repetition gets the first one's answer. */
function takeGroup(waiting: Unit[]): Unit[] {
  let size = 0
  let count = 0
  const keys = new Set<string>()
  for (const unit of waiting) {
    size += sizeOf(unit)
    if (count > 0 && size > groupSize) break
    if (unit.idempotency) {
      if (keys.has(unit.idempotency.key)) break
      keys.add(unit.idempotency.key)
    }
    count++
  }
  return waiting.splice(0, count)
}

interface Outcome {
  unit: Unit
  counts?: IngestCounts
  error?: AppError
}

/** Prepares the group's batch, promises it and answers; it reaches ClickHouse while the next turns are prepared. */
async function takeTurn(stores: IngestStores, accountId: number, queue: AccountQueue, asked: Unit[]): Promise<void> {
  const startedAt = performance.now()
  for (;;) {
    const group = await settleRepeated(stores, accountId, asked)
    if (group.length === 0) return
    const places = await placesOf(stores, accountId, queue)
    const records = await loadWorkingSet(stores, accountId, queue, places, group)
    const outcomes: Outcome[] = []
    for (const unit of group) outcomes.push(await outcomeOf(stores, records, unit))
    const written = records.written()
    queue.places = undefined
    if (written.length === 0 && !outcomes.some(mustTakeTurn)) {
      if (!(await isCurrent(stores, accountId, places))) continue
      queue.places = places
      return settle(stores, outcomes)
    }
    const after = { seq: records.lastSeq, number: records.lastNumber }
    const more = {
      writer: queue.writer,
      answers: outcomes.flatMap(answerOf),
      events: records.events,
      days: records.days,
    }
    const promised = await promiseBatch(stores, accountId, places, after, written, more)
    // Another process took the turn, or answered one of the requests: begin anew.
    if (!promised) continue
    queue.places = promised.places
    queue.inserter.add(promised, written)
    if (written.length > 0) stores.notices.announce(accountId)
    stores.metrics.ingestBatches.add({})
    stores.metrics.ingestTurnDuration.observe({}, (performance.now() - startedAt) / 1000)
    return settle(stores, outcomes)
  }
}

async function placesOf(stores: IngestStores, accountId: number, queue: AccountQueue): Promise<Places> {
  if (queue.places) return queue.places
  return patiently(stores.config, async (signal) => {
    await queue.inserter.flush()
    return openTurn(stores, accountId, { writer: queue.writer, signal })
  })
}

async function loadWorkingSet(
  stores: IngestStores,
  accountId: number,
  queue: AccountQueue,
  places: Places,
  group: Unit[],
): Promise<WorkingSet> {
  // Taken before reading: a batch that ends in between is then known twice, not missed.
  const pending = queue.inserter.pending()
  const loaded = await loadRecords(stores.clickhouse, accountId, needsOf(group))
  const { records, endpointCalls } = loaded
  const moved = repeatsOfMoved(group, [...records, ...pending])
  if (moved) endpointCalls.push(...(await loadRecords(stores.clickhouse, accountId, moved)).endpointCalls)
  const calls = callsOfRemovedParts(group, [...records, ...pending])
  if (calls) records.push(...(await loadRecords(stores.clickhouse, accountId, calls)).records)
  return new WorkingSet(loaded, pending, places)
}

function settle({ metrics }: IngestStores, outcomes: Outcome[]): void {
  for (const { unit, counts, error } of outcomes) {
    if (counts && !unit.isDryRun) countRecords(metrics, counts)
    if (counts) unit.resolve(counts)
    else if (error) unit.reject(error)
  }
}

function countRecords(metrics: IngestStores['metrics'], counts: IngestCounts): void {
  for (const result of ['created', 'updated', 'unchanged', 'deleted', 'rejected'] as const) {
    const records = counts[result]
    if (records) metrics.ingestRecords.add({ result }, records)
  }
}

async function outcomeOf(stores: IngestStores, records: WorkingSet, unit: Unit): Promise<Outcome> {
  try {
    return { unit, counts: await applyUnit(records, unit, stores.now()) }
  } catch (error) {
    if (error instanceof AppError) return { unit, error }
    throw error
  }
}

/**
 * Whether it takes a batch also if no record changes: to keep its answer, or since it decided by more than the records,
 * of which another process may decide otherwise in the same turn.
 */
function mustTakeTurn(outcome: Outcome): boolean {
  return keepsAnswer(outcome) || (outcome.counts !== undefined && outcome.unit.work.kind === 'changeCall')
}

function keepsAnswer({ unit, counts }: Outcome): boolean {
  return unit.idempotency !== undefined && counts !== undefined && !unit.isDryRun
}

function answerOf(outcome: Outcome): KeptAnswer[] {
  const { unit, counts } = outcome
  if (!unit.idempotency || !counts || !keepsAnswer(outcome)) return []
  const { refusals: _, ...answer } = counts
  return [{ ...unit.idempotency, answer }]
}
