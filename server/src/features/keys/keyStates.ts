import type { webcrypto } from 'node:crypto'
import type { Control } from '../../ports.ts'
import type { Scope } from '../../domain/scopes.ts'
import { sql, type Queryable, type Sql } from '../../store/postgres/postgres.ts'
import { hmacPurpose, jwtPurpose } from './keyMaterial.ts'

/** The state of a key that authentication needs. */
export interface KeyState {
  keyId: string
  accountId: number
  accountUuid: string
  contextUuid: string
  scopes: readonly Scope[]
  expiresAt: Date | null
  revoked: boolean
  accountDisabled: boolean
  /** The decrypted HMAC secret. */
  hmacSecret(): string
  /** The account's decrypted JWT key. */
  jwtKey(): Promise<webcrypto.CryptoKey>
  /** Verified tokens of this state, with their expiry in milliseconds since 1970. */
  provenTokens: Map<string, number>
}

interface KeyRow {
  id: string
  account_id: number
  account_uuid: string
  context_uuid: string
  scopes: Scope[]
  expires_at: Date | null
  revoked_at: Date | null
  disabled_at: Date | null
  hmac_secret: Buffer
  jwt_secret: Buffer
}

// Even without a notification a change of a key reaches every process within this time.
const lifetimeMs = 500
const maxEntries = 20_000
const channel = 'earshot_keys'

interface Entry {
  readAt: number
  state: Promise<KeyState | undefined>
}

/** Caches the states of keys for at most half a second. */
class KeyStates {
  private readonly ports: Control
  private readonly entries = new Map<string, Entry>()

  constructor(ports: Control) {
    this.ports = ports
  }

  byHash(hash: Buffer): Promise<KeyState | undefined> {
    return this.cached(`hash:${hash.toString('latin1')}`, sql`api_keys.key_hash = ${hash}`)
  }

  byId(keyId: string): Promise<KeyState | undefined> {
    return this.cached(`id:${keyId}`, sql`api_keys.id = ${keyId}`)
  }

  forget(): void {
    this.entries.clear()
  }

  private cached(name: string, condition: Sql): Promise<KeyState | undefined> {
    // Uses the monotonic clock, because changes of the system clock must not extend the lifetime; it starts before the
    // query.
    const now = performance.now()
    const known = this.entries.get(name)
    if (known && now - known.readAt < lifetimeMs) return known.state
    const entry: Entry = { readAt: now, state: this.read(condition) }
    if (this.entries.size >= maxEntries) this.entries.clear()
    this.entries.set(name, entry)
    // Errors and unknown keys are not cached, so that a new key works immediately.
    const drop = () => {
      if (this.entries.get(name) === entry) this.entries.delete(name)
    }
    entry.state.then((state) => state ?? drop(), drop)
    return entry.state
  }

  private async read(condition: Sql): Promise<KeyState | undefined> {
    const row = await this.ports.postgres.first<KeyRow>(sql`
      SELECT
        api_keys.id,
        api_keys.account_id,
        accounts.account_uuid,
        accounts.context_uuid,
        api_keys.scopes,
        api_keys.expires_at,
        api_keys.revoked_at,
        accounts.disabled_at,
        api_keys.hmac_secret,
        accounts.jwt_secret
      FROM api_keys
      JOIN accounts ON accounts.id = api_keys.account_id
      WHERE ${condition}`)
    return row && stateFrom(this.ports, row)
  }
}

function stateFrom(ports: Control, row: KeyRow): KeyState {
  let hmacSecret: string | undefined
  let jwtKey: Promise<webcrypto.CryptoKey> | undefined
  return {
    keyId: row.id,
    accountId: row.account_id,
    accountUuid: row.account_uuid,
    contextUuid: row.context_uuid,
    scopes: row.scopes,
    expiresAt: row.expires_at,
    revoked: row.revoked_at !== null,
    accountDisabled: row.disabled_at !== null,
    hmacSecret: () => (hmacSecret ??= ports.secrets.open(row.hmac_secret, hmacPurpose(row.id))),
    provenTokens: new Map(),
    jwtKey: () => (jwtKey ??= importJwtKey(ports.secrets.open(row.jwt_secret, jwtPurpose(row.account_uuid)))),
  }
}

/** Decrypts the account's stored JWT key. */
export function importJwtKey(text: string): Promise<webcrypto.CryptoKey> {
  const bytes = Buffer.from(text, 'base64url')
  return crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify'])
}

const statesOfApps = new WeakMap<Control, KeyStates>()

/** Returns the cache of key states of this process. */
export function keyStates(ports: Control): KeyStates {
  const known = statesOfApps.get(ports)
  if (known) return known
  const made = new KeyStates(ports)
  statesOfApps.set(ports, made)
  return made
}

/** Clears the cached key states of every process when the transaction commits. */
export async function announceKeyChange(tx: Queryable): Promise<void> {
  await tx.query(sql`SELECT pg_notify(${channel}, '')`)
}

/** Subscribes to these notifications, until the returned function is called. */
export function watchKeys(ports: Control): Promise<() => Promise<void>> {
  const forget = () => keyStates(ports).forget()
  return ports.postgres.listen(channel, forget, forget)
}
