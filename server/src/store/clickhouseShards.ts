import { AppError } from '../errors.ts'
import { unavailableOr, type ClickHouseNode } from './clickhouseNodes.ts'

/** How rows are spread: a table of every node's own, and over them one that is `Distributed` under the same name. */
export interface Sharding {
  cluster: string
  /** Whether the cluster has a keeper, so that the replicas of a shard copy from each other. */
  isReplicated: boolean
  /** Replicas of the shard that has the most. */
  replicas: number
}

/** The database of the tables that hold a node's own rows. */
export function shardDatabaseOf(database: string): string {
  return `${database}_shard`
}

/**
 * What decides on a row's shard: everything of one call lies on one, but for the look-up of ids, which is spread by what
 * is looked up; reference records have no call and are spread by their id. Totals can be added wherever they lie.
 */
function shardingKeyOf(table: string, columns: ReadonlySet<string>): string {
  if (columns.has('call_id')) return 'cityHash64(account_id, call_id)'
  if (table === 'record_keys') return 'cityHash64(account_id, id_hash)'
  return columns.has('id') ? 'cityHash64(account_id, id)' : 'rand()'
}

/** The statement of a migration as a node's own tables need it: on a cluster with a keeper, tables are replicated. */
export function migratedStatement(statement: string, sharding: Sharding | undefined): string {
  if (!sharding?.isReplicated) return statement
  return statement.replace(
    /^ENGINE = (?<engine>\w*MergeTree)(?:\((?<version>\w+)\))?$/m,
    (_, engine: string, version?: string) =>
      `ENGINE = Replicated${engine}('/earshot/{shard}/{database}/{table}', '{replica}'${version ? `, ${version}` : ''})`,
  )
}

/** Gives a new node the tables that hold rows, as another node has them: without its rows, of which each node has its own. */
export async function adoptTables(node: ClickHouseNode, other: ClickHouseNode): Promise<void> {
  const answer = await other.client().query({
    query: `
      SELECT create_table_query AS statement
      FROM system.tables
      WHERE database = {shards:String}
        AND engine LIKE '%MergeTree'`,
    format: 'JSONEachRow',
    query_params: { shards: shardDatabaseOf(other.database) },
  })
  for (const { statement } of await answer.json<{ statement: string }>()) {
    await node.client().command({ query: statement.replace(/^CREATE TABLE /, 'CREATE TABLE IF NOT EXISTS ') })
  }
}

/** Makes the `Distributed` tables of a node over the tables that hold rows: all of them, or those that are not as these are. */
export async function distributeTables(
  node: ClickHouseNode,
  { cluster }: Sharding,
  { isAll }: { isAll: boolean },
): Promise<void> {
  const shards = shardDatabaseOf(node.database)
  const client = node.client()
  const answer = await client.query({
    query: `
      SELECT
        table,
        groupArrayIf(name, database = {shards:String}) AS columns
      FROM system.columns
      WHERE database IN ({shards:String}, {own:String})
      GROUP BY table
      HAVING notEmpty(columns)
        AND ({isAll:Bool} OR ${definitionsIn('shards')} != ${definitionsIn('own')})`,
    format: 'JSONEachRow',
    query_params: { shards, own: node.database, isAll },
  })
  for (const { table, columns } of await answer.json<{ table: string; columns: string[] }>()) {
    const key = shardingKeyOf(table, new Set(columns))
    await client.command({
      query: `
        CREATE OR REPLACE TABLE ${table} AS ${shards}.${table}
        ENGINE = Distributed(${cluster}, ${shards}, ${table}, ${key})`,
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
  const failed = views.find((view) => view.status === 'rejected')
  const [first] = known
  if (!first) throw unavailableOr(failed?.reason)
  const stranger = known.find((view) => view.members === 0)
  if (stranger) {
    throw new AppError(
      'CONFLICT',
      `The ClickHouse node ${stranger.name} knows no cluster ${cluster}; EARSHOT_CLICKHOUSE_CLUSTER must be one of its remote_servers.`,
    )
  }
  const named = new Set(known.map((view) => view.itself)).size + nodes.length - known.length
  if (named < first.members) {
    throw new AppError(
      'CONFLICT',
      `The cluster ${cluster} has ${first.members} nodes; EARSHOT_CLICKHOUSE_URL must give the HTTP address of each, separated by commas.`,
    )
  }
  return { cluster, isReplicated: first.hasKeeper === 1, replicas: first.replicas }
}

/** A reader may be given any replica, so each must have what was acknowledged, or be known to lack it. Throws CONFLICT. */
export function requireReplication({ cluster, isReplicated, replicas }: Sharding, insertQuorum: number): void {
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
  name: string
  members: number
  /** What the cluster calls the node. */
  itself: string
  hasKeeper: number
  replicas: number
}

async function viewOf(node: ClickHouseNode, cluster: string): Promise<ClusterView> {
  const answer = await node.client('default').query({
    query: `
      SELECT
        count() AS members,
        max(replica_num) AS replicas,
        anyIf(concat(host_name, ':', toString(port)), is_local) AS itself,
        (
          SELECT count() > 0
          FROM system.tables
          WHERE database = 'system'
            AND name = 'zookeeper'
        ) AS hasKeeper
      FROM system.clusters
      WHERE cluster = {cluster:String}`,
    format: 'JSONEachRow',
    query_params: { cluster },
  })
  const [row] = await answer.json<Omit<ClusterView, 'name'>>()
  return { name: node.name, members: 0, replicas: 0, itself: '', hasKeeper: 0, ...row }
}
