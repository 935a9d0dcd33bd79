import type { Control } from '../ports.ts'
import { instantRange, isInstant, parseInstant } from '../domain/instant.ts'
import { parseLocalDate, startOfDay } from '../domain/period.ts'
import { listAccounts } from '../features/accounts/listAccounts.ts'
import { systemControl, type ControlContext } from '../features/accounts/controlContext.ts'
import { issueKey } from '../features/keys/issueKey.ts'
import type { Key, NewKey } from '../features/keys/key.ts'
import { listKeys } from '../features/keys/listKeys.ts'
import { revokeKey } from '../features/keys/revokeKey.ts'
import { rotateKey } from '../features/keys/rotateKey.ts'
import { sql } from '../store/postgres/postgres.ts'
import { CommandError } from './failure.ts'
import { print, printJson, printTable, showTime } from './output.ts'
import { withControl } from './withControl.ts'

interface CreateOptions {
  account: string
  scopes: string[]
  name?: string
  expires?: string
  timezone?: string
  country?: string
  json?: boolean
}

export async function createKeyCommand(options: CreateOptions): Promise<void> {
  const expiresAt = options.expires === undefined ? null : parseExpiry(options.expires, Date.now())
  const key = await withControl(
    (control) =>
      issueKey(control, {
        account: options.account,
        scopes: options.scopes,
        name: options.name,
        expiresAt,
        timezone: options.timezone,
        country: options.country,
      }),
    { madeIfNamed: true },
  )
  showNewKey(key, options.json)
}

export async function listKeysCommand(options: { account?: string; json?: boolean }): Promise<void> {
  const listed = await withControl(async (control) => {
    const accounts = await listAccounts(control)
    const chosen = accounts.filter(({ name }) => options.account === undefined || name === options.account)
    if (options.account !== undefined && chosen.length === 0) throw noAccount()
    const keys = await Promise.all(chosen.map(({ id }) => listKeys(systemControl(control, id))))
    return chosen.flatMap(({ name, disabledAt }, index) =>
      (keys[index] ?? []).map((key) => ({ account: name, ...key, state: stateOf(key, disabledAt, control.now()) })),
    )
  })
  if (options.json) return printJson(listed)
  printTable(
    ['ID', 'ACCOUNT', 'NAME', 'KEY', 'STATE', 'MADE (UTC)', 'LAST USED', 'ENDS', 'SCOPES'],
    listed.map((key) => [
      key.id,
      key.account,
      key.name,
      `${key.prefix}…`,
      key.state,
      showTime(key.createdAt),
      showTime(key.lastUsedAt),
      showTime(key.expiresAt),
      key.scopes.join(','),
    ]),
  )
}

export async function rotateKeyCommand(id: string, options: { overlap?: string; json?: boolean }): Promise<void> {
  const overlapSeconds = options.overlap === undefined ? undefined : Number(options.overlap)
  if (overlapSeconds !== undefined && !Number.isInteger(overlapSeconds)) {
    throw new CommandError(`--overlap is ${JSON.stringify(options.overlap)}; it must be a whole number of seconds.`)
  }
  const key = await withControl(async (control) =>
    rotateKey(await contextOfKey(control, id), { keyId: id, overlapSeconds }),
  )
  showNewKey(key, options.json)
}

export async function revokeKeyCommand(id: string, options: { json?: boolean }): Promise<void> {
  await withControl(async (control) => revokeKey(await contextOfKey(control, id), { keyId: id }))
  if (options.json) printJson({ id, revoked: true })
  else print(`The key ${id} and its tokens no longer work.`)
}

/** The context of a key's account. */
async function contextOfKey(control: Control, id: string): Promise<ControlContext> {
  const isId = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id)
  const row = isId
    ? await control.postgres.first<{ account_id: number }>(sql`SELECT account_id FROM api_keys WHERE id = ${id}`)
    : undefined
  if (!row) throw new CommandError(`There is no key ${JSON.stringify(id)}; "earshot keys list" shows the ids.`)
  return systemControl(control, row.account_id)
}

function noAccount(): CommandError {
  return new CommandError('There is no account of this name; "earshot accounts list" shows all.')
}

function stateOf(key: Key, disabledAt: Date | null, nowMs: number): string {
  if (key.revokedAt) return 'revoked'
  if (key.expiresAt && key.expiresAt.getTime() <= nowMs) return 'expired'
  if (disabledAt) return 'account disabled'
  return key.replacedBy ? 'being replaced' : 'works'
}

const unitMs: Record<string, number> = { m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Reads when a key expires: a time from now (`90d`, `12h`, `30m`), a day (its start in UTC) or an instant. */
export function parseExpiry(text: string, nowMs: number): Date {
  const span = /^(\d{1,6})([mhd])$/.exec(text)
  if (span) return new Date(nowMs + Number(span[1]) * (unitMs[span[2] ?? ''] ?? 0))
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return new Date(startOfDay(parseLocalDate(text, '--expires'), 'UTC'))
  const instant = parseInstant(text)
  if (instant !== undefined && isInstant(instant)) return new Date(instant)
  if (instant !== undefined) throw new CommandError(`--expires is ${JSON.stringify(text)}; it ${instantRange}.`)
  throw new CommandError(
    `--expires is ${JSON.stringify(text)}; it must be a time from now such as 90d or 12h, a day such as 2027-01-31, or an instant such as 2027-01-31T12:00:00Z.`,
  )
}

function showNewKey(key: NewKey, asJson = false): void {
  const { account, apiKey, hmacSecret, jwt } = key
  if (asJson) return printJson({ account, apiKey, hmacSecret, jwt, id: key.id, scopes: key.scopes })
  print(`A key for the account ${account}. Its secrets are shown only once; save them now.`)
  print()
  print(`  API key      ${apiKey}`)
  print(`  HMAC secret  ${hmacSecret}`)
  print(`  JWT          ${jwt}`)
  print(`  Id           ${key.id}`)
  print(`  Scopes       ${key.scopes.join(', ')}`)
  print(`  Ends         ${key.expiresAt ? `${showTime(key.expiresAt)} UTC` : 'never'}`)
}
