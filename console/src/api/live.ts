import { useQueryClient, type QueryKey } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'

/** A change of a record in a stream. */
export interface LiveChange {
  collection: string
  data: Record<string, unknown>
}

/** The parameters of a stream; docs/changes.md describes them. */
export interface Following {
  collections: readonly string[]
  callId?: string
  /** The queries to refresh: once after the stream has opened, then after changes. */
  queryKey: QueryKey
  told?: (change: LiveChange) => void
}

/** Whether the stream is connected. */
export type LiveState = 'connecting' | 'live' | 'broken'

/** The pause between refreshes; while changes continue it grows by half each time, up to the busy rest. */
const minRestMs = 800
const busyRestMs = 2500
/** The pause after a slow refresh, as a multiple of its duration, up to the longest rest. */
const timesAsLong = 4
const maxRestMs = 15_000
/** A stream that reopens within this time is not shown as interrupted. */
const unnoticedMs = 4000
/** A broken stream reopens after one to two times this delay, so that not all pages return at once. */
const reopenMs = 1200
const refusedMs = 4000

/**
 * Follows changes over a live stream while the page is visible, because browsers allow few connections to a server, and
 * refreshes the shown data: one refresh at a time, with a pause between two. Undefined follows nothing.
 */
export function useLive(following: Following | undefined): LiveState {
  const queries = useQueryClient()
  const [state, setState] = useState<LiveState>('connecting')
  const latest = useRef(following)
  useEffect(() => {
    latest.current = following
  })
  const address = following && addressOf(following)
  useEffect(() => {
    if (address === undefined) return
    const refresh = async (): Promise<void> => {
      const queryKey = latest.current?.queryKey
      if (queryKey === undefined) return
      const refetch = () => queries.invalidateQueries({ queryKey }, { cancelRefetch: false })
      const isUnderWay = queries.isFetching({ queryKey }) > 0
      await refetch()
      // A running request may have read the data before the change.
      if (isUnderWay) await refetch()
    }
    const end = openLive(address, { following: () => latest.current, refresh, setState })
    return () => {
      end()
      setState('connecting')
    }
  }, [address, queries])
  return state
}

function addressOf({ collections, callId }: Following): string {
  const query = new URLSearchParams({ collections: collections.join(',') })
  if (callId !== undefined) query.set('callId', callId)
  return `/v1/changes/stream?${query}`
}

interface Target {
  following: () => Following | undefined
  refresh: () => Promise<void>
  setState: (state: LiveState) => void
}

/**
 * Keeps a stream open until the returned function is called. A reopened stream does not resume, because one refresh
 * replaces all missed changes.
 */
function openLive(address: string, { following, refresh, setState }: Target): () => void {
  const refresher = createRefresher(refresh)
  let stream: EventSource | undefined
  let waiting: number | undefined
  let notice: number | undefined

  const close = (): void => {
    window.clearTimeout(waiting)
    stream?.close()
    stream = undefined
  }
  const open = (): void => {
    close()
    const opened = new EventSource(address)
    stream = opened
    opened.addEventListener('live', () => {
      // Changes during the load, or without an open stream, were missed.
      refresher.ask()
      window.clearTimeout(notice)
      notice = undefined
      setState('live')
    })
    for (const collection of following()?.collections ?? []) {
      opened.addEventListener(collection, ({ data }) => {
        following()?.told?.({ collection, data: JSON.parse(String(data)) })
        refresher.ask()
      })
    }
    opened.addEventListener('error', () => {
      const isRefused = opened.readyState === EventSource.CLOSED
      close()
      notice ??= window.setTimeout(() => setState('broken'), unnoticedMs)
      // A refresh shows whether the session has ended.
      if (isRefused) refresher.ask()
      waiting = window.setTimeout(open, isRefused ? refusedMs : reopenMs * (1 + Math.random()))
    })
  }
  const heed = (): void => {
    if (document.hidden) close()
    else if (!stream) open()
  }
  heed()
  document.addEventListener('visibilitychange', heed)
  return () => {
    document.removeEventListener('visibilitychange', heed)
    window.clearTimeout(notice)
    refresher.stop()
    close()
  }
}

/** Runs one refresh at a time; requests in between lead to one more refresh. */
function createRefresher(refresh: () => Promise<void>): { ask(): void; stop(): void } {
  let isAsked = false
  let isRunning = false
  let isStopped = false
  const run = async (): Promise<void> => {
    isRunning = true
    let minMs = minRestMs
    while (isAsked && !isStopped) {
      isAsked = false
      const startedAt = performance.now()
      // The component that shows the data also shows the failure.
      await refresh().catch(() => {})
      const restMs = Math.min(maxRestMs, Math.max(minMs, timesAsLong * (performance.now() - startedAt)))
      await new Promise((resolve) => window.setTimeout(resolve, restMs))
      minMs = Math.min(busyRestMs, minMs * 1.5)
    }
    isRunning = false
  }
  return {
    ask() {
      isAsked = true
      if (!isRunning) void run()
    },
    stop() {
      isStopped = true
    },
  }
}
