import type { Ports } from '../../ports.ts'
import { messageOf } from '../../errors.ts'
import type { Figure, Labels } from '../../metrics.ts'
import type { ClickHouseAtNode } from '../../store/clickhouse/clickhouse.ts'

/** A slower node counts as unavailable; the others are still reported. */
const answerWithinMs = 2000

interface NodeRow {
  memory: number
  parts: number
  bytes: number
}

interface ReadNode {
  /** Empty where there is one node alone. */
  labels: Labels
  /** Undefined when it did not answer. */
  row: NodeRow | undefined
}

/** Reads the metrics of each ClickHouse node. Throws when no node answers. */
export async function readCallDataFigures(ports: Ports): Promise<Figure[]> {
  const nodes = ports.clickhouse.nodes()
  const read = await Promise.all(
    nodes.map(async (node): Promise<ReadNode> => {
      return { labels: nodes.length > 1 ? { node: node.name } : {}, row: await readNode(ports, node) }
    }),
  )
  if (read.every(({ row }) => row === undefined)) throw new Error('No node of ClickHouse answers.')
  return [
    {
      name: 'earshot_clickhouse_node_up',
      help: 'Whether the node of ClickHouse answered this reading in time.',
      kind: 'gauge',
      samples: read.map(({ labels, row }) => ({ labels, value: row ? 1 : 0 })),
    },
    gaugeOf(read, 'memory', 'earshot_clickhouse_memory_bytes', 'Memory that ClickHouse counts as its own.'),
    gaugeOf(read, 'parts', 'earshot_clickhouse_parts', 'Parts of tables that are not merged into larger ones yet.'),
    gaugeOf(read, 'bytes', 'earshot_clickhouse_disk_bytes', 'Size of the call data on disk.'),
  ]
}

async function readNode({ log }: Ports, node: ClickHouseAtNode): Promise<NodeRow | undefined> {
  const late = new Promise<undefined>((resolve) => setTimeout(resolve, answerWithinMs, undefined).unref())
  const answer = node
    .rows<NodeRow & object>(
      `SELECT
        (SELECT value FROM system.metrics WHERE metric = 'MemoryTracking') AS memory,
        count() AS parts,
        sum(bytes_on_disk) AS bytes
      FROM system.parts
      WHERE active
        AND database NOT IN ('system', 'INFORMATION_SCHEMA', 'information_schema')`,
    )
    .catch((error: unknown) => {
      log.warn({ node: node.name, reason: messageOf(error) }, 'a node of ClickHouse tells no figures')
      return []
    })
  return (await Promise.race([answer, late]))?.[0]
}

function gaugeOf(read: readonly ReadNode[], value: keyof NodeRow, name: string, help: string): Figure {
  const samples = read.flatMap(({ labels, row }) => (row ? [{ labels, value: row[value] }] : []))
  return { name, help, kind: 'gauge', samples }
}
