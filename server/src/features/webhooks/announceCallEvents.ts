import { sql, type Queryable, type Sql } from '../../store/postgres/postgres.ts'
import type { CommitFacts } from '../../recordLog/commitAddition.ts'
import { announcementStatements } from './announce.ts'
import { callAnnouncements } from './callEventData.ts'

/** Inserts call events for the subscribed endpoints in the same statement as the commit that caused them. */
export async function announceCallEvents(
  on: Queryable,
  { accountId, batch, now, events, source }: CommitFacts,
): Promise<Sql | undefined> {
  const announcements = await callAnnouncements(on, accountId, events)
  return announcements.length === 0
    ? undefined
    : sql`${announcementStatements(accountId, announcements, { source, batch, now })}`
}
