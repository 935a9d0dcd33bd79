import { referenceCollections } from '../../domain/collections/all.ts'
import { AppError } from '../../errors.ts'
import { askNode, unavailableOr, type ClickHouseNode } from './nodes.ts'

/**
 * How rows are distributed: each node has its own tables, and a second table of the same name over them for statements.
 * That one reads the rows of all shards; for reference records it reads only this node, because every node has all of
 * them.
 */
export interface Sharding {
  cluster: string
  /** Whether the cluster has a keeper, so that the replicas of a shard copy from each other. */
  isReplicated: boolean
  /** The largest number of replicas of a shard. */
  replicas: number
  /** The shard number of each node; missing for an unreachable node. */
  shardOf: ReadonlyMap<ClickHouseNode, number>
}

/** The database of the tables with a node's own rows. */
export function shardDatabaseOf(database: string): string {
  return `${database}_shard`
}

const everywhere = new Set(referenceCollections.map((collection) => collection.table))

/** Whether every node has all rows of a table: reference records belong to no call, and are joined with calls. */
export function isOnEveryNode(table: string): boolean {
  return everywhere.has(table)
}

/**
 * The sharding key: all records of a call are on one shard. The look-up table of ids is distributed by id. Totals can
 * be on any shard, because they are added up.
 */
function shardingKeyOf(table: string, columns: ReadonlySet<string>): string {
  if (columns.has('call_id')) return 'cityHash64(account_id, call_id)'
  if (table === 'record_keys') return 'cityHash64(account_id, id_hash)'
  return columns.has('id') ? 'cityHash64(account_id, id)' : 'rand()'
}

/** Rewrites a migration's statement for a node's own tables: with a keeper, the tables are replicated. */
export function migratedStatement(statement: string, sharding: Pick<Sharding, 'isReplicated'> | undefined): string {
  if (!sharding?.isReplicated) return statement
  return statement.replace(
    /^ENGINE = (?<engine>\w*MergeTree)(?:\((?<version>\w+)\))?$/m,
    (_, engine: string, version?: string) =>
      `ENGINE = Replicated${engine}('/earshot/{shard}/{database}/{table}', '{replica}'${version ? `, ${version}` : ''})`,
  )
}

/**
 * Creates the tables of another node on a new node. Copies only the rows that every node has, because each shard has
 * its own rows. A node with a replica (`hasReplica`) gets the rows of its shard through the keeper.
 */
export async function adoptTables(
  node: ClickHouseNode,
  other: ClickHouseNode,
  { hasReplica }: { hasReplica: boolean },
): Promise<void> {
  const tables = await askNode<{ name: string; statement: string }>(
    other,
    `
      SELECT name, create_table_query AS statement
      FROM system.tables
      WHERE database = {shards:String}
        AND ${holdsRows}
        AND name NOT IN {there:Array(String)}`,
    { shards: shardDatabaseOf(other.database), there: await tablesOf(node) },
  )
  for (const { name, statement } of tables) {
    if (isOnEveryNode(name) && !hasReplica) await adoptRows(node, other, { name, statement })
    else await node.client().command({ query: statement })
  }
}

const unfinished = 'unfinished_'
/** The condition on `system.tables` for complete tables with rows. */
export const holdsRows = `engine LIKE '%MergeTree' AND NOT startsWith(name, '${unfinished}')`

async function tablesOf(node: ClickHouseNode): Promise<string[]> {
  const tables = await askNode<{ name: string }>(
    node,
    `
      SELECT name
      FROM system.tables
      WHERE database = {shards:String}
        AND ${holdsRows}`,
    { shards: shardDatabaseOf(node.database) },
  )
  return tables.map(({ name }) => name)
}

/** Renames the table once it is complete; inserts fail until then, and are retried. */
async function adoptRows(
  node: ClickHouseNode,
  other: ClickHouseNode,
  { name, statement }: { name: string; statement: string },
): Promise<void> {
  const target = node.client(shardDatabaseOf(node.database))
  await target.command({ query: `DROP TABLE IF EXISTS ${unfinished}${name} SYNC` })
  await target.command({ query: statement.replace(`.${name} (`, `.${unfinished}${name} (`) })
  const { stream } = await other
    .client(shardDatabaseOf(other.database))
    .exec({ query: `SELECT * FROM ${name} FORMAT Native` })
  const inserted = await target.exec({ query: `INSERT INTO ${unfinished}${name} FORMAT Native`, values: stream })
  inserted.stream.resume()
  await target.command({ query: `RENAME TABLE ${unfinished}${name} TO ${name}` })
}

