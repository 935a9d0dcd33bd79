import { ensureEmbeddedPostgres } from '../src/store/postgres/embeddedPostgres.ts'
import { lockDataFolder } from '../src/store/dataFolder.ts'
import { openPostgres, sql } from '../src/store/postgres/postgres.ts'

// A process that uses a data folder, for tests of the embedded engine: `once` works and leaves, `stay` waits to be
// killed, `lock` holds the folder's lock until then. Tells its parent the postmaster's address, or its error.
const [dataDirectory = '', what] = process.argv.slice(2)
try {
  const engine = await ensureEmbeddedPostgres(dataDirectory, { info: () => {}, warn: () => {} })
  if (what === 'lock') await lockDataFolder(engine.options, { dataDirectory, lost: () => process.exit(3) })
  const postgres = await openPostgres(engine.options, { maxConnections: 2 })
  await postgres.run(sql`CREATE TABLE IF NOT EXISTS notes (body text)`).catch(() => 0)
  await postgres.run(sql`INSERT INTO notes VALUES (${String(process.pid)})`)
  process.send?.({ options: engine.options })
  if (what === 'once') {
    await postgres.close()
    await engine.stopIfUnused()
    process.disconnect?.()
  } else {
    setInterval(() => {}, 1_000)
  }
} catch (error) {
  process.send?.({ error: String(error) })
  process.exitCode = 1
  process.disconnect?.()
}
