import type { IngestStores } from './stores.ts'
import type { Values } from '../../domain/collections/collection.ts'
import { partCollections } from '../../domain/collections/all.ts'
import { turns } from '../../domain/collections/parts.ts'
import { AppError, messageOf } from '../../errors.ts'
import { applyUnit } from './applyUnit.ts'
import { settleRepeated } from './idempotency.ts'
import { loadEndpointCalls, loadRecords, type EndpointCall, type Needs } from './loadRecords.ts'
import type { StoredRecord } from './storedRecord.ts'
import { keepPromise, openTurn, promiseBatch, type KeptAnswer, type Places, type PromisedBatch } from './turn.ts'
import { sizeOf, type IngestCounts, type Unit } from './unit.ts'
import { WorkingSet } from './workingSet.ts'

/** Records that one turn takes at the most; one request alone may be larger. */
const groupSize = 20_000
const dayMs = 24 * 60 * 60 * 1000

/** Batches that may be on their way into ClickHouse while the next turn is prepared. */
const mostPending = 2

interface AccountQueue {
  waiting: Unit[]
  isRunning: boolean
  /** Where the account stands, as long as no other process wrote. */
  places: Places | undefined
  /** Durable batches that ClickHouse may not show yet, oldest first. */
  pending: { records: StoredRecord[]; done: Promise<void> }[]
}

/** The accounts' turns in one process: requests that arrive while a turn runs share the next one. */
export interface IngestQueue {
  /** Applies the unit within the account's next turn; resolves once its records are durable and readable. */
  submit(accountId: number, unit: Omit<Unit, 'resolve' | 'reject'>): Promise<IngestCounts>
  /** Resolves when no turn is under way. */
  drain(): Promise<void>
}

export function openIngestQueue(stores: IngestStores): IngestQueue {
  const accounts = new Map<number, AccountQueue>()
  const running = new Set<Promise<void>>()
  return {
    submit: (accountId, work) =>
      new Promise((resolve, reject) => {
        const queue = accounts.get(accountId) ?? { waiting: [], isRunning: false, places: undefined, pending: [] }
        accounts.set(accountId, queue)
        queue.waiting.push({ ...work, resolve, reject })
        if (queue.isRunning) return
        queue.isRunning = true
        const run = runTurns(stores, accountId, queue).finally(() => running.delete(run))
        running.add(run)
      }),
    drain: async () => {
      while (running.size > 0) await Promise.all(running)
    },
  }
}

async function runTurns(stores: IngestStores, accountId: number, queue: AccountQueue): Promise<void> {
  while (queue.waiting.length > 0) {
    const group = takeGroup(queue.waiting)
    try {
      await takeTurn(stores, accountId, queue, group)
    } catch (error) {
      refuseGroup(stores, accountId, queue, group, error)
    }
    while (queue.pending.length >= mostPending || (queue.waiting.length === 0 && queue.pending.length > 0)) {
      await queue.pending[0]?.done
    }
  }
  queue.isRunning = false
}

