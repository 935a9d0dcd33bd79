import { Readable } from 'node:stream'
import type { ClickHouse, ClickHouseAtNode, Parameters } from './clickhouse.ts'
import { dropServerView, listServerViews, openServerView } from './serverView.ts'
import { isOnEveryNode, shardDatabaseOf } from './shards.ts'
import { askNodesInOrder, type ClickHouseNode, type ClickHouseNodes } from './nodes.ts'
import { statementsOf } from './statements.ts'
import { withLongLists } from './largeParameters.ts'

/** What servers offer beyond the embedded engine: copying rows from another engine. */
export interface ServerClickHouse extends ClickHouse {
  /**
   * Streams blocks in the engine's format Native for `columns` into a table. `read` opens the stream, again for each
   * node that is tried. Blocks that were inserted and deleted before are inserted again.
   */
  insertBlocks(table: string, columns: readonly string[], read: () => AsyncIterable<Uint8Array>): Promise<void>
  /** Resolves when every replica has what was inserted before. */
  syncReplicas(): Promise<void>
}

type InsertWork = (node: ClickHouseNode, signal: AbortSignal, into: string) => Promise<void>

/** ClickHouse on one server, or on the nodes of the cluster of that name, over HTTP. */
export function openServerClickHouse(nodes: ClickHouseNodes, { cluster }: { cluster: string }): ServerClickHouse {
  const { rows, command, stream } = statementsOf(nodes)
  const isCluster = cluster !== ''
  const isEverywhere = (table: string): boolean => isCluster && isOnEveryNode(table)
  // Inserting the rows of a batch again changes nothing, so all of this may be repeated.
  async function insertInto(table: string, insert: InsertWork): Promise<void> {
    if (!isEverywhere(table)) return nodes.use((node, signal) => insert(node, signal, table), true)
    await Promise.all(
      nodes.all.map((each) =>
        askNodesInOrder([each]).use(
          (node, signal) => insert(node, signal, `${shardDatabaseOf(node.database)}.${table}`),
          true,
        ),
      ),
    )
  }
  return {
    rows,
    stream,
    command: (statement, parameters, options) =>
      isCluster && options?.onEveryNode
        ? commandEverywhere(nodes, statement, parameters)
        : command(statement, parameters),
    insert: (table, columns, lines) =>
      insertInto(table, (node, signal, into) => insertLines(node, signal, { table: into, columns, lines })),
    insertBlocks: (table, columns, read) =>
      insertInto(table, (node, signal, into) => insertBlocks(node, signal, { table: into, columns, blocks: read() })),
    copiesOf: (table) => (isEverywhere(table) ? nodesOf(nodes) : [{ rows }]),
    syncReplicas: () => syncReplicas(nodes, isCluster),
    view: (name, tables) => openServerView(nodes, { cluster, name, tables }),
    nodes: () => nodesOf(nodes),
    close: () => nodes.close(),
  }
}

function nodesOf({ all }: ClickHouseNodes): ClickHouseAtNode[] {
  return all.map((node) => {
    const statements = statementsOf(askNodesInOrder([node]))
    return {
      name: node.name,
      rows: statements.rows,
      command: statements.command,
      views: () => listServerViews(node),
      dropView: (name) => dropServerView(node, name),
    }
  })
}

/** Runs a statement on the tables of each node. Throws UNAVAILABLE when a node is unreachable. */
async function commandEverywhere({ all }: ClickHouseNodes, statement: string, parameters?: Parameters): Promise<void> {
  const written = withLongLists(statement, parameters)
  for (const each of all) {
    await askNodesInOrder([each]).use(
      (node, signal) => node.client(shardDatabaseOf(node.database)).command({ ...written, abort_signal: signal }),
      false,
    )
  }
}

async function insertLines(
  node: ClickHouseNode,
  signal: AbortSignal,
  { table, columns, lines }: { table: string; columns: readonly string[]; lines: Buffer },
): Promise<void> {
  const { stream } = await node.client().exec({
    query: `INSERT INTO ${table} (${columns.join(', ')}) FORMAT JSONCompactEachRow`,
    values: Readable.from([lines], { objectMode: false }),
    abort_signal: signal,
  })
  stream.resume()
}

async function insertBlocks(
  node: ClickHouseNode,
  signal: AbortSignal,
  { table, columns, blocks }: { table: string; columns: readonly string[]; blocks: AsyncIterable<Uint8Array> },
): Promise<void> {
  const { stream } = await node.client().exec({
    query: `INSERT INTO ${table} (${columns.join(', ')}) FORMAT Native`,
    values: Readable.from(blocks, { objectMode: false }),
    // Replicated tables would skip blocks that they remember, even if their rows have been deleted since.
    clickhouse_settings: { insert_deduplicate: 0 },
    abort_signal: signal,
  })
  stream.resume()
}

async function syncReplicas({ all }: ClickHouseNodes, isCluster: boolean): Promise<void> {
  for (const each of all) {
    await askNodesInOrder([each]).use(async (node, signal) => {
      const client = node.client(isCluster ? shardDatabaseOf(node.database) : node.database)
      const answer = await client.query({
        query: `
          SELECT name
          FROM system.tables
          WHERE database = currentDatabase()
            AND engine LIKE 'Replicated%'`,
        format: 'JSONEachRow',
        abort_signal: signal,
      })
      for (const { name } of await answer.json<{ name: string }>()) {
        await client.command({ query: `SYSTEM SYNC REPLICA ${name}`, abort_signal: signal })
      }
    }, false)
  }
}
