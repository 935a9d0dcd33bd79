import { useCallback, useMemo, useRef } from 'react'
import { useSearchParams } from 'wouter'
import { addressOf, viewOf, type CallsView } from './view.ts'

/** The view of the address, and ways to change it. */
export function useView() {
  const [address, setAddress] = useSearchParams()
  const text = address.toString()
  const view = useMemo(() => viewOf(new URLSearchParams(text)), [text])
  // The cursors of earlier pages, for going back.
  const starts = useRef(new Map<number, string>())

  const show = useCallback((next: CallsView, replace = false) => setAddress(addressOf(next), { replace }), [setAddress])
  /** Changes filters or order, and goes to the first page. */
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
    // After a link from elsewhere the earlier cursors are unknown.
    show({ ...view, page: after === undefined ? 1 : view.page - 1, after: after ?? '' })
  }, [show, view])
  return { view, show, change, goOn, goBack }
}
