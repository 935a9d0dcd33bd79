import { collections } from '../../domain/collections/all.ts'
import { AppError } from '../../errors.ts'
import { askIfThere, type ClickHouseNode } from './nodes.ts'

const tableNames = collections.map(({ table }) => table)

/**
 * Checks that the existing tables match the settings, before anything changes: on one server they hold the rows, and in
 * a cluster they are defined over the tables of all nodes. Throws CONFLICT.
 */
export async function requireFittingTables(nodes: readonly ClickHouseNode[], cluster: string): Promise<void> {
  const databases = [...new Set(nodes.map(({ database }) => database))]
  if (databases.length > 1) {
    throw new AppError(
      'CONFLICT',
      `EARSHOT_CLICKHOUSE_URL names different databases (${databases.join(', ')}); it must be the same one on every node.`,
    )
  }
  await Promise.all(nodes.map((node) => requireFitting(node, cluster)))
}

async function requireFitting(node: ClickHouseNode, cluster: string): Promise<void> {
  const { holdsRows, clusters } = await tablesOf(node)
  const [found] = clusters
  if (cluster === '' && found !== undefined) {
    throw new AppError(
      'CONFLICT',
      `The ClickHouse node ${node.name} is one of the cluster ${found}; set EARSHOT_CLICKHOUSE_CLUSTER to ${found}, and EARSHOT_CLICKHOUSE_URL to the HTTP address of each of its nodes, separated by commas.`,
    )
  }
  if (cluster !== '' && holdsRows) {
    throw new AppError(
      'CONFLICT',
      `The database ${node.database} of the ClickHouse node ${node.name} is a single server's: its rows would be lost to a cluster. Leave EARSHOT_CLICKHOUSE_CLUSTER out to go on with it, or name another database in EARSHOT_CLICKHOUSE_URL.`,
    )
  }
}

/** Returns no tables for an unreachable node. */
async function tablesOf(node: ClickHouseNode): Promise<{ holdsRows: boolean; clusters: string[] }> {
  const [row] = await askIfThere<{ holdsRows: number; clusters: string[] }>(
    node,
    `
      SELECT
        countIf(engine LIKE '%MergeTree') > 0 AS holdsRows,
        groupUniqArrayIf(extract(engine_full, '^Distributed\\\\(\\'?([^\\',]+)'), engine = 'Distributed') AS clusters
      FROM system.tables
      WHERE database = {database:String}
        AND name IN {names:Array(String)}`,
    { database: node.database, names: tableNames },
  )
  return { holdsRows: row?.holdsRows === 1, clusters: row?.clusters ?? [] }
}
