import type { Ports } from '../../ports.ts'

/** An agent as the feed shows it; unknown values are missing. */
export interface FeedAgent {
  /** The agent's id in Earshot. */
  id: string
  /** The agent's id at the call centre, otherwise the id in Earshot. */
  shownId: string
  name: string
  email?: string
  userId?: string
}

export interface FeedQueue {
  id: string
  name: string
}

/** Reads the agents with these ids; an agent without a record has only its id. */
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

/** Reads the queues with these ids; a queue without a record is named by its id. */
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
