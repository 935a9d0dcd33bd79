import { useCallback, useState } from 'react'
import type { LiveChange } from '../api/live.ts'
import type { CallItem } from './callsApi.ts'

interface Seen {
  view: string
  calls: readonly CallItem[]
  arrived: ReadonlySet<string>
}

/** The largest number of remembered calls that are not shown yet. */
const maxTold = 1000
const nothing: Seen = { view: '', calls: [], arrived: new Set() }

/**
 * The calls that came in while their list was shown: named by the stream, and absent from the list before. A list of
 * another `view` starts again. Undefined calls are not loaded yet.
 */
export function useArrivals(
  view: string,
  calls: readonly CallItem[] | undefined,
): { arrived: ReadonlySet<string>; told: (change: LiveChange) => void } {
  const [seen, setSeen] = useState(nothing)
  const [told] = useState(() => new Set<string>())
  const note = useCallback(
    (change: LiveChange) => {
      if (told.size >= maxTold) told.clear()
      told.add(String(change.data['id']))
    },
    [told],
  )
  if (calls && (calls !== seen.calls || view !== seen.view)) setSeen(next(seen, view, calls, told))
  return { arrived: seen.view === view ? seen.arrived : nothing.arrived, told: note }
}

function next(seen: Seen, view: string, calls: readonly CallItem[], told: ReadonlySet<string>): Seen {
  if (view !== seen.view) return { view, calls, arrived: nothing.arrived }
  const before = new Set(seen.calls.map(({ id }) => id))
  const isNew = (id: string): boolean => seen.arrived.has(id) || (told.has(id) && !before.has(id))
  return { view, calls, arrived: new Set(calls.map(({ id }) => id).filter(isNew)) }
}
