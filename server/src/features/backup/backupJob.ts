import { z } from 'zod'
import type { Ports } from '../../ports.ts'
import type { Control } from '../../ports.ts'
import { AppError, messageOf } from '../../errors.ts'
import { insertJob } from '../../store/jobs/jobStatements.ts'
import { sql } from '../../store/postgres/postgres.ts'
import { backUp, type BackupProgress } from './backUp.ts'
import type { Manifest } from './manifest.ts'

const kind = 'backup'
const channel = 'earshot_backup'
const lookMs = 1_000
const tellMs = 200

const inputSchema = z.object({ target: z.string() })

/** What the process that makes the backup tells whoever asked for it. */
type News = { id: string } & (
  | ({ state: 'running' } & BackupProgress)
  | { state: 'done'; counts: Manifest['counts'] }
  | { state: 'failed'; message: string }
)

/** Lets this process make the backups that others ask for; it alone has the embedded engine open. */
export function defineBackupJob(ports: Ports): void {
  const tell = (news: News) => ports.postgres.run(sql`SELECT pg_notify(${channel}, ${JSON.stringify(news)})`)
  ports.jobs.define(kind, {
    concurrency: 1,
    maxAttempts: 3,
    async run({ id, input, signal }) {
      let toldAt = 0
      const counts = await backUp(ports, {
        target: inputSchema.parse(input).target,
        signal,
        onProgress(progress) {
          if (performance.now() - toldAt < tellMs) return
          toldAt = performance.now()
          // Only for people to watch: if it is lost, nothing is.
          tell({ id, state: 'running', ...progress }).catch(() => {})
        },
      }).catch(async (error: unknown) => {
        // What the caller can mend is not tried again.
        if (!isFinal(error)) throw error
        await tell({ id, state: 'failed', message: messageOf(error) })
      })
      if (counts) await tell({ id, state: 'done', counts })
    },
    async giveUp({ id }, error) {
      await tell({ id, state: 'failed', message: messageOf(error) })
    },
  })
}

function isFinal(error: unknown): boolean {
  if (error instanceof AppError) return true
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return code === 'EACCES' || code === 'EPERM' || code === 'EROFS' || code === 'ENOTDIR'
}

/** Asks the process that serves the data folder for a backup and waits for its end. */
export async function requestBackup(
  control: Control,
  request: { target: string; onProgress: (progress: BackupProgress) => void },
): Promise<Manifest['counts']> {
  const { promise, resolve, reject } = Promise.withResolvers<Manifest['counts']>()
  let id = ''
  const hear = (payload: string) => {
    const news = JSON.parse(payload) as News
    if (news.id !== id) return
    if (news.state === 'running') request.onProgress(news)
    else if (news.state === 'done') resolve(news.counts)
    else reject(new AppError('UNAVAILABLE', `The backup failed: ${news.message}`))
  }
  const stopListening = await control.postgres.listen(channel, hear)
  id = await control.postgres.transaction((tx) =>
    insertJob(tx, { kind, accountId: 0, input: { target: request.target } }),
  )
  // Whatever was said while nobody could hear it: the job is gone when it has ended.
  const look = setInterval(() => void lookFor(control, id).then((there) => there || settleLate(reject), reject), lookMs)
  try {
    return await promise
  } finally {
    clearInterval(look)
    await stopListening()
  }
}

async function lookFor(control: Control, id: string): Promise<boolean> {
  return (await control.postgres.first(sql`SELECT id FROM jobs WHERE id = ${id}`)) !== undefined
}

/** News that was sent just before the job ended is given time to arrive first. */
function settleLate(reject: (error: Error) => void): void {
  const message = 'The backup ended without a word; look into the log of the server and whether the folder is there.'
  setTimeout(() => reject(new AppError('UNAVAILABLE', message)), lookMs).unref()
}
