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
  /** Brings what is shown up to date: once after the stream has opened, then when something changed. */
  refresh: () => Promise<unknown>
  told?: (change: LiveChange) => void
}

/** Whether changes come by themselves at the moment. */
export type LiveState = 'connecting' | 'live' | 'broken'

/** Between two refreshes, however much changes. */
const betweenRefreshesMs = 800
/** A stream that opens itself again, after two seconds or so, was never missed. */
const unnoticedMs = 3500
const reopenMs = 4000

/**
 * Follows changes over a live stream while the page is seen (browsers allow a server few connections), goes on where it
 * was, and refreshes what is shown: one refresh at a time, with a pause between two. Undefined follows nothing.
 */
export function useLive(following: Following | undefined): LiveState {
  const [state, setState] = useState<LiveState>('connecting')
  const latest = useRef(following)
  useEffect(() => {
    latest.current = following
  })
  const address = following && addressOf(following)
  useEffect(() => {
    if (address === undefined) return
    return openLive(address, { following: () => latest.current, setState })
  }, [address])
  return state
}

function addressOf({ collections, callId }: Following): string {
  const query = new URLSearchParams({ collections: collections.join(',') })
  if (callId !== undefined) query.set('callId', callId)
  return `/v1/changes/stream?${query}`
}

interface Target {
  following: () => Following | undefined
  setState: (state: LiveState) => void
}

/** Keeps a stream open until the function that it gives is called. */
function openLive(address: string, { following, setState }: Target): () => void {
  const refresher = createRefresher(() => following()?.refresh())
  let stream: EventSource | undefined
  let cursor = ''
  let waiting: number | undefined
  let notice: number | undefined

  const show = (state: LiveState): void => {
    window.clearTimeout(notice)
    notice = undefined
    setState(state)
  }
  const close = (): void => {
    window.clearTimeout(waiting)
    stream?.close()
    stream = undefined
  }
  const open = (): void => {
    close()
    const opened = new EventSource(cursor === '' ? address : `${address}&cursor=${cursor}`)
    stream = opened
    opened.addEventListener('live', ({ lastEventId }) => {
      // What changed while the page was loaded, or the stream could not go on, was told to nobody.
      if (cursor === '') refresher.ask()
      cursor = lastEventId
      show('live')
    })
    for (const collection of following()?.collections ?? []) {
      opened.addEventListener(collection, ({ data, lastEventId }) => {
        cursor = lastEventId
        following()?.told?.({ collection, data: JSON.parse(String(data)) })
        refresher.ask()
      })
    }
    opened.addEventListener('error', () => {
      notice ??= window.setTimeout(() => setState('broken'), unnoticedMs)
      if (opened.readyState !== EventSource.CLOSED) return
      // It was refused, and is not tried again by itself: the place may be too old, or the session over, as a refresh finds.
      cursor = ''
      refresher.ask()
      waiting = window.setTimeout(open, reopenMs)
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
function createRefresher(refresh: () => Promise<unknown> | undefined): { ask(): void; stop(): void } {
  let isAsked = false
  let isRunning = false
  let isStopped = false
  const run = async (): Promise<void> => {
    isRunning = true
    while (isAsked && !isStopped) {
      isAsked = false
      // Whoever shows the data shows why it cannot be had.
      await refresh()?.catch(() => {})
      await new Promise((resolve) => window.setTimeout(resolve, betweenRefreshesMs))
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
