import type { Ports } from '../../ports.ts'
import type { Collection } from '../../domain/collections/collection.ts'
import { AppError } from '../../errors.ts'
import { forgottenStatement } from './changeStatements.ts'
import type { Cursor } from './cursor.ts'

const dayMs = 24 * 60 * 60 * 1000
/** How long deletions are told of. */
const tombstoneDays = 30
// A deletion is told of a little longer than a cursor is good for: one takes its time from its request, the other later.
const marginMs = 60 * 60 * 1000

/** Deletions from this time on are told of. */
export function rememberedFrom(now: number): number {
  return now - tombstoneDays * dayMs - marginMs
}

/** Throws GONE for a cursor from which these collections cannot be followed up to the watermark `readUpTo`. */
export async function refuseLost(
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
  // Only a reader that was away for long can miss deletions, so only then they are looked for.
  if (cursor.knewAll >= now - tombstoneDays * dayMs) return
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
