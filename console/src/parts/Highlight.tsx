import { Fragment } from 'react'
import { piecesOf } from './highlight.ts'

/** A text with the searched words marked. */
export function Highlight({ text, words }: { text: string; words: readonly string[] }) {
  if (words.length === 0) return text
  return piecesOf(text, words).map((piece, index) =>
    // The order of the pieces is fixed.
    piece.isHit ? <mark key={index}>{piece.text}</mark> : <Fragment key={index}>{piece.text}</Fragment>,
  )
}
