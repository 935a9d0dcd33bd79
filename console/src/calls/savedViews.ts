import { useState } from 'react'
import { useSession } from '../api/session.tsx'

/** Filters, sorting and columns under a name, as an address. */
export interface SavedView {
  name: string
  address: string
}

/** The views that were saved in this browser for the account. */
export function useSavedViews() {
  const key = `earshot.calls.views.${useSession().account.name}`
  const [views, setViews] = useState(() => read(key))
  const keep = (next: SavedView[]) => {
    localStorage.setItem(key, JSON.stringify(next))
    setViews(next)
  }
  return {
    views,
    /** A view of a known name takes its place. */
    save: (view: SavedView) =>
      keep([...views.filter(({ name }) => name !== view.name), view].toSorted((a, b) => a.name.localeCompare(b.name))),
    remove: (removed: string) => keep(views.filter(({ name }) => name !== removed)),
  }
}

function read(key: string): SavedView[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(key) ?? '[]')
    return Array.isArray(kept) ? kept.filter(isView) : []
  } catch {
    return []
  }
}

function isView(value: unknown): value is SavedView {
  return (
    typeof value === 'object' &&
    value !== null &&
    'name' in value &&
    typeof value.name === 'string' &&
    'address' in value &&
    typeof value.address === 'string'
  )
}
