import type { Ports } from '../../ports.ts'
import { pendingPostgres } from '../../store/migrate.ts'
import { pendingMigrations } from '../../store/clickhouse/openClickHouse.ts'
import { hasSpace } from './requireSpace.ts'
import { readEngines, type EngineState } from './readEngines.ts'

/** What must be ready before requests are sent to this process. */
export interface Readiness {
  postgres: EngineState
  clickhouse: EngineState
  /** `unavailable` also when nothing can be known of them. */
  migrations: EngineState
  /** `full` when nothing may be written; what is there can still be read. */
  disk: 'ok' | 'full'
}

/** Migrations are forward only, so once complete they stay complete. */
const migrated = new WeakSet<Ports>()

/** Checks that both engines answer and have this version's tables, and that the disk has space. */
export async function readReadiness(ports: Ports): Promise<Readiness> {
  const engines = await readEngines(ports)
  if (!migrated.has(ports) && engines.postgres === 'ok') await lookAtMigrations(ports)
  const disk = (await hasSpace(ports)) ? 'ok' : 'full'
  return { ...engines, migrations: migrated.has(ports) ? 'ok' : 'unavailable', disk }
}

async function lookAtMigrations(ports: Ports): Promise<void> {
  const pending = [
    ...(await pendingPostgres(ports.postgres)),
    ...(await pendingMigrations(ports.config, ports.postgres)),
  ]
  if (pending.length === 0) migrated.add(ports)
  else ports.log.warn({ pending }, 'migrations are not applied')
}
