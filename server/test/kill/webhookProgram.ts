import { buildServer, listen } from '../../src/api/server.ts'
import { surfaces } from '../../src/api/surfaces.ts'
import { openApp } from '../../src/app.ts'
import { loadConfig } from '../../src/config.ts'
import { openLog } from '../../src/log.ts'

// The server as `earshot serve` runs it, which kills itself at a step of sending webhooks. Arguments: the step, and how
// often it comes before that.

/** The steps between storing a change and knowing that it was told, by the statement that each belongs to. */
const steps: Record<string, { statement: string; isAfter: boolean }> = {
  stored: { statement: 'INSERT INTO ingest_batches', isAfter: true },
  readable: { statement: 'DELETE FROM ingest_batches', isAfter: true },
  taken: { statement: 'AS delivery\n      SET worker', isAfter: true },
  sent: { statement: 'INSERT INTO webhook_attempts', isAfter: false },
  written: { statement: 'INSERT INTO webhook_attempts', isAfter: true },
}

const [name = '', count = '1'] = process.argv.slice(2)
const aim = steps[name]
const config = loadConfig()
const app = await openApp(config, openLog(config), () => process.exit(3))
let left = Number(count)

/** What a statement touched tells whether it was more than a look: an empty claim is no step. */
function reach(text: string, isAfter: boolean, touched: number): void {
  if (!aim || aim.isAfter !== isAfter || !text.includes(aim.statement)) return
  if ((!isAfter || touched > 0) && --left === 0) process.kill(process.pid, 'SIGKILL')
}

const query = app.postgres.query.bind(app.postgres)
const run = app.postgres.run.bind(app.postgres)
app.postgres.query = async (statement) => {
  reach(statement.text, false, 0)
  const rows = await query<never>(statement)
  reach(statement.text, true, rows.length)
  return rows
}
app.postgres.run = async (statement) => {
  reach(statement.text, false, 0)
  const touched = await run(statement)
  reach(statement.text, true, touched)
  return touched
}
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
const server = await buildServer(app, surfaces)
await listen(server, config)
app.jobs.start()
