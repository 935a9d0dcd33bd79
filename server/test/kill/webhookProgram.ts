import { buildServer, listen } from '../../src/api/http/server.ts'
import { surfaces } from '../../src/api/surfaces.ts'
import { openPorts } from '../../src/compose.ts'
import { loadConfig } from '../../src/config.ts'
import { openLog } from '../../src/log.ts'
import type { Queryable } from '../../src/store/postgres/postgres.ts'

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
const ports = await openPorts(config, openLog(config), () => process.exit(3))
let left = Number(count)

/** What a statement touched tells whether it was more than a look: an empty claim is no step. */
function reach(text: string, isAfter: boolean, touched: number): void {
  if (!aim || aim.isAfter !== isAfter || !text.includes(aim.statement)) return
  if ((!isAfter || touched > 0) && --left === 0) process.kill(process.pid, 'SIGKILL')
}

/** Statements that tell what they come to, once it holds. */
function watched(on: Queryable, reached: (text: string, touched: number) => void): Pick<Queryable, 'query' | 'run'> {
  const query = on.query.bind(on)
  const run = on.run.bind(on)
  return {
    async query(statement) {
      reach(statement.text, false, 0)
      const rows = await query<never>(statement)
      reached(statement.text, rows.length)
      return rows
    },
    async run(statement) {
      reach(statement.text, false, 0)
      const touched = await run(statement)
      reached(statement.text, touched)
      return touched
    },
  }
}

const transaction = ports.postgres.transaction.bind(ports.postgres)
Object.assign(
  ports.postgres,
  watched(ports.postgres, (text, touched) => reach(text, true, touched)),
)
ports.postgres.transaction = async (work) => {
  const done: [string, number][] = []
  const result = await transaction((tx) =>
    work({ ...tx, ...watched(tx, (text, touched) => void done.push([text, touched])) }),
  )
  for (const [text, touched] of done) reach(text, true, touched)
  return result
}
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
const server = await buildServer(ports, surfaces)
await listen(server, config)
ports.jobs.start()
