import { timingSafeEqual } from 'node:crypto'
import type { Ports } from '../../ports.ts'
import { AppError } from '../../errors.ts'
import type { CallOrder, SortPosition } from './callOrder.ts'

/** The position and order of a listing of an account's calls. */
export interface ListCursor {
  order: CallOrder
  position: SortPosition
}

const purpose = 'call list cursor'
/** Characters of the signature that are kept; too many to guess. */
const signatureLength = 22

type Parts = [
  accountId: number,
  field: CallOrder['field'],
  direction: CallOrder['direction'],
  key: number | null,
  number: number,
]

/** Encodes a cursor: opaque and signed, so that the server accepts only cursors that it issued to this account. */
export function writeListCursor({ secrets }: Pick<Ports, 'secrets'>, accountId: number, cursor: ListCursor): string {
  const { order, position } = cursor
  const parts: Parts = [accountId, order.field, order.direction, position.key, position.number]
  const text = Buffer.from(JSON.stringify(parts)).toString('base64url')
  return `${text}.${signatureOf(secrets.sign(text, purpose))}`
}

/** Decodes a cursor. Throws VALIDATION_ERROR for a cursor that was not issued to this account. */
export function readListCursor({ secrets }: Pick<Ports, 'secrets'>, accountId: number, cursor: string): ListCursor {
  const [text = '', signature = '', ...more] = cursor.split('.')
  const given = Buffer.from(signature)
  const isOurs = secrets
    .signatures(text, purpose)
    .map((right) => Buffer.from(signatureOf(right)))
    .some((right) => given.length === right.length && timingSafeEqual(given, right))
  if (!isOurs || more.length > 0) refuseCursor()
  const [account, field, direction, key, number]: Parts = JSON.parse(Buffer.from(text, 'base64url').toString())
  if (account !== accountId) refuseCursor()
  return { order: { field, direction }, position: { key, number } }
}

function signatureOf(signature: Buffer): string {
  return signature.toString('base64url').slice(0, signatureLength)
}

function refuseCursor(): never {
  const message = 'is not one that this list gave out; begin with cursor=start'
  throw new AppError('VALIDATION_ERROR', `cursor ${message}.`, { details: [{ field: 'cursor', message }] })
}
