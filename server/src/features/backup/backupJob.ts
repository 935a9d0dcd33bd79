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
const pollIntervalMs = 1_000
const progressIntervalMs = 200

const inputSchema = z.object({ target: z.string() })

/** Messages of the process that makes the backup to the one that requested it. */
type BackupMessage = { id: string } & (
  | ({ state: 'running' } & BackupProgress)
  | { state: 'done'; counts: Manifest['counts'] }
  | { state: 'failed'; message: string }
)

/** Makes this process run the backups that others request, because only it has the embedded engine open. */
export function defineBackupJob(ports: Ports): void {
  const send = (message: BackupMessage) =>
    ports.postgres.run(sql`SELECT pg_notify(${channel}, ${JSON.stringify(message)})`)
  ports.jobs.define(kind, {
    concurrency: 1,
    maxAttempts: 3,
    async run({ id, input, signal }) {
      let sentAt = 0
      const counts = await backUp(ports, {
        target: inputSchema.parse(input).target,
        signal,
        onProgress(progress) {
          if (performance.now() - sentAt < progressIntervalMs) return
          sentAt = performance.now()
          // Progress is only for display, so a lost message is harmless.
          send({ id, state: 'running', ...progress }).catch(() => {})
        },
      }).catch(async (error: unknown) => {
        // Errors that the caller can fix are not retried.
        if (!isFinal(error)) throw error
        await send({ id, state: 'failed', message: messageOf(error) })
      })
      if (counts) await send({ id, state: 'done', counts })
    },
    async giveUp({ id }, error) {
      await send({ id, state: 'failed', message: messageOf(error) })
    },
  })
}

function isFinal(error: unknown): boolean {
  if (error instanceof AppError) return true
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return code === 'EACCES' || code === 'EPERM' || code === 'EROFS' || code === 'ENOTDIR'
}

/** Requests a backup from the process that serves the data folder and waits for its end. */
export async function requestBackup(
  control: Control,
  request: { target: string; onProgress: (progress: BackupProgress) => void },
): Promise<Manifest['counts']> {
  const { promise, resolve, reject } = Promise.withResolvers<Manifest['counts']>()
  let id = ''
  const receive = (payload: string) => {
    const message = JSON.parse(payload) as BackupMessage
    if (message.id !== id) return
    if (message.state === 'running') request.onProgress(message)
    else if (message.state === 'done') resolve(message.counts)
    else reject(new AppError('UNAVAILABLE', `The backup failed: ${message.message}`))
  }
  const stopListening = await control.postgres.listen(channel, receive)
  id = await control.postgres.transaction((tx) =>
    insertJob(tx, { kind, accountId: 0, input: { target: request.target } }),
  )
  // Messages may have been lost before this process listened; a missing job means that it has ended.
  const poll = setInterval(
    () => void jobExists(control, id).then((there) => there || rejectLate(reject), reject),
    pollIntervalMs,
  )
  try {
    return await promise
  } finally {
    clearInterval(poll)
    await stopListening()
  }
}

async function jobExists(control: Control, id: string): Promise<boolean> {
  return (await control.postgres.first(sql`SELECT id FROM jobs WHERE id = ${id}`)) !== undefined
}

/** A message that was sent just before the job ended gets time to arrive first. */
function rejectLate(reject: (error: Error) => void): void {
  const message = 'The backup ended without a message; look into the log of the server and whether the folder is there.'
  setTimeout(() => reject(new AppError('UNAVAILABLE', message)), pollIntervalMs).unref()
}
