import { setTimeout as pause } from 'node:timers/promises'
import { requireScope, type Context } from '../../context.ts'
import { collectionNamed, collections } from '../../domain/collections/all.ts'
import type { Collection } from '../../domain/collections/collection.ts'
import { AppError, messageOf } from '../../errors.ts'
import { readWatermark } from '../../recordLog/watermark.ts'
import { betweenTriesMs, takeSeat, type Handed, type Seat } from './accountTail.ts'
import { createAlarm } from './alarm.ts'
import { everyCollection, readCursor, writeCursor, type Cursor } from './cursor.ts'
import { readStretch, type Change } from './readStretch.ts'

export interface FollowRequest {
  collections: readonly string[]
  /** Only this call and what belongs to it. */
  callId: string | undefined
  /** Of a stream, or of a page of the one collection that is followed; undefined begins now. */
  cursor: string | undefined
  /** The longest silence. */
  beatMs: number
  /** Ends the stream. */
  signal: AbortSignal
}

/** What a stream tells: changes; once, that all that there was has come; and in silence, how far it has come. */
export type StreamStep = { kind: 'changes'; changes: Change[] } | { kind: 'live' | 'beat'; cursor: string }

/**
 * Follows what changes in collections: everything after the cursor in the account's order, then what comes, each change at
 * least once, until the signal. While a store is away it is silent but for its beats, and misses nothing. Throws BAD_REQUEST
 * for collections and cursors that there are not, GONE for a cursor that cannot be continued, later too.
 */
export async function followChanges(context: Context, request: FollowRequest): Promise<AsyncIterable<StreamStep>> {
  requireScope(context, 'calls:read')
  const { ports, accountId } = context
  const followed = new Set(request.collections.map((name) => followedCollection(name, request.callId)))
  const names = [...followed].map(({ name }) => name)
  const cursor =
    request.cursor === undefined
      ? { seq: (await readWatermark(ports, accountId)).seq, knewAll: ports.now() }
      : readCursor(ports, accountId, names, request.cursor)
  const first = await readStretch(ports, accountId, followed, cursor)
  return follow(context, request, followed, first)
}

function followedCollection(name: string, callId: string | undefined): Collection {
  const collection = collectionNamed(name)
  const known = collections.filter((each) => callId === undefined || isOfCalls(each))
  if (collection && known.includes(collection)) return collection
  const wrong = JSON.stringify(name.slice(0, 64))
  const names = known.map((each) => each.name).join(', ')
  throw new AppError(
    'BAD_REQUEST',
    collection
      ? `collections names ${wrong}, which do not belong to a call; with callId there are ${names}.`
      : `collections names ${wrong}, which there is not; there are ${names}.`,
  )
}

function isOfCalls(collection: Collection): boolean {
  return collection.isPart || collection.name === 'calls'
}

async function* follow(
  context: Context,
  request: FollowRequest,
  followed: ReadonlySet<Collection>,
  first: Handed,
): AsyncGenerator<StreamStep> {
  const { ports, accountId } = context
  const { signal, callId, beatMs } = request
  const names = new Set([...followed].map(({ name }) => name))
  const isWanted = (change: Change): boolean =>
    names.has(change.collection) && (callId === undefined || change.callId === callId)
  const step = (kind: 'live' | 'beat', cursor: Cursor): StreamStep => ({
    kind,
    cursor: writeCursor(ports, accountId, everyCollection, cursor),
  })
  const alarm = createAlarm()
  let handed: Handed | undefined = first
  let cursor = first.cursor
  let seat: Seat | undefined
  let spokeAt = performance.now()
  const untilBeatMs = (): number => spokeAt + beatMs - performance.now()
  try {
    while (!signal.aborted) {
      handed ??= yield* readAlone(context, request, followed, cursor)
      if (!handed) return
      cursor = handed.cursor
      const changes = handed.changes.filter(isWanted)
      if (changes.length > 0) {
        yield { kind: 'changes', changes }
        spokeAt = performance.now()
      }
      if (handed.isAtEnd && !seat) {
        seat = takeSeat(ports, accountId, cursor, { collections: followed, ring: alarm.ring })
        yield step('live', cursor)
      } else if (changes.length === 0 && untilBeatMs() <= 0) {
        yield step('beat', cursor)
        spokeAt = performance.now()
      }
      handed = seat?.above(cursor)
      if (handed?.cursor.seq !== cursor.seq) continue
      await alarm.wait(untilBeatMs(), signal)
      handed = seat?.above(cursor)
    }
  } finally {
    seat?.leave()
  }
}

/** A stretch that the stream reads for itself, with beats for as long as that takes; undefined when the signal came. */
async function* readAlone(
  context: Context,
  { signal, beatMs }: FollowRequest,
  followed: ReadonlySet<Collection>,
  cursor: Cursor,
): AsyncGenerator<StreamStep, Handed | undefined> {
  const alarm = createAlarm()
  const reading = readWithRetries(context, followed, cursor, signal)
  reading.then(alarm.ring, alarm.ring)
  while (!(await alarm.wait(beatMs, signal))) {
    if (signal.aborted) return undefined
    yield { kind: 'beat', cursor: writeCursor(context.ports, context.accountId, everyCollection, cursor) }
  }
  return reading
}

/** Tries again for as long as a store is away. */
async function readWithRetries(
  { ports, accountId }: Context,
  followed: ReadonlySet<Collection>,
  cursor: Cursor,
  signal: AbortSignal,
): Promise<Handed | undefined> {
  while (!signal.aborted) {
    try {
      return await readStretch(ports, accountId, followed, cursor)
    } catch (error) {
      if (error instanceof AppError && error.code === 'GONE') throw error
      ports.log.warn({ accountId, reason: messageOf(error) }, 'a stream waits for changes that cannot be read')
      await pause(betweenTriesMs, undefined, { signal }).catch(() => {})
    }
  }
}
