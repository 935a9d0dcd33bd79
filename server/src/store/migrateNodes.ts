import { AppError } from '../errors.ts'
import { unavailableOr, type ClickHouseNode, type ClickHouseNodes } from './clickhouseNodes.ts'
import { adoptTables, distributeTables, migratedStatement, readSharding, shardDatabaseOf } from './clickhouseShards.ts'
import { migrateClickHouse } from './migrate.ts'
import type { Postgres } from './postgres.ts'

/** The engine that the migrations and the statements are known to run on. */
const oldestVersion = [26, 7] as const

/** Under which the migrations of a server, or of a cluster as a whole, are recorded. */
export function storeOf({ name, database }: Pick<ClickHouseNode, 'name' | 'database'>, cluster: string): string {
  return cluster === '' ? `clickhouse ${name}` : `clickhouse cluster ${cluster}/${database}`
}

/**
 * Brings a server, or every node of a cluster, to this version: each statement on every node before the next one. A node
 * that was added, or lost its disk, gets the tables of the others. Gives the names of the migrations that were applied.
 */
export async function migrateNodes(
  postgres: Postgres,
  { all }: ClickHouseNodes,
  { cluster, insertQuorum }: { cluster: string; insertQuorum: number },
): Promise<string[]> {
  const [first] = all
  if (!first) return []
  const sharding = cluster === '' ? undefined : await readSharding(all, cluster)
  if (sharding?.isReplicated && sharding.replicas > 1) requireQuorum(insertQuorum, sharding.replicas)
  const databaseOf = ({ database }: ClickHouseNode): string => (sharding ? shardDatabaseOf(database) : database)
  let away: ClickHouseNode | undefined
  return migrateClickHouse(
    postgres,
    {
      async prepare() {
        const states = await Promise.all(all.map((node) => stateOf(node, databaseOf(node))))
        away = all.find((_, index) => states[index] === 'away')
        const made = all.find((_, index) => states[index] === 'made')
        for (const node of all.filter((_, index) => states[index] === 'empty')) {
          await createDatabases(node, [databaseOf(node), node.database])
          if (!sharding || !made) continue
          await adoptTables(node, made)
          await distributeTables(node, sharding)
        }
        return made === undefined && away === undefined
      },
      async command(statement) {
        if (away) throw awayWhile(away, 'there are migrations to apply')
        for (const node of all) {
          await node.client(databaseOf(node)).command({
            query: migratedStatement(statement, sharding),
            // Every replica has the change before the next statement builds on it.
            clickhouse_settings: { alter_sync: '2', mutations_sync: '2' },
          })
        }
      },
      async finish(applied) {
        if (sharding && applied.length > 0) for (const node of all) await distributeTables(node, sharding)
      },
    },
    { store: storeOf(first, cluster) },
  )
}

/** Whether the node has tables; one that is away is no reason not to start, as long as nothing is to be done there. */
async function stateOf(node: ClickHouseNode, database: string): Promise<'away' | 'empty' | 'made'> {
  try {
    const answer = await node.client('default').query({
      query: `
        SELECT
          version() AS version,
          (SELECT count() FROM system.tables WHERE database = {database:String}) AS tables`,
      format: 'JSONEachRow',
      query_params: { database },
    })
    const [row] = await answer.json<{ version: string; tables: number }>()
    requireVersion(node, row?.version ?? '')
    return row?.tables ? 'made' : 'empty'
  } catch (error) {
    const failure = unavailableOr(error)
    if (failure instanceof AppError && failure.code === 'UNAVAILABLE') return 'away'
    throw error
  }
}

function requireVersion(node: ClickHouseNode, version: string): void {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major > oldestVersion[0] || (major === oldestVersion[0] && minor >= oldestVersion[1])) return
  throw new AppError(
    'CONFLICT',
    `The ClickHouse node ${node.name} is version ${version}; Earshot needs ${oldestVersion.join('.')} or later.`,
  )
}

/** A reader may be given any replica, so each must have what was acknowledged, or be known to lack it. */
function requireQuorum(insertQuorum: number, replicas: number): void {
  if (insertQuorum >= 2 && insertQuorum <= replicas) return
  throw new AppError(
    'CONFLICT',
    `The shards have ${replicas} replicas each; EARSHOT_CLICKHOUSE_INSERT_QUORUM is ${insertQuorum} and must be from 2 to ${replicas}, so that nothing acknowledged is missing from what is read.`,
  )
}

function awayWhile({ name }: ClickHouseNode, what: string): AppError {
  return new AppError('UNAVAILABLE', `The ClickHouse node ${name} is away and ${what}; start Earshot when it is back.`)
}

async function createDatabases(node: ClickHouseNode, databases: string[]): Promise<void> {
  for (const database of new Set(databases)) {
    await node.client('default').command({ query: `CREATE DATABASE IF NOT EXISTS \`${database}\`` })
  }
}
