import { referenceCollections } from '../../domain/collections/all.ts'
import { AppError } from '../../errors.ts'
import { askNode, unavailableOr, type ClickHouseNode } from './nodes.ts'

/**
 * How rows are spread: a table of every node's own, and over them one under the same name by which statements reach them:
 * all shards' rows, or of reference records those of the node itself, as each has them all.
 */
export interface Sharding {
  cluster: string
  /** Whether the cluster has a keeper, so that the replicas of a shard copy from each other. */
  isReplicated: boolean
  /** Replicas of the shard that has the most. */
  replicas: number
  /** The number of each node's shard; of one that is away it is not known. */
  shardOf: ReadonlyMap<ClickHouseNode, number>
}

/** The database of the tables that hold a node's own rows. */
export function shardDatabaseOf(database: string): string {
  return `${database}_shard`
}

const everywhere = new Set(referenceCollections.map((collection) => collection.table))

/** Whether every node has all rows of a table: reference records have no call to be spread by, and are joined with calls. */
export function isOnEveryNode(table: string): boolean {
  return everywhere.has(table)
}

/**
 * What decides on a row's shard: everything of one call lies on one, but for the look-up of ids, which is spread by what
 * is looked up. Totals can be added wherever they lie.
 */
function shardingKeyOf(table: string, columns: ReadonlySet<string>): string {
  if (columns.has('call_id')) return 'cityHash64(account_id, call_id)'
  if (table === 'record_keys') return 'cityHash64(account_id, id_hash)'
  return columns.has('id') ? 'cityHash64(account_id, id)' : 'rand()'
}

/** The statement of a migration as a node's own tables need it: on a cluster with a keeper, tables are replicated. */
export function migratedStatement(statement: string, sharding: Pick<Sharding, 'isReplicated'> | undefined): string {
  if (!sharding?.isReplicated) return statement
  return statement.replace(
    /^ENGINE = (?<engine>\w*MergeTree)(?:\((?<version>\w+)\))?$/m,
    (_, engine: string, version?: string) =>
      `ENGINE = Replicated${engine}('/earshot/{shard}/{database}/{table}', '{replica}'${version ? `, ${version}` : ''})`,
  )
}

/**
 * Gives a new node the tables that hold rows, as another node has them: without its rows, of which each shard has its own,
 * but for those that every node has. What its shard holds a node `hasReplica` of copies by the keeper.
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
/** The condition on `system.tables` for those that hold rows and are whole. */
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

/** The table gets its name once it is whole: what comes meanwhile is refused, and sent again. */
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

/** Makes the tables of a node over those that hold rows: all of them, or those that are not as these are. */
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
 * The cluster as those of its nodes know it that are there. Throws AppError CONFLICT when it is not the one of the
 * settings, and UNAVAILABLE when no node answers.
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

/** A reader may be given any replica, so each must have what was acknowledged, or be known to lack it. Throws CONFLICT. */
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
  /** What the cluster calls the node. */
  itself: string
  /** The number of the shard that it is of. */
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
