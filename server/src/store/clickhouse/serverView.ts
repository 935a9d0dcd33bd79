import { AppError } from '../../errors.ts'
import type { ClickHouseView } from './clickhouse.ts'
import { askNodesInOrder, type ClickHouseNode, type ClickHouseNodes } from './nodes.ts'
import { distributeTables, readSharding, shardDatabaseOf, type Sharding } from './shards.ts'
import { statementsOf } from './statements.ts'
import { createCopies, fillCopies, listViews, viewDatabaseOf } from './views.ts'

/**
 * A view on a server, or over the shards of a cluster. In a cluster each node copies its own tables, and the queried
 * node gets tables over the copies like those over the originals.
 */
export async function openServerView(
  nodes: ClickHouseNodes,
  { cluster, name, tables }: { cluster: string; name: string; tables: readonly string[] },
): Promise<ClickHouseView> {
  const asked = await nodes.use(async (node, signal) => {
    await node.client().command({ query: 'SELECT 1', abort_signal: signal })
    return node
  }, true)
  const sharding = cluster === '' ? undefined : await readSharding(nodes.all, cluster)
  if (sharding) requireEveryShard(nodes, sharding)
  const holders = sharding ? [...sharding.shardOf.keys()] : [asked]
  const copies = holders.map((node) => {
    const from = sharding ? shardDatabaseOf(node.database) : node.database
    const view = viewDatabaseOf(node.database, name)
    return { engine: at(node), from, into: sharding ? shardDatabaseOf(view) : view, tables }
  })
  const drop = async (): Promise<void> => {
    const dropped = await Promise.allSettled(holders.map((node) => dropServerView(node, name)))
    for (const result of dropped) if (result.status === 'rejected') throw result.reason
  }
  const shown = inDatabase(asked, viewDatabaseOf(asked.database, name))
  try {
    await Promise.all(copies.map((copy) => createCopies(copy.engine, copy)))
    if (sharding) {
      await at(asked).command(`CREATE DATABASE IF NOT EXISTS ${shown.database}`)
      await distributeTables(shown, sharding, { isAll: true })
    }
  } catch (error) {
    await drop().catch(() => {})
    throw error
  }
  return {
    ...at(shown),
    async take() {
      await Promise.all(copies.map((copy) => fillCopies(copy.engine, copy)))
    },
    drop,
  }
}

/** Removes the tables of a view from a node: those over all shards, and its own copies. */
export async function dropServerView(node: ClickHouseNode, name: string): Promise<void> {
  const database = viewDatabaseOf(node.database, name)
  for (const each of [database, shardDatabaseOf(database)]) {
    await at(node).command(`DROP DATABASE IF EXISTS ${each} SYNC`)
  }
  await node.leave(database)
}

/** The views that have tables on a node. */
export async function listServerViews(node: ClickHouseNode): Promise<string[]> {
  const names = await listViews(at(node), node.database)
  return [...new Set(names.map((name) => name.replace(/_shard$/, '')))]
}

function at(node: ClickHouseNode): ReturnType<typeof statementsOf> {
  return statementsOf(askNodesInOrder([node]))
}

function inDatabase(node: ClickHouseNode, database: string): ClickHouseNode {
  return { ...node, database, client: (other = database) => node.client(other) }
}

/** One replica of each shard, because replicas have the same rows. */
function requireEveryShard({ all }: ClickHouseNodes, { shardOf, replicas }: Sharding): void {
  if (new Set(shardOf.values()).size >= all.length / replicas) return
  throw new AppError('UNAVAILABLE', 'A part of the call data store is away; try again later.', { retryAfterSeconds: 5 })
}
