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

/** Stands in the cursor of a stream, which holds for every collection of the account. */
export const everyCollection = '*'

/** The cursor as text; it holds for this account and collection only. */
export function writeCursor(accountId: number, collection: string, { seq, knewAll }: Cursor): string {
  return Buffer.from(JSON.stringify([accountId, collection, seq, knewAll])).toString('base64url')
}

/**
 * Reads a cursor of a reader of these collections: a stream's, or where they are one, that of its pages. Throws BAD_REQUEST
 * for one that was not given out for them.
 */
export function readCursor(accountId: number, collections: readonly string[], text: string): Cursor {
  const [account, name, seq, knewAll] = partsOf(text)
  const isOfOne = collections.length === 1 && name === collections[0]
  const isOurs = account === accountId && (isOfOne || name === everyCollection)
  if (isOurs && Number.isSafeInteger(seq) && Number(seq) >= 0 && Number.isSafeInteger(knewAll)) {
    return { seq: Number(seq), knewAll: Number(knewAll) }
  }
  const joined = collections.length > 1 ? ' A cursor of a page continues as a stream of its own collection alone.' : ''
  throw new AppError(
    'BAD_REQUEST',
    `cursor is not one that the changes of ${collections.join(', ')} gave to this account; begin without one.${joined}`,
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
