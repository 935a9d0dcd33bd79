import { useState } from 'react'
import { useSession } from '../api/session.tsx'

/** A named view: filters, sorting and columns as an address. */
export interface SavedView {
  name: string
  address: string
}

/** The account's saved views in this browser. */
export function useSavedViews() {
  const key = `earshot.calls.views.${useSession().account.name}`
  const [views, setViews] = useState(() => read(key))
  const keep = (next: SavedView[]) => {
    localStorage.setItem(key, JSON.stringify(next))
    setViews(next)
  }
  return {
    views,
    /** A view replaces one with the same name. */
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
