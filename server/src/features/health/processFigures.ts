import { statfs } from 'node:fs/promises'
import manifest from '../../../package.json' with { type: 'json' }
import type { Ports } from '../../ports.ts'
import type { Figure } from '../../metrics.ts'
import { gauge } from './engineFigures.ts'

/** What this process is and uses. */
export function readProcessFigures(ports: Ports): Figure[] {
  const memory = process.memoryUsage()
  const processor = process.cpuUsage()
  const { total, idle, waiting, max } = ports.postgres.connections()
  const connections = { used: total - idle, idle, waiting }
  return [
    gauge('earshot_build_info', 'Always 1; what is running stands in the labels.', 1, {
      version: manifest.version,
      node: process.versions.node,
      roles: ports.config.roles.toSorted().join('+'),
    }),
    gauge('process_resident_memory_bytes', 'Memory of the process, an embedded ClickHouse included.', memory.rss),
    gauge('process_heap_used_bytes', 'JavaScript heap in use.', memory.heapUsed),
    gauge('process_start_time_seconds', 'When the process started, since 1970.', performance.timeOrigin / 1000),
    {
      name: 'process_cpu_seconds_total',
      help: 'Processor time that the process took.',
      kind: 'counter',
      samples: [{ labels: {}, value: (processor.user + processor.system) / 1_000_000 }],
    },
    {
      name: 'earshot_postgres_connections',
      help: 'Connections of the process to PostgreSQL: used and idle; waiting are requests for one.',
      kind: 'gauge',
      samples: Object.entries(connections).map(([state, value]) => ({ labels: { state }, value })),
    },
    gauge('earshot_postgres_connections_max', 'Most connections of the process to PostgreSQL.', max),
  ]
}

/** The file system that holds the data folder. */
export async function readDiskFigures({ config }: Ports): Promise<Figure[]> {
  const { bavail, bfree, blocks, bsize } = await statfs(config.dataDirectory)
  return [
    gauge('earshot_disk_free_bytes', 'Free space where the data folder is.', bavail * bsize),
    gauge('earshot_disk_used_bytes', 'Used space where the data folder is, by whomever.', (blocks - bfree) * bsize),
    gauge('earshot_disk_kept_free_bytes', 'Free space below which ingestion answers 507.', config.minimumFreeBytes),
  ]
}
