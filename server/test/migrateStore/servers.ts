import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { inject } from 'vitest'
import { clusterName } from '../cluster/clickhouseNodes.ts'
import { newClient } from '../../src/store/postgres/postgres.ts'
import { createTestDatabase, type TestDatabase } from '../testPostgres.ts'

export type Settings = Record<string, string>

const databases: TestDatabase[] = []

/** The settings of servers on which nothing is yet. */
export async function emptyServers(
  folder: string,
  name: string,
  more: Settings = {},
): Promise<{ settings: Settings; database: TestDatabase }> {
  const database = await createTestDatabase()
  databases.push(database)
  const { host = '', port, user, database: named = '' } = database.options
  const settings = {
    EARSHOT_DATA_DIR: join(folder, name),
    EARSHOT_DATABASE_URL: `postgres://${user}@localhost:${port}/${named}?host=${encodeURIComponent(host)}`,
    EARSHOT_CLICKHOUSE_URL: (inject('clusterUrls') ?? []).map((url) => `${url}/${named}`).join(','),
    EARSHOT_CLICKHOUSE_CLUSTER: clusterName,
    ...more,
  }
  return { settings, database }
}

/** The first shard alone, as a server that is in no cluster. */
export function oneServer(): Settings {
  return {
    EARSHOT_CLICKHOUSE_URL: `${inject('clusterUrls')?.[0]}/one_${randomBytes(6).toString('hex')}`,
    EARSHOT_CLICKHOUSE_CLUSTER: '',
  }
}

/** A folder of its own in the run's bucket. */
export function emptyBucket(): Settings {
  const settings = inject('bucketSettings')
  return { ...settings, EARSHOT_FILES: settings?.['EARSHOT_FILES']?.replace('?', '/moved?') ?? '' }
}

/** What a database answers, from a connection that nobody takes for a server's. */
export async function ask(database: TestDatabase, statement: string): Promise<number> {
  const client = newClient(database.options, 'test')
  await client.connect()
  try {
    const { rows } = await client.query<{ answer: string }>(statement)
    return Number(rows[0]?.answer)
  } finally {
    await client.end()
  }
}

/** Removes every database that was made. */
export async function dropServers(): Promise<void> {
  for (const database of databases) await database.drop()
}
