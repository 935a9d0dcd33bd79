import { join } from 'node:path'
import type { Config } from '../../config.ts'
import type { ClickHouse } from './clickhouse.ts'
import { addressOf, openNodes } from './nodes.ts'
import { openServerClickHouse, type ServerClickHouse } from './serverClickHouse.ts'
import { migrateClickHouse, pendingClickHouse } from '../migrate.ts'
import { migrateNodes, storeOf } from './migrateNodes.ts'
import type { Postgres } from '../postgres/postgres.ts'

/** The call data store, with a function that migrates its tables to this version. */
export interface OpenedClickHouse<Store extends ClickHouse = ClickHouse> {
  clickhouse: Store
  /** Gives the names of the migrations that were applied. */
  migrate: (postgres: Postgres) => Promise<string[]>
}

export type ClickHouseSettings = Pick<
  Config,
  'clickhouseUrls' | 'clickhouseCluster' | 'clickhouseInsertQuorum' | 'clickhouseMemoryBytes' | 'dataDirectory'
>

/** Opens the configured engine: in this process, a server, or a cluster. */
export async function openClickHouse(config: ClickHouseSettings): Promise<OpenedClickHouse> {
  if (config.clickhouseUrls.length === 0) {
    // The engine's library is large, so it is not loaded with servers.
    const { openEmbeddedClickHouse } = await import('./embeddedClickHouse.ts')
    const clickhouse = openEmbeddedClickHouse(join(config.dataDirectory, 'clickhouse'), config.clickhouseMemoryBytes)
    return { clickhouse, migrate: (postgres) => migrateClickHouse(postgres, clickhouse) }
  }
  return openClickHouseServers(config)
}

/** Opens the server or the cluster that the settings name. */
export function openClickHouseServers(
  config: Pick<Config, 'clickhouseUrls' | 'clickhouseCluster' | 'clickhouseInsertQuorum'>,
): OpenedClickHouse<ServerClickHouse> {
  const cluster = config.clickhouseCluster
  const nodes = openNodes(config.clickhouseUrls, {
    ...(cluster === '' ? {} : clusterSettings),
    ...quorumSettings(config.clickhouseInsertQuorum),
  })
  return {
    clickhouse: openServerClickHouse(nodes, { cluster }),
    migrate: (postgres) => migrateNodes(postgres, nodes, { cluster, insertQuorum: config.clickhouseInsertQuorum }),
  }
}

/** The migrations that are not recorded as applied; opens nothing. */
export function pendingMigrations(
  config: Pick<Config, 'clickhouseUrls' | 'clickhouseCluster'>,
  postgres: Postgres,
): Promise<string[]> {
  const [first] = config.clickhouseUrls.map((url) => addressOf(url))
  return pendingClickHouse(postgres, first ? storeOf(first, config.clickhouseCluster) : 'clickhouse')
}

const clusterSettings = {
  // A sub-query runs once, over all shards or on the node that has the table, and its result is sent to each shard.
  // (The mode 'global' would do that only for tables over all shards, and excludes this setting.)
  prefer_global_in_and_join: 1,
  distributed_product_mode: 'allow',
  // An insert is acknowledged when every shard has its rows.
  distributed_foreground_insert: 1,
  // A working shard reports its progress all the time; a silent one counts as unreachable after this time.
  receive_timeout: 10,
  send_timeout: 10,
  // A shard that accepts a connection and does not answer hangs, and is tried twice in the same time.
  handshake_timeout_ms: 5000,
  connections_with_failover_max_tries: 2,
}

/** Every replica must accept a write before it is acknowledged, so that any may be read and inserts run in parallel. */
function quorumSettings(quorum: number): Record<string, number> {
  return quorum < 2 ? {} : { insert_quorum: quorum, insert_quorum_parallel: 1 }
}
