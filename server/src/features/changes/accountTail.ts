import { setTimeout as pause } from 'node:timers/promises'
import type { Ports } from '../../ports.ts'
import type { Collection } from '../../domain/collections/collection.ts'
import { AppError, messageOf } from '../../errors.ts'
import { createAlarm } from './alarm.ts'
import type { Cursor } from './cursor.ts'
import { readSegment, type Segment } from './readSegment.ts'

/**
 * After each reading the tail rests twice as long as the reading took, within these limits, because a reading makes the
 * server flush the account's batches early.
 */
const minRestMs = 50
const maxRestMs = 150
/** Pause before a failed reading is retried. */
export const retryAfterMs = 1000
/** Practically unlimited: the alarm or the end of the last subscription ends the wait. */
const maxWaitMs = 2 ** 31 - 1
/** How many characters of the latest changes are kept for streams that are slightly behind. */
const maxKeptCharacters = 1_000_000

/** The changes of the account after a stream's cursor, and the new cursor. */
export type Batch = Pick<Segment, 'changes' | 'cursor' | 'isAtEnd'>

/** A stream's subscription to the tail of its account. */
export interface Subscription {
  /**
   * Returns the kept changes after a cursor, possibly none; undefined when the stream must read for itself. Throws
   * GONE.
   */
  readAfter(cursor: Cursor): Batch | undefined
  close(): void
}

interface Follower {
  collections: ReadonlySet<Collection>
  ring: () => void
}

interface Tail {
  add(follower: Follower): Subscription
}

const tailsByPorts = new WeakMap<Ports, Map<number, Tail>>()

/**
 * Subscribes to the tail: the newest changes of an account, read once for all streams of the process that follow it.
 * While it has subscribers, the tail reads on at every change notice, for all their collections together, and keeps the
 * last segments. It calls `ring` when there is more; each stream then reads what follows its own cursor at its own
 * speed, so a slow stream delays no other. When the tail no longer keeps what a stream needs, or has read it without
 * the stream's collections, the stream reads for itself until its cursor is within the kept segments again. `cursor` is
 * the stream's position.
 */
export function subscribe(ports: Ports, accountId: number, cursor: Cursor, follower: Follower): Subscription {
  const tails = tailsByPorts.get(ports) ?? new Map<number, Tail>()
  tailsByPorts.set(ports, tails)
  const known = tails.get(accountId)
  if (known) return known.add(follower)
  const made = createTail(ports, accountId, cursor, () => {
    if (tails.get(accountId) === made) tails.delete(accountId)
  })
  tails.set(accountId, made)
  return made.add(follower)
}

/** Creates a tail that calls `onEnd` when it accepts no more subscribers. */
function createTail(ports: Ports, accountId: number, start: Cursor, onEnd: () => void): Tail {
  const followers = new Set<Follower>()
  const abandoned = new AbortController()
  const alarm = createAlarm()
  let tailCursor = start
  let kept: Segment[] = []
  let failure: AppError | undefined

  async function readOn(): Promise<void> {
    for (let isAtEnd = false; !isAtEnd && !abandoned.signal.aborted;) {
      const wanted = new Set([...followers].flatMap(({ collections }) => [...collections]))
      const segment = await readSegment(ports, accountId, wanted, tailCursor)
      isAtEnd = segment.isAtEnd
      const isFurther = segment.cursor.seq > tailCursor.seq
      tailCursor = segment.cursor
      if (!isFurther) continue
      kept = lastOf([...kept, segment])
      for (const { ring } of followers) ring()
    }
  }

  /** Returns false when the tail cannot continue. */
  async function tryToReadOn(): Promise<boolean> {
    const startedAt = performance.now()
    try {
      await readOn()
      await pause(Math.min(maxRestMs, Math.max(minRestMs, 2 * (performance.now() - startedAt))))
    } catch (error) {
      if (error instanceof AppError && error.code === 'GONE') {
        failure = error
        return false
      }
      ports.log.warn(
        { accountId, reason: messageOf(error) },
        'changes cannot be read yet; the streams of the account try again',
      )
      await pause(retryAfterMs)
      alarm.ring()
    }
    return true
  }

  async function run(): Promise<void> {
    const unwatch = ports.notices.watch(accountId, alarm.ring)
    // Changes between the first stream's own reading and this subscription had no notice, so read once at the start.
    alarm.ring()
    while (!abandoned.signal.aborted) {
      const hasMore = await alarm.wait(maxWaitMs, abandoned.signal)
      if (hasMore && !(await tryToReadOn())) break
    }
    unwatch()
    onEnd()
    for (const { ring } of followers) ring()
  }

  void run()
  return {
    add(follower) {
      followers.add(follower)
      return {
        readAfter(cursor) {
          if (failure) throw failure
          return keptAfter(kept, tailCursor, cursor, follower.collections)
        },
        close() {
          followers.delete(follower)
          if (followers.size > 0) return
          onEnd()
          abandoned.abort()
        },
      }
    },
  }
}

function keptAfter(
  kept: readonly Segment[],
  tailCursor: Cursor,
  cursor: Cursor,
  collections: ReadonlySet<Collection>,
): Batch | undefined {
  // A stream at the end has seen everything as of the tail's last reading.
  if (cursor.seq === tailCursor.seq) return { changes: [], cursor: tailCursor, isAtEnd: true }
  if (cursor.seq > tailCursor.seq) return { changes: [], cursor, isAtEnd: true }
  const needed = kept.filter((segment) => segment.cursor.seq > cursor.seq)
  const isThere = needed[0] !== undefined && needed[0].after <= cursor.seq
  if (!isThere || !needed.every((segment) => covers(segment, collections))) return undefined
  const changes = needed.flatMap((segment) => segment.changes.filter(({ seq }) => seq > cursor.seq))
  return { changes, cursor: tailCursor, isAtEnd: true }
}

function covers(segment: Segment, collections: ReadonlySet<Collection>): boolean {
  return [...collections].every((collection) => segment.collections.has(collection))
}

/** Returns the last segments within the limit of kept characters, at least one. */
function lastOf(segments: Segment[]): Segment[] {
  let characters = 0
  const tooMany = segments.findLastIndex((segment, index) => {
    characters += segment.changes.reduce((sum, { line }) => sum + line.length, 0)
    return index < segments.length - 1 && characters > maxKeptCharacters
  })
  return segments.slice(tooMany + 1)
}
