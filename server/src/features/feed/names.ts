import type { Ports } from '../../ports.ts'

/** An agent as the feed shows it; what is not known is missing. */
export interface FeedAgent {
  /** The agent's own id here. */
  id: string
  /** The id at the call centre, else its own. */
  shownId: string
  name: string
  email?: string
  userId?: string
}

export interface FeedQueue {
  id: string
  name: string
}

/** The agents of these ids; of one whose record has not come only the id is known. */
export async function readAgents(ports: Ports, accountId: number, ids: readonly string[]): Promise<FeedAgent[]> {
  if (ids.length === 0) return []
  const rows = await ports.clickhouse.rows<{
    id: string
    name: string
    email: string | null
    external_id: string | null
    user_id: string | null
  }>(
    `SELECT id, name, email, external_id, user_id
     FROM agents FINAL
     WHERE account_id = {accountId:UInt32}
       AND removed = 0
       AND id IN {ids:Array(String)}`,
    { accountId, ids },
  )
  const known = new Map(rows.map((row) => [row.id, row]))
  return ids.map((id) => {
    const agent = known.get(id)
    return {
      id,
      shownId: agent?.external_id || id,
      name: agent?.name ?? id,
      email: agent?.email ?? undefined,
      userId: agent?.user_id ?? undefined,
    }
  })
}

/** The queues of these ids, named by their id until their record comes. */
export async function readQueues(ports: Ports, accountId: number, ids: readonly string[]): Promise<FeedQueue[]> {
  if (ids.length === 0) return []
  const rows = await ports.clickhouse.rows<FeedQueue>(
    `SELECT id, name
     FROM queues FINAL
     WHERE account_id = {accountId:UInt32}
       AND removed = 0
       AND id IN {ids:Array(String)}`,
    { accountId, ids },
  )
  const known = new Map(rows.map(({ id, name }) => [id, name]))
  return ids.map((id) => ({ id, name: known.get(id) ?? id }))
}
