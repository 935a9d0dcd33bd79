import { piecesOf } from '../parts/highlight.ts'

/** The address of a call's page, with the search for the transcript. */
export function callAddress(id: string, search: string): string {
  const query = search === '' ? '' : `?${new URLSearchParams({ q: search }).toString()}`
  return `/calls/${encodeURIComponent(id)}${query}`
}

const shownBefore = 60
const shownInAll = 180

/** The part of a long text around its first hit. */
export function excerptOf(text: string, words: readonly string[]): string {
  const pieces = piecesOf(text, words)
  const first = pieces[0]
  const before = first && !first.isHit ? first.text.length : 0
  const from = before <= shownBefore ? 0 : text.indexOf(' ', before - shownBefore) + 1
  const to = from + shownInAll
  return `${from > 0 ? '… ' : ''}${text.slice(from, to)}${to < text.length ? ' …' : ''}`
}
