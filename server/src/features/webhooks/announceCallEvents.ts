import { sql, type Queryable, type Sql } from '../../store/postgres/postgres.ts'
import type { CommitFacts } from '../../recordLog/commitAddition.ts'
import { announcing } from './announce.ts'
import { callAnnouncements } from './callEventData.ts'

/** Writes what happened to calls for the endpoints that want it, together with the commit that made it happen. */
export async function announceCallEvents(
  on: Queryable,
  { accountId, batch, now, events, source }: CommitFacts,
): Promise<Sql | undefined> {
  const announcements = await callAnnouncements(on, accountId, events)
  return announcements.length === 0 ? undefined : sql`${announcing(accountId, announcements, { source, batch, now })}`
}
