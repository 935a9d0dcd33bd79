import { AppError } from '../../errors.ts'
import type { Command, IngestCounts } from '../command.ts'
import { applyCommand } from '../state/applyCommand.ts'
import type { AccountMemory } from '../state/accountMemory.ts'
import { loadRecords, type Needs } from '../state/loadRecords.ts'
import { callsOfRemovedParts, needsOf, repeatsOfMoved, unknownOf } from '../state/needs.ts'
import { WorkingSet } from '../state/workingSet.ts'
import type { RecordLogStores } from '../stores.ts'
import type { AccountQueue } from './accountQueue.ts'
import { isCurrent, logBatch, readCounters, type Counters } from './commit.ts'
import { withDeadline } from './deadline.ts'
import { answerRepeated, type KeptAnswer } from './idempotency.ts'

interface Outcome {
  command: Command
  counts?: IngestCounts
  error?: AppError
}

/**
 * Prepares and logs the batch of a group, then answers the requests. ClickHouse receives the batch later, in parallel.
 */
export async function commitGroup(
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
    queue.memory.beginAt(counters.batch)
    const records = await loadWorkingSet(stores, accountId, queue.memory, counters, group)
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
    // Another process committed first, or answered one of the requests: start over.
    if (!logged) continue
    queue.counters = logged.counters
    queue.inserter.add(logged, written)
    queue.memory.add(written, logged.keyHashes, logged.counters.batch)
    queue.memory.scanWhenDue(stores.clickhouse, accountId)
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
  memory: AccountMemory,
  counters: Counters,
  group: Command[],
): Promise<WorkingSet> {
  const load = (needs: Needs) => loadRecords(stores.clickhouse, accountId, unknownOf(needs, memory))
  const records = new WorkingSet(await load(needsOf(group)), memory, counters)
  // Only the loaded records show which further records are needed.
  const moved = repeatsOfMoved(group, records)
  if (moved) records.addLoaded(await load(moved))
  const calls = callsOfRemovedParts(group, records)
  if (calls) records.addLoaded(await load(calls))
  return records
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
 * Whether a batch is needed although no record changes: to keep an answer, or because `decide` of a call change may
 * depend on more than the records, so that another process could decide differently at the same time.
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
