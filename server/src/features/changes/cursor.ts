import type { Collection } from '../../domain/collections/collection.ts'
import { AppError } from '../../errors.ts'

/** How far a reader has come. */
export interface Cursor {
  /** The last place that it was given. */
  seq: number
  /**
   * When it last knew everything (milliseconds): since then it has not been at the end of the changes. Of one that has
   * never been there, when it began.
   */
  knewAll: number
}

/** The cursor as text; it holds for this account and collection only. */
export function writeCursor(accountId: number, collection: Collection, { seq, knewAll }: Cursor): string {
  return Buffer.from(JSON.stringify([accountId, collection.name, seq, knewAll])).toString('base64url')
}

/** Reads a cursor. Throws BAD_REQUEST for one that was not given out for these changes. */
export function readCursor(accountId: number, collection: Collection, text: string): Cursor {
  const [account, name, seq, knewAll] = partsOf(text)
  const isOurs = account === accountId && name === collection.name
  if (isOurs && Number.isSafeInteger(seq) && Number(seq) >= 0 && Number.isSafeInteger(knewAll)) {
    return { seq: Number(seq), knewAll: Number(knewAll) }
  }
  throw new AppError(
    'BAD_REQUEST',
    `cursor is not one that the changes of ${collection.name} gave to this account; begin without one.`,
  )
}

function partsOf(text: string): unknown[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(text, 'base64url').toString())
    return Array.isArray(parts) ? parts : []
  } catch {
    // Not a cursor of ours, which is all that counts.
    return []
  }
}
