import { setTimeout as pause } from 'node:timers/promises'
import { requireScope, type Context } from '../../context.ts'
import { collectionNamed, collections } from '../../domain/collections/all.ts'
import type { Collection } from '../../domain/collections/collection.ts'
import { AppError, messageOf } from '../../errors.ts'
import { readWatermark } from '../../recordLog/watermark.ts'
import { retryAfterMs, subscribe, type Batch, type Subscription } from './accountTail.ts'
import { createAlarm } from './alarm.ts'
import { everyCollection, decodeCursor, encodeCursor, type Cursor } from './cursor.ts'
import { readSegment, type Change } from './readSegment.ts'

export interface FollowRequest {
  collections: readonly string[]
  /** Only this call and its parts. */
  callId: string | undefined
  /** The cursor of a stream, or of a page of the single followed collection; undefined starts now. */
  cursor: string | undefined
  /** Maximum time between two steps. */
  beatMs: number
  /** Aborts the stream. */
  signal: AbortSignal
}

/**
 * A step of a stream: changes; once, `live` when all existing changes were sent; and `beat` with the current cursor
 * when nothing else was sent for a while.
 */
export type StreamStep = { kind: 'changes'; changes: Change[] } | { kind: 'live' | 'beat'; cursor: string }

/**
 * Streams the changes of collections after the cursor in the account's order, each at least once, until the signal
 * aborts. While a store is unavailable it sends only beats and loses nothing. Throws BAD_REQUEST for unknown
 * collections and cursors, GONE (also later) for a cursor that cannot be continued.
 */
export async function followChanges(context: Context, request: FollowRequest): Promise<AsyncIterable<StreamStep>> {
  requireScope(context, 'calls:read')
  const { ports, accountId } = context
  const followed = new Set(request.collections.map((name) => followedCollection(name, request.callId)))
  const names = [...followed].map(({ name }) => name)
  const cursor =
    request.cursor === undefined
      ? { seq: (await readWatermark(ports, accountId)).seq, caughtUpAt: ports.now() }
      : decodeCursor(ports, accountId, names, request.cursor)
  const first = await readSegment(ports, accountId, followed, cursor)
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
  first: Batch,
): AsyncGenerator<StreamStep> {
  const { ports, accountId } = context
  const { signal, callId, beatMs } = request
  const names = new Set([...followed].map(({ name }) => name))
  const isWanted = (change: Change): boolean =>
    names.has(change.collection) && (callId === undefined || change.callId === callId)
  const step = (kind: 'live' | 'beat', cursor: Cursor): StreamStep => ({
    kind,
    cursor: encodeCursor(ports, accountId, everyCollection, cursor),
  })
  const alarm = createAlarm()
  let batch: Batch | undefined = first
  let cursor = first.cursor
  let subscription: Subscription | undefined
  let lastStepAt = performance.now()
  const untilBeatMs = (): number => lastStepAt + beatMs - performance.now()
  try {
    while (!signal.aborted) {
      batch ??= yield* readAlone(context, request, followed, cursor)
      if (!batch) return
      cursor = batch.cursor
      const changes = batch.changes.filter(isWanted)
      if (changes.length > 0) {
        yield { kind: 'changes', changes }
        lastStepAt = performance.now()
      }
      if (batch.isAtEnd && !subscription) {
        subscription = subscribe(ports, accountId, cursor, { collections: followed, ring: alarm.ring })
        yield step('live', cursor)
      } else if (changes.length === 0 && untilBeatMs() <= 0) {
        yield step('beat', cursor)
        lastStepAt = performance.now()
      }
      batch = subscription?.readAfter(cursor)
      if (batch?.cursor.seq !== cursor.seq) continue
      await alarm.wait(untilBeatMs(), signal)
      batch = subscription?.readAfter(cursor)
    }
  } finally {
    subscription?.close()
  }
}

/** Reads a segment for this stream alone and sends beats meanwhile; returns undefined when the signal aborts. */
async function* readAlone(
  context: Context,
  { signal, beatMs }: FollowRequest,
  followed: ReadonlySet<Collection>,
  cursor: Cursor,
): AsyncGenerator<StreamStep, Batch | undefined> {
  const alarm = createAlarm()
  const reading = readWithRetries(context, followed, cursor, signal)
  reading.then(alarm.ring, alarm.ring)
  while (!(await alarm.wait(beatMs, signal))) {
    if (signal.aborted) return undefined
    yield { kind: 'beat', cursor: encodeCursor(context.ports, context.accountId, everyCollection, cursor) }
  }
  return reading
}

/** Retries while a store is unavailable. */
async function readWithRetries(
  { ports, accountId }: Context,
  followed: ReadonlySet<Collection>,
  cursor: Cursor,
  signal: AbortSignal,
): Promise<Batch | undefined> {
  while (!signal.aborted) {
    try {
      return await readSegment(ports, accountId, followed, cursor)
    } catch (error) {
      if (error instanceof AppError && error.code === 'GONE') throw error
      ports.log.warn({ accountId, reason: messageOf(error) }, 'changes cannot be read yet; a stream tries again')
      await pause(retryAfterMs, undefined, { signal }).catch(() => {})
    }
  }
}