/** Creates a node's tables over those with rows: all of them, or those that differ. */
export async function distributeTables(
  node: ClickHouseNode,
  { cluster }: Sharding,
  { isAll }: { isAll: boolean },
): Promise<void> {
  const shards = shardDatabaseOf(node.database)
  const client = node.client()
  const differing = await askNode<{ table: string; columns: string[] }>(
    node,
    `
      SELECT
        table,
        groupArrayIf(name, database = {shards:String}) AS columns
      FROM system.columns
      WHERE database IN ({shards:String}, {own:String})
        AND NOT startsWith(table, '${unfinished}')
      GROUP BY table
      HAVING notEmpty(columns)
        AND ({isAll:Bool} OR ${definitionsIn('shards')} != ${definitionsIn('own')})`,
    { shards, own: node.database, isAll },
  )
  for (const { table, columns } of differing) {
    const engine = isOnEveryNode(table)
      ? `Merge(${shards}, '^${table}$')`
      : `Distributed(${cluster}, ${shards}, ${table}, ${shardingKeyOf(table, new Set(columns))})`
    await client.command({
      query: `
        CREATE OR REPLACE TABLE ${table} AS ${shards}.${table}
        ENGINE = ${engine}`,
    })
  }
}

function definitionsIn(database: 'shards' | 'own'): string {
  return `arraySort(groupArrayIf((name, type, default_kind, default_expression), database = {${database}:String}))`
}

/**
 * The cluster as its reachable nodes describe it. Throws AppError CONFLICT when it differs from the settings, and
 * UNAVAILABLE when no node answers.
 */
export async function readSharding(nodes: readonly ClickHouseNode[], cluster: string): Promise<Sharding> {
  const views = await Promise.allSettled(nodes.map((node) => viewOf(node, cluster)))
  const known = views.flatMap((view) => (view.status === 'fulfilled' ? [view.value] : []))
  const shardOf = new Map(known.map(({ node, shard }) => [node, shard]))
  const failed = views.find((view) => view.status === 'rejected')
  const [first] = known
  if (!first) throw unavailableOr(failed?.reason)
  const stranger = known.find((view) => view.members === 0)
  if (stranger) {
    throw new AppError(
      'CONFLICT',
      `The ClickHouse node ${stranger.node.name} knows no cluster ${cluster}; EARSHOT_CLICKHOUSE_CLUSTER must be one of its remote_servers.`,
    )
  }
  const named = new Set(known.map((view) => view.itself)).size + nodes.length - known.length
  if (named < first.members) {
    throw new AppError(
      'CONFLICT',
      `The cluster ${cluster} has ${first.members} nodes; EARSHOT_CLICKHOUSE_URL must give the HTTP address of each, separated by commas.`,
    )
  }
  return { cluster, isReplicated: first.hasKeeper === 1, replicas: first.replicas, shardOf }
}

/**
 * Checks that each replica has every acknowledged row or is known to lack it, because reads use any replica. Throws
 * CONFLICT.
 */
export function requireReplication(
  { cluster, isReplicated, replicas }: Omit<Sharding, 'shardOf'>,
  insertQuorum: number,
): void {
  if (replicas < 2) return
  if (!isReplicated) {
    throw new AppError(
      'CONFLICT',
      `The shards of the cluster ${cluster} have ${replicas} replicas each, but its nodes know no keeper by which these copy from each other; name one in their configuration (zookeeper), or have one node a shard.`,
    )
  }
  if (insertQuorum === replicas) return
  throw new AppError(
    'CONFLICT',
    `The shards have ${replicas} replicas each; EARSHOT_CLICKHOUSE_INSERT_QUORUM is ${insertQuorum} and must be ${replicas} too, so that nothing readable is missing on any of them.`,
  )
}

interface ClusterView {
  node: ClickHouseNode
  members: number
  /** The node's name in the cluster. */
  itself: string
  /** The number of the node's shard. */
  shard: number
  hasKeeper: number
  replicas: number
}

async function viewOf(node: ClickHouseNode, cluster: string): Promise<ClusterView> {
  const [row] = await askNode<Omit<ClusterView, 'node'>>(
    node,
    `
      SELECT
        count() AS members,
        max(replica_num) AS replicas,
        anyIf(concat(host_name, ':', toString(port)), is_local) AS itself,
        anyIf(shard_num, is_local) AS shard,
        (
          SELECT count() > 0
          FROM system.tables
          WHERE database = 'system'
            AND name = 'zookeeper'
        ) AS hasKeeper
      FROM system.clusters
      WHERE cluster = {cluster:String}`,
    { cluster },
  )
  return { node, members: 0, replicas: 0, itself: '', shard: 0, hasKeeper: 0, ...row }
}
