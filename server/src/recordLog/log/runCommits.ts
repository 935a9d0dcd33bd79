import { setTimeout as wait } from 'node:timers/promises'
import { AppError, messageOf } from '../../errors.ts'
import { sizeOf, type Command } from '../command.ts'
import type { RecordLogStores } from '../stores.ts'
import type { AccountQueue } from './accountQueue.ts'
import { commitGroup } from './commitGroup.ts'
import type { CommitGate } from './commitGate.ts'
import { withDeadline } from './deadline.ts'
import type { Memories } from './memories.ts'

/** The maximum number of records of one commit; a single larger request is committed alone. */
const groupSize = 20_000
/** The longest wait for companions, as a share of the last commit's time. */
const companionWaitShare = 0.5

/** Commits the waiting commands, group by group, until the queue is empty. */
export async function runCommits(
  stores: RecordLogStores,
  accountId: number,
  queue: AccountQueue,
  { gate, memories }: { gate: CommitGate; memories: Memories },
): Promise<void> {
  while (queue.waiting.length > 0) {
    await gate.enter()
    const group = takeGroup(queue.waiting)
    const startedAt = performance.now()
    try {
      await withDeadline(stores.config, () => queue.inserter.waitForFreeSlots())
      await commitGroup(stores, accountId, queue, group)
    } catch (error) {
      rejectGroup(stores, accountId, queue, group, error)
    } finally {
      gate.leave()
    }
    memories.bound(queue)
    await waitForCompanions(queue, group.length, (performance.now() - startedAt) * companionWaitShare)
  }
  queue.isRunning = false
}

/**
 * Clients that were answered together resend together. The next commit waits up to half the last commit's time for as
 * many requests, because a commit of the first one alone would make all others wait for it.
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
  if (!(error instanceof AppError)) stores.log.error({ accountId, reason: messageOf(error) }, 'a commit failed')
  const failure =
    error instanceof AppError
      ? error
      : new AppError('UNAVAILABLE', 'The stores did not accept the records; send them again.', { retryAfterSeconds: 5 })
  // Requests in the queue would only wait longer for a store that does not answer.
  const isAway = error instanceof AppError && error.code === 'UNAVAILABLE'
  for (const command of isAway ? [...group, ...queue.waiting.splice(0)] : group) command.reject(failure)
}

/**
 * The next requests of the queue; at most one for each Idempotency-Key, because a repetition gets the first one's
 * answer.
 */
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