function refuseGroup(
  stores: IngestStores,
  accountId: number,
  queue: AccountQueue,
  group: Unit[],
  error: unknown,
): void {
  queue.places = undefined
  if (!(error instanceof AppError)) stores.log.error({ accountId, error: messageOf(error) }, 'a turn failed')
  const failure =
    error instanceof AppError
      ? error
      : new AppError('UNAVAILABLE', 'The stores did not take the records; send them again.', { retryAfterSeconds: 5 })
  for (const unit of group) unit.reject(failure)
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

/** Prepares the group's batch and promises it; it reaches ClickHouse while the next turn is prepared. */
async function takeTurn(stores: IngestStores, accountId: number, queue: AccountQueue, asked: Unit[]): Promise<void> {
  for (;;) {
    const group = await settleRepeated(stores, accountId, asked)
    if (group.length === 0) return
    const places = await placesOf(stores, accountId, queue)
    const records = await loadWorkingSet(stores, accountId, queue, places, group)
    const outcomes: Outcome[] = []
    for (const unit of group) outcomes.push(await outcomeOf(stores, records, unit))
    const written = records.written()
    if (written.length === 0 && !outcomes.some(keepsAnswer)) {
      await queue.pending.at(-1)?.done
      return settle(outcomes)
    }
    queue.places = undefined
    const after = { seq: records.lastSeq, number: records.lastNumber }
    const promised = await promiseBatch(stores, accountId, places, after, written, outcomes.flatMap(answerOf))
    // Another process took the turn, or answered one of the requests: begin anew.
    if (!promised) continue
    queue.places = promised.places
    finishBatch(stores, accountId, queue, promised, written, outcomes)
    return
  }
}

async function placesOf(stores: IngestStores, accountId: number, queue: AccountQueue): Promise<Places> {
  if (queue.places) return queue.places
  while (queue.pending.length > 0) await queue.pending[0]?.done
  return openTurn(stores, accountId)
}

async function loadWorkingSet(
  stores: IngestStores,
  accountId: number,
  queue: AccountQueue,
  places: Places,
  group: Unit[],
): Promise<WorkingSet> {
  // Taken before reading: a batch that ends in between is then known twice, not missed.
  const pending = queue.pending.flatMap((batch) => batch.records)
  const stored = await loadRecords(stores.clickhouse, accountId, needsOf(group))
  const endpointCalls = await loadRepeats(stores, accountId, group, [...stored, ...pending])
  return new WorkingSet(stored, endpointCalls, pending, places)
}

/** Answers only once the records are readable, and in the order of the turns. */
function finishBatch(
  stores: IngestStores,
  accountId: number,
  queue: AccountQueue,
  promised: PromisedBatch,
  records: StoredRecord[],
  outcomes: Outcome[],
): void {
  const earlier = queue.pending.at(-1)?.done ?? Promise.resolve()
  const done = keepPromise(stores, accountId, promised, earlier).then(
    () => settle(outcomes),
    (error: unknown) =>
      refuseGroup(
        stores,
        accountId,
        queue,
        outcomes.map(({ unit }) => unit),
        error,
      ),
  )
  const batch = { records, done: done.finally(() => queue.pending.splice(queue.pending.indexOf(batch), 1)) }
  queue.pending.push(batch)
}

function settle(outcomes: Outcome[]): void {
  for (const { unit, counts, error } of outcomes) {
    if (counts) unit.resolve(counts)
    else if (error) unit.reject(error)
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

function keepsAnswer({ unit, counts }: Outcome): boolean {
  return unit.idempotency !== undefined && counts !== undefined && !unit.isDryRun
}

function answerOf(outcome: Outcome): KeptAnswer[] {
  const { unit, counts } = outcome
  return unit.idempotency && keepsAnswer(outcome) ? [{ ...unit.idempotency, answer: counts }] : []
}

function needsOf(group: Unit[]): Needs {
  const needs: Needs = { records: new Map(), wholeCalls: new Map() }
  const need = (name: string, key: string, callId?: string): void => {
    const keys = needs.records.get(name) ?? new Map<string, string | undefined>()
    keys.set(key, callId)
    needs.records.set(name, keys)
  }
  for (const { work } of group) {
    if (work.kind === 'remove') {
      need(work.collection.name, work.key)
      if (work.collection.name === 'calls') needs.wholeCalls.set(work.key, partCollections)
      continue
    }
    const collection = work.kind === 'merge' ? work.collection : turns
    for (const { write } of work.writes) {
      const callId = write.set['callId']
      need(collection.name, write.key, typeof callId === 'string' ? callId : undefined)
    }
    if (work.kind === 'replaceTurns' && !needs.wholeCalls.has(work.callId)) needs.wholeCalls.set(work.callId, [turns])
  }
  return needs
}

/** Calls that the new or moved calls of this turn may repeat. */
async function loadRepeats(
  stores: IngestStores,
  accountId: number,
  group: Unit[],
  stored: StoredRecord[],
): Promise<EndpointCall[]> {
  const known = new Map<string, Values>()
  for (const record of stored) if (record.collection.name === 'calls') known.set(record.key, record.values)
  const externals = new Set<string>()
  let from = Infinity
  let to = -Infinity
  for (const { work } of group) {
    if (work.kind !== 'merge' || work.collection.name !== 'calls') continue
    for (const { write } of work.writes) {
      const before = known.get(write.key)
      const external = write.set['externalEndpoint'] ?? before?.['externalEndpoint']
      const startedAt = write.set['startedAt'] ?? before?.['startedAt']
      if (typeof external !== 'string' || typeof startedAt !== 'number') continue
      externals.add(external)
      from = Math.min(from, startedAt - dayMs)
      to = Math.max(to, startedAt)
    }
  }
  if (externals.size === 0) return []
  return loadEndpointCalls(stores.clickhouse, accountId, [...externals], from, to)
}
