import { timingSafeEqual } from 'node:crypto'
import type { Ports } from '../../ports.ts'
import { AppError } from '../../errors.ts'

/** A reader's position in the change order. */
export interface Cursor {
  /** The sequence of the last change that the reader received. */
  seq: number
  /** When the reader was last at the end of the changes (milliseconds); the start of reading if it never was. */
  caughtUpAt: number
}

/** The collection name in a stream's cursor, which is valid for every collection of the account. */
export const everyCollection = '*'

type Signer = Pick<Ports, 'secrets'>

const purpose = 'changes cursor'
/** Characters of the signature that are kept; too many to guess. */
const signatureLength = 22

/** Encodes and signs a cursor, which is valid only for this account and collection. */
export function encodeCursor({ secrets }: Signer, accountId: number, collection: string, cursor: Cursor): string {
  const parts = [accountId, collection, cursor.seq, cursor.caughtUpAt]
  const signature = shortened(secrets.sign(JSON.stringify(parts), purpose))
  return Buffer.from(JSON.stringify([...parts, signature])).toString('base64url')
}

/**
 * Decodes a cursor for these collections: a stream's cursor, or for a single collection that of its pages. Throws
 * BAD_REQUEST for a cursor that the server did not issue for them; a forged time would hide deletions.
 */
export function decodeCursor(ports: Signer, accountId: number, collections: readonly string[], text: string): Cursor {
  const [account, name, seq, caughtUpAt, signature] = partsOf(text)
  const isOfOne = collections.length === 1 && name === collections[0]
  const isOurs = account === accountId && (isOfOne || name === everyCollection)
  if (isOurs && isSigned(ports, JSON.stringify([account, name, seq, caughtUpAt]), signature)) {
    return { seq: Number(seq), caughtUpAt: Number(caughtUpAt) }
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
    // The text is not a cursor of this server.
    return []
  }
}
