import { useCallback, useMemo, useRef } from 'react'
import { useSearchParams } from 'wouter'
import { addressOf, viewOf, type CallsView } from './view.ts'

/** The view of the address, and ways to change it. */
export function useView() {
  const [address, setAddress] = useSearchParams()
  const text = address.toString()
  const view = useMemo(() => viewOf(new URLSearchParams(text)), [text])
  // Where each page began, so that going back needs no second cursor.
  const starts = useRef(new Map<number, string>())

  const show = useCallback((next: CallsView, replace = false) => setAddress(addressOf(next), { replace }), [setAddress])
  /** Filters or order change: the first page of something else. */
  const change = useCallback(
    (part: Partial<CallsView>, replace = false) => {
      starts.current.clear()
      show({ ...view, ...part, page: 1, after: '' }, replace)
    },
    [show, view],
  )
  const goOn = useCallback(
    (cursor: string) => {
      starts.current.set(view.page, view.after)
      show({ ...view, page: view.page + 1, after: cursor })
    },
    [show, view],
  )
  const goBack = useCallback(() => {
    const after = starts.current.get(view.page - 1)
    // Whoever came here by a link begins anew.
    show({ ...view, page: after === undefined ? 1 : view.page - 1, after: after ?? '' })
  }, [show, view])
  return { view, show, change, goOn, goBack }
}
