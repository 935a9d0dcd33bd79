import { chmod, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { Ports } from '../ports.ts'
import type { Account } from '../features/accounts/account.ts'
import { createAccount } from '../features/accounts/createAccount.ts'
import { recordAudit } from '../features/accounts/recordAudit.ts'
import { systemControl } from '../features/accounts/controlContext.ts'
import { reportProgress } from '../features/demo/progress.ts'
import { sendDemo } from '../features/demo/send.ts'
import { issueKey } from '../features/keys/issueKey.ts'
import { sql } from '../store/postgres/postgres.ts'
import { localFetch } from './localFetch.ts'

const accountName = 'demo'
const demoKeyFile = 'demo-key.json'
const started = 'demo.started'
const loaded = 'demo.loaded'

const keySchema = z.object({ id: z.uuid(), account: z.string(), apiKey: z.string(), hmacSecret: z.string() })
export type DemoKey = z.infer<typeof keySchema>

const plan = z.object({ seed: z.int(), calls: z.int(), days: z.int(), endsAt: z.number() })

/** The account "demo" with a valid key: the key of earlier starts while it is valid, else a new one. */
export async function openDemoAccount(ports: Ports): Promise<{ account: Account; key: DemoKey }> {
  const account = await createAccount(ports, { name: accountName })
  const path = join(ports.config.dataDirectory, demoKeyFile)
  const kept = await readKey(path)
  if (kept && (await works(ports, account, kept))) return { account, key: kept }
  const { id, apiKey, hmacSecret } = await issueKey(ports, { account: accountName, name: 'Demo', scopes: ['*'] })
  const key = { id, account: accountName, apiKey, hmacSecret }
  const draft = `${path}.${process.pid}`
  await writeFile(draft, `${JSON.stringify(key, undefined, 2)}\n`, { mode: 0o600 })
  await chmod(draft, 0o600)
  await rename(draft, path)
  return { account, key }
}

async function readKey(path: string): Promise<DemoKey | undefined> {
  const text = await readFile(path, 'utf8').catch(() => 'null')
  try {
    return keySchema.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

async function works(ports: Ports, account: Account, key: DemoKey): Promise<boolean> {
  const row = await ports.postgres.first(sql`
    SELECT id
    FROM api_keys
    WHERE account_id = ${account.id}
      AND id = ${key.id}
      AND revoked_at IS NULL
      AND (expires_at IS NULL OR expires_at > ${new Date(ports.now())})`)
  return row !== undefined
}

/**
 * Loads the demo data once. The first start stores the plan in the database, so that a start after an interrupted one
 * sends the same records, and none is stored twice.
 */
export async function loadDemo(
  ports: Ports,
  { account, key }: { account: Account; key: DemoKey },
  where: { url: string; signal: AbortSignal },
): Promise<void> {
  const planned = await planLoading(ports, account)
  if (planned === undefined) return
  const progress = reportProgress(process.stderr)
  try {
    await sendDemo({
      ...planned,
      batchSize: Math.min(10_000, ports.config.ingestMaxRecords),
      baseUrl: where.url,
      apiKey: key.apiKey,
      fetch: localFetch(where.url, ports.config),
      signal: where.signal,
      onProgress: (report) => progress.update(report),
    })
  } finally {
    progress.finish()
  }
  await ports.postgres.transaction((tx) =>
    recordAudit(tx, systemControl(ports, account.id), { action: loaded, subject: 'account' }),
  )
}

/** The plan of the load; undefined when the data is loaded. */
async function planLoading(ports: Ports, account: Account): Promise<z.infer<typeof plan> | undefined> {
  return ports.postgres.transaction(async (tx) => {
    // The lock lets one of several starting processes decide.
    await tx.run(sql`SELECT id FROM accounts WHERE id = ${account.id} FOR UPDATE`)
    const events = await tx.query<{ action: string; details: unknown }>(sql`
      SELECT action, details
      FROM audit_events
      WHERE account_id = ${account.id}
        AND action IN (${started}, ${loaded})`)
    if (events.some(({ action }) => action === loaded)) return undefined
    const first = events.find(({ action }) => action === started)
    if (first) return plan.parse(first.details)
    const details = { seed: 1, calls: 5_000, days: 30, endsAt: ports.now() }
    await recordAudit(tx, systemControl(ports, account.id), { action: started, subject: 'account', details })
    return details
  })
}
