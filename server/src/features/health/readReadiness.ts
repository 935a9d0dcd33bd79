import type { App } from '../../app.ts'
import { pendingPostgres } from '../../store/migrate.ts'
import { pendingMigrations } from '../../store/clickhouse/openClickHouse.ts'
import { hasSpace } from './requireSpace.ts'
import { readEngines, type EngineState } from './readEngines.ts'

/** What has to stand before requests are sent here. */
export interface Readiness {
  postgres: EngineState
  clickhouse: EngineState
  /** `unavailable` also when nothing can be known of them. */
  migrations: EngineState
  /** `full` when nothing may be written; what is there can still be read. */
  disk: 'ok' | 'full'
}

/** Migrations only go forward: where they stood once, they stand. */
const migrated = new WeakSet<App>()

/** Whether both engines answer and have the tables of this version, and the disk takes more. */
export async function readReadiness(app: App): Promise<Readiness> {
  const engines = await readEngines(app)
  if (!migrated.has(app) && engines.postgres === 'ok') await lookAtMigrations(app)
  const disk = (await hasSpace(app)) ? 'ok' : 'full'
  return { ...engines, migrations: migrated.has(app) ? 'ok' : 'unavailable', disk }
}

async function lookAtMigrations(app: App): Promise<void> {
  const pending = [...(await pendingPostgres(app.postgres)), ...(await pendingMigrations(app.config, app.postgres))]
  if (pending.length === 0) migrated.add(app)
  else app.log.warn({ pending }, 'migrations are not applied')
}
