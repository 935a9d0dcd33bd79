import { openPorts } from '../compose.ts'
import { loadConfig } from '../config.ts'
import { sql } from '../store/postgres/postgres.ts'
import { endLost } from './endProcess.ts'
import { printJson, printTable } from './output.ts'
import { requireFolder } from './requireFolder.ts'
import { commandLog } from './withControl.ts'

/** Opens every store, which migrates it, and prints the applied migrations. */
export async function migrateCommand(options: { json?: boolean }): Promise<void> {
  const config = loadConfig()
  requireFolder(config)
  const ports = await openPorts(config, commandLog(config), endLost)
  try {
    const applied = await ports.postgres.query<{ store: string; name: string; at: Date }>(sql`
      SELECT store, name, applied_at AS at
      FROM migrations
      ORDER BY store, number`)
    if (options.json) return printJson(applied)
    printTable(
      ['STORE', 'MIGRATION', 'APPLIED (UTC)'],
      applied.map(({ store, name, at }) => [store, name, at.toISOString().slice(0, 19).replace('T', ' ')]),
    )
  } finally {
    await ports.close()
  }
}
