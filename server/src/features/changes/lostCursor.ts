import type { Ports } from '../../ports.ts'
import type { Collection } from '../../domain/collections/collection.ts'
import { AppError } from '../../errors.ts'
import { forgottenStatement } from './changeStatements.ts'
import type { Cursor } from './cursor.ts'

const dayMs = 24 * 60 * 60 * 1000
/** Days that deletions are reported. */
const tombstoneDays = 30
// Deletions are reported slightly longer than cursors are valid, because the cursor's time is taken from its request and
// the deletion is checked later.
const marginMs = 60 * 60 * 1000

/** Returns the time from which deletions are reported. */
export function rememberedFrom(now: number): number {
  return now - tombstoneDays * dayMs - marginMs
}

/** Throws GONE for a cursor from which these collections cannot be followed up to the watermark `readUpTo`. */
export async function refuseLostCursor(
  ports: Ports,
  accountId: number,
  followed: readonly Collection[],
  cursor: Cursor,
  readUpTo: number,
): Promise<void> {
  if (cursor.seq > readUpTo) {
    throw gone(followed, 'It is ahead of the changes there are, as after a restored backup')
  }
  const now = ports.now()
  // Only a reader that was absent for long can miss deletions, so the check is skipped for the others.
  if (cursor.caughtUpAt >= now - tombstoneDays * dayMs) return
  const parameters = { accountId, after: cursor.seq, upTo: readUpTo, rememberedFrom: rememberedFrom(now) }
  for (const collection of followed) {
    const [forgotten] = await ports.clickhouse.rows(forgottenStatement(collection), parameters)
    if (forgotten) throw gone([collection], `Deletions are told of for ${tombstoneDays} days, and it missed one`)
  }
}

function gone(followed: readonly Collection[], reason: string): AppError {
  const names = followed.map((collection) => collection.name).join(', ')
  return new AppError(
    'GONE',
    `The cursor cannot be continued. ${reason}; read the changes of ${names} from the start, without a cursor, into an empty table.`,
  )
}
