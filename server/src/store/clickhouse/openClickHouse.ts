import { join } from 'node:path'
import type { Config } from '../../config.ts'
import type { ClickHouse } from './clickhouse.ts'
import { addressOf, openNodes } from './nodes.ts'
import { openServerClickHouse, type ServerClickHouse } from './serverClickHouse.ts'
import { migrateClickHouse, pendingClickHouse } from '../migrate.ts'
import { migrateNodes, storeOf } from './migrateNodes.ts'
import type { Postgres } from '../postgres/postgres.ts'

/** The call data store, with the way to bring its tables to this version. */
export interface OpenedClickHouse<Store extends ClickHouse = ClickHouse> {
  clickhouse: Store
  /** Gives the names of the migrations that were applied. */
  migrate: (postgres: Postgres) => Promise<string[]>
}

export type ClickHouseSettings = Pick<
  Config,
  'clickhouseUrls' | 'clickhouseCluster' | 'clickhouseInsertQuorum' | 'clickhouseMemoryBytes' | 'dataDirectory'
>

/** Opens the engine that the settings ask for: in this process, a server, or a cluster. */
export async function openClickHouse(config: ClickHouseSettings): Promise<OpenedClickHouse> {
  if (config.clickhouseUrls.length === 0) {
    // The engine's library is large: with servers it is not even loaded.
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

/** Migrations that are still to be applied, as far as is recorded; opens nothing. */
export function pendingMigrations(
  config: Pick<Config, 'clickhouseUrls' | 'clickhouseCluster'>,
  postgres: Postgres,
): Promise<string[]> {
  const [first] = config.clickhouseUrls.map((url) => addressOf(url))
  return pendingClickHouse(postgres, first ? storeOf(first, config.clickhouseCluster) : 'clickhouse')
}

const clusterSettings = {
  // A sub-query is answered once, over all shards or by the node that has the table, and its answer goes to each shard.
  // ('global' as the mode would do so for tables over all shards only, and the two do not go together.)
  prefer_global_in_and_join: 1,
  distributed_product_mode: 'allow',
  // An insert is acknowledged when every shard has its rows.
  distributed_foreground_insert: 1,
  // A shard that works tells its progress all the time; one that says nothing for so long is away.
  receive_timeout: 10,
  send_timeout: 10,
  // One that takes a connection and says nothing hangs, and is asked twice in the same time.
  handshake_timeout_ms: 5000,
  connections_with_failover_max_tries: 2,
}

/** Every replica takes what is acknowledged, so that any may be read and inserts need not wait for each other. */
function quorumSettings(quorum: number): Record<string, number> {
  return quorum < 2 ? {} : { insert_quorum: quorum, insert_quorum_parallel: 1 }
}
