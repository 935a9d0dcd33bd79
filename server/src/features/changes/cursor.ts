import { timingSafeEqual } from 'node:crypto'
import type { Ports } from '../../ports.ts'
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

type Signer = Pick<Ports, 'secrets'>

const purpose = 'changes cursor'
/** Enough of the signature that nobody guesses one. */
const signatureLength = 22

/** The cursor as text, signed; it holds for this account and collection only. */
export function writeCursor({ secrets }: Signer, accountId: number, collection: string, cursor: Cursor): string {
  const parts = [accountId, collection, cursor.seq, cursor.knewAll]
  const signature = shortened(secrets.sign(JSON.stringify(parts), purpose))
  return Buffer.from(JSON.stringify([...parts, signature])).toString('base64url')
}

/**
 * Reads a cursor of a reader of these collections: a stream's, or where they are one, that of its pages. Throws BAD_REQUEST
 * for one that was not given out for them: one with another time would be told of fewer deletions than there were.
 */
export function readCursor(ports: Signer, accountId: number, collections: readonly string[], text: string): Cursor {
  const [account, name, seq, knewAll, signature] = partsOf(text)
  const isOfOne = collections.length === 1 && name === collections[0]
  const isOurs = account === accountId && (isOfOne || name === everyCollection)
  if (isOurs && isSigned(ports, JSON.stringify([account, name, seq, knewAll]), signature)) {
    return { seq: Number(seq), knewAll: Number(knewAll) }
  }
  const joined = collections.length > 1 ? ' A cursor of a page continues as a stream of its own collection alone.' : ''
  throw new AppError(
    'BAD_REQUEST',
    `cursor is not one that the changes of ${collections.join(', ')} gave to this account; begin without one.${joined}`,
  )
}

function isSigned({ secrets }: Signer, text: string, signature: unknown): boolean {
  const given = Buffer.from(typeof signature === 'string' ? signature : '')
  return secrets
    .signatures(text, purpose)
    .map((right) => Buffer.from(shortened(right)))
    .some((right) => given.length === right.length && timingSafeEqual(given, right))
}

function shortened(signature: Buffer): string {
  return signature.toString('base64url').slice(0, signatureLength)
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
