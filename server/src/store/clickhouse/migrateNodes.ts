import { AppError } from '../../errors.ts'
import { askIfThere, type ClickHouseNode, type ClickHouseNodes } from './nodes.ts'
import {
  adoptTables,
  distributeTables,
  holdsRows,
  migratedStatement,
  readSharding,
  requireReplication,
  shardDatabaseOf,
  type Sharding,
} from './shards.ts'
import { isSetUp, migrateClickHouse } from '../migrate.ts'
import type { Postgres } from '../postgres/postgres.ts'
import { requireFittingTables } from './requireFittingTables.ts'

/** The minimum engine version for the migrations and the statements. */
const oldestVersion = [26, 7] as const

/** The name under which the migrations of a server or a whole cluster are recorded. */
export function storeOf({ name, database }: Pick<ClickHouseNode, 'name' | 'database'>, cluster: string): string {
  return cluster === '' ? `clickhouse ${name}` : `clickhouse cluster ${cluster}/${database}`
}

/**
 * Migrates a server, or every node of a cluster, to this version. Each statement runs on every node before the next
 * one. A node that was added as a replica, or continues after it lost its rows, gets the tables of the others. After an
 * interruption the next start does the rest. Returns the names of the applied migrations.
 */
export async function migrateNodes(
  postgres: Postgres,
  { all }: ClickHouseNodes,
  { cluster, insertQuorum }: { cluster: string; insertQuorum: number },
): Promise<string[]> {
  const [first] = all
  if (!first) return []
  const sharding = cluster === '' ? undefined : await readSharding(all, cluster)
  if (sharding) requireReplication(sharding, insertQuorum)
  await requireFittingTables(all, cluster)
  const databaseOf = ({ database }: ClickHouseNode): string => (sharding ? shardDatabaseOf(database) : database)
  let there: readonly ClickHouseNode[] = []
  return migrateClickHouse(
    postgres,
    {
      async prepare() {
        const read = await Promise.all(
          all.map(async (node) => ({ node, state: await stateOf(node, databaseOf(node)) })),
        )
        const states = read.flatMap(({ node, state }) => (state ? [{ node, ...state }] : []))
        const empty = states.find(({ node, hasDatabase }) => !hasDatabase && !hasReplica(node, states, sharding))?.node
        if (empty && (await isSetUp(postgres, storeOf(first, cluster)))) throw lost(empty, databaseOf(empty))
        there = states.map(({ node }) => node)
        const max = Math.max(0, ...states.map(({ tables }) => tables))
        const whole = states.find(({ tables }) => tables === max)?.node
        for (const state of states) {
          const { node, tables } = state
          if (tables === 0) await createDatabases(node, [databaseOf(node), node.database])
          if (!sharding || !whole || tables === max) continue
          await adoptTables(node, whole, { hasReplica: hasReplica(node, states, sharding) })
          state.tables = max
        }
        return max === 0 && there.length === all.length
      },
      async command(statement) {
        const away = all.find((node) => !there.includes(node))
        if (away) throw awayWhile(away, 'there are migrations to apply')
        for (const node of all) {
          await node.client(databaseOf(node)).command({
            query: migratedStatement(statement, sharding),
            // Wait until every replica has the change, because the next statement needs it.
            clickhouse_settings: { alter_sync: '2', mutations_sync: '2' },
          })
        }
      },
      async finish(applied) {
        if (!sharding) return
        for (const node of there) await distributeTables(node, sharding, { isAll: applied.length > 0 })
      },
    },
    { store: storeOf(first, cluster) },
  )
}

/** Whether another node of the same shard has tables, from which this one copies its rows. */
export function hasReplica(
  node: ClickHouseNode,
  states: readonly { node: ClickHouseNode; tables: number }[],
  sharding: Sharding | undefined,
): boolean {
  const shard = sharding?.shardOf.get(node)
  if (shard === undefined) return false
  return states.some((other) => other.node !== node && other.tables > 0 && sharding?.shardOf.get(other.node) === shard)
}

interface NodeState {
  hasDatabase: boolean
  tables: number
}

/**
 * The tables of the node. Undefined for an unreachable node, which does not prevent a start when it needs no migration.
 */
async function stateOf(node: ClickHouseNode, database: string): Promise<NodeState | undefined> {
  const [row] = await askIfThere<{ version: string; databases: number; tables: number }>(
    node,
    `
      SELECT
        version() AS version,
        (SELECT count() FROM system.databases WHERE name = {database:String}) AS databases,
        (SELECT count() FROM system.tables WHERE database = {database:String} AND ${holdsRows}) AS tables`,
    { database },
  )
  if (!row) return undefined
  requireVersion(node, row.version)
  return { hasDatabase: row.databases === 1, tables: row.tables }
}

/** Throws CONFLICT when a node is older than the minimum version. */
export function requireVersion(node: ClickHouseNode, version: string): void {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major > oldestVersion[0] || (major === oldestVersion[0] && minor >= oldestVersion[1])) return
  throw new AppError(
    'CONFLICT',
    `The ClickHouse node ${node.name} is version ${version}; Earshot needs ${oldestVersion.join('.')} or later.`,
  )
}

/** An unmounted disk must not count as a new node: ids would get second numbers, and exports would lack rows. */
export function lost({ name }: ClickHouseNode, database: string): AppError {
  return new AppError(
    'CONFLICT',
    `The ClickHouse node ${name} has lost its database ${database}; is its disk there? If the rows are gone for good, restore them from a backup, or run CREATE DATABASE ${database} on the node to go on without them.`,
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
