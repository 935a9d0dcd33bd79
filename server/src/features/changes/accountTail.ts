import { setTimeout as pause } from 'node:timers/promises'
import type { Ports } from '../../ports.ts'
import type { Collection } from '../../domain/collections/collection.ts'
import { AppError, messageOf } from '../../errors.ts'
import { createAlarm } from './alarm.ts'
import type { Cursor } from './cursor.ts'
import { readStretch, type Stretch } from './readStretch.ts'

/** After a reading, which hurries the account's batches into the store, the tail rests twice as long: within these. */
const minRestMs = 50
const maxRestMs = 150
/** A store that is away is asked again after this. */
export const betweenTriesMs = 1000
/** Longer than anybody waits: the alarm or the last follower's leaving ends it. */
const maxWaitMs = 2 ** 31 - 1
/** How much of the latest changes is kept for those who are a little behind. */
const maxKeptCharacters = 1_000_000

/** What a follower gets: changes of its account above its place, up to the cursor's. */
export type Handed = Pick<Stretch, 'changes' | 'cursor' | 'isAtEnd'>

/** A stream's place at the tail of its account. */
export interface Seat {
  /** What lies above a place, possibly nothing; undefined when the stream must read for itself. Throws GONE. */
  above(cursor: Cursor): Handed | undefined
  leave(): void
}

interface Follower {
  collections: ReadonlySet<Collection>
  ring: () => void
}

interface Tail {
  add(follower: Follower): Seat
}

const tailsOfApps = new WeakMap<Ports, Map<number, Tail>>()

/**
 * Takes a seat at the tail: the newest changes of an account, read once for all streams of the process that follow it.
 * While anybody has a seat, the tail reads on whenever a notice comes, all collections together that are wanted, and keeps
 * the last stretches. `ring` is called when there is more; each stream then takes what lies above its own place, at its own
 * pace, and nothing waits for it. One that asks for what is no longer kept, or was read without its collections, is told
 * so and reads for itself until its place is found here again. `cursor` is where the stream stands.
 */
export function takeSeat(ports: Ports, accountId: number, cursor: Cursor, follower: Follower): Seat {
  const tails = tailsOfApps.get(ports) ?? new Map<number, Tail>()
  tailsOfApps.set(ports, tails)
  const known = tails.get(accountId)
  if (known) return known.add(follower)
  const made = createTail(ports, accountId, cursor, () => {
    if (tails.get(accountId) === made) tails.delete(accountId)
  })
  tails.set(accountId, made)
  return made.add(follower)
}

/** Calls `ended` when nobody is to take a seat any more. */
function createTail(ports: Ports, accountId: number, start: Cursor, ended: () => void): Tail {
  const followers = new Set<Follower>()
  const abandoned = new AbortController()
  const alarm = createAlarm()
  let tailCursor = start
  let kept: Stretch[] = []
  let failure: AppError | undefined

  async function readOn(): Promise<void> {
    for (let isAtEnd = false; !isAtEnd && !abandoned.signal.aborted;) {
      const wanted = new Set([...followers].flatMap(({ collections }) => [...collections]))
      const stretch = await readStretch(ports, accountId, wanted, tailCursor)
      isAtEnd = stretch.isAtEnd
      const isFurther = stretch.cursor.seq > tailCursor.seq
      tailCursor = stretch.cursor
      if (!isFurther) continue
      kept = lastOf([...kept, stretch])
      for (const { ring } of followers) ring()
    }
  }

  /** False when the tail cannot go on. */
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
      ports.log.warn({ accountId, reason: messageOf(error) }, 'streams wait for changes that cannot be read')
      await pause(betweenTriesMs)
      alarm.ring()
    }
    return true
  }

  async function run(): Promise<void> {
    const unwatch = ports.notices.watch(accountId, alarm.ring)
    // What came between the first stream's own reading and now was told to nobody.
    alarm.ring()
    while (!abandoned.signal.aborted) {
      const hasMore = await alarm.wait(maxWaitMs, abandoned.signal)
      if (hasMore && !(await tryToReadOn())) break
    }
    unwatch()
    ended()
    for (const { ring } of followers) ring()
  }

  void run()
  return {
    add(follower) {
      followers.add(follower)
      return {
        above(cursor) {
          if (failure) throw failure
          return handed(kept, tailCursor, cursor, follower.collections)
        },
        leave() {
          followers.delete(follower)
          if (followers.size > 0) return
          ended()
          abandoned.abort()
        },
      }
    },
  }
}

function handed(
  kept: readonly Stretch[],
  tailCursor: Cursor,
  cursor: Cursor,
  collections: ReadonlySet<Collection>,
): Handed | undefined {
  // Who has everything knows it as of the tail's last reading.
  if (cursor.seq === tailCursor.seq) return { changes: [], cursor: tailCursor, isAtEnd: true }
  if (cursor.seq > tailCursor.seq) return { changes: [], cursor, isAtEnd: true }
  const needed = kept.filter((stretch) => stretch.cursor.seq > cursor.seq)
  const isThere = needed[0] !== undefined && needed[0].after <= cursor.seq
  if (!isThere || !needed.every((stretch) => covers(stretch, collections))) return undefined
  const changes = needed.flatMap((stretch) => stretch.changes.filter(({ seq }) => seq > cursor.seq))
  return { changes, cursor: tailCursor, isAtEnd: true }
}

function covers(stretch: Stretch, collections: ReadonlySet<Collection>): boolean {
  return [...collections].every((collection) => stretch.collections.has(collection))
}

/** The last stretches that are not too much together, at least one. */
function lastOf(stretches: Stretch[]): Stretch[] {
  let characters = 0
  const tooMany = stretches.findLastIndex((stretch, index) => {
    characters += stretch.changes.reduce((sum, { line }) => sum + line.length, 0)
    return index < stretches.length - 1 && characters > maxKeptCharacters
  })
  return stretches.slice(tooMany + 1)
}
