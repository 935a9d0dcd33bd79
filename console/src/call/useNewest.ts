import { useEffect, useLayoutEffect, useRef, useState, type RefObject } from 'react'

/** A position within this distance of the end counts as the end. */
const nearPixels = 48

/**
 * Keeps the end of a growing list in view for a reader who is there, and reports new entries to other readers. Either
 * the list or the page scrolls. Does nothing if `grows` is false.
 */
export function useNewest(
  list: RefObject<HTMLElement | null>,
  count: number,
  grows: boolean,
): { hasNewer: boolean; showNewest: () => void } {
  const [hasNewer, setHasNewer] = useState(false)
  const wasAtEnd = useRef(true)
  const lastCount = useRef<number>(undefined)

  useEffect(() => {
    if (!grows) return
    const look = (): void => {
      wasAtEnd.current = list.current === null || isAtEnd(list.current)
      if (wasAtEnd.current) setHasNewer(false)
    }
    // Captured, because the list's own scroll event does not bubble.
    document.addEventListener('scroll', look, { capture: true, passive: true })
    return () => document.removeEventListener('scroll', look, { capture: true })
  }, [list, grows])

  useLayoutEffect(() => {
    const before = lastCount.current
    lastCount.current = count
    const element = list.current
    if (!grows || !element || (before !== undefined && count <= before)) return
    // A page that is only opened stays at its top, and where its list scrolls by itself, that begins at its end.
    if (!before && !scrollsAlone(element)) wasAtEnd.current = isAtEnd(element)
    else if (wasAtEnd.current) showEnd(element, 'instant')
    else setHasNewer(true)
  }, [list, count, grows])

  return {
    hasNewer: grows && hasNewer,
    showNewest: () => {
      const isCalm = window.matchMedia('(prefers-reduced-motion: reduce)').matches
      if (list.current) showEnd(list.current, isCalm ? 'instant' : 'smooth')
      wasAtEnd.current = true
      setHasNewer(false)
    },
  }
}

function scrollsAlone(element: HTMLElement): boolean {
  return window.getComputedStyle(element).maxHeight !== 'none'
}

function isAtEnd(element: HTMLElement): boolean {
  return scrollsAlone(element)
    ? element.scrollHeight - element.clientHeight - element.scrollTop <= nearPixels
    : element.getBoundingClientRect().bottom <= window.innerHeight + nearPixels
}

function showEnd(element: HTMLElement, behavior: 'instant' | 'smooth'): void {
  if (scrollsAlone(element)) element.scrollTo({ top: element.scrollHeight, behavior })
  else element.lastElementChild?.scrollIntoView({ block: 'end', behavior })
}
