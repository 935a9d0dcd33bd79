import { useQueryClient, type QueryKey } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'

/** A change of a record, as a stream tells it. */
export interface LiveChange {
  collection: string
  data: Record<string, unknown>
}

/** What is followed; the server says more in its documentation of live streams. */
export interface Following {
  collections: readonly string[]
  callId?: string
  /** The queries that are brought up to date: once after the stream has opened, then when something changed. */
  queryKey: QueryKey
  told?: (change: LiveChange) => void
}

/** Whether changes come by themselves at the moment. */
export type LiveState = 'connecting' | 'live' | 'broken'

/** Between two refreshes; where changes never cease, half as long again each time, up to the busy rest. */
const minRestMs = 800
const busyRestMs = 2500
/** After a slow refresh so many times as long as it took, up to the longest rest. */
const timesAsLong = 4
const maxRestMs = 15_000
/** A stream that is open again by then was never missed. */
const unnoticedMs = 4000
/** A stream that broke off is opened again after one to two times as long, lest all pages come back at once. */
const reopenMs = 1200
const refusedMs = 4000

/**
 * Follows changes over a live stream while the page is seen (browsers allow a server few connections), and refreshes what
 * is shown: one refresh at a time, with a pause between two. Undefined follows nothing.
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
      // What was under way may have been read before the change.
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
 * Keeps a stream open until the function that it gives is called. It never goes on where it was: after a night's sleep
 * that would be all that changed in the night, of which one refresh tells as much.
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
      // What changed while the page was loaded, or no stream was open, was told to nobody.
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
      // The session may be over, as a refresh finds.
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

/** One refresh at a time; what is asked for meanwhile is one more after it. */
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
      // Whoever shows the data shows why it cannot be had.
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
