import type { Control } from '../../ports.ts'
import { scopesOfRole, type Role } from '../../domain/roles.ts'
import type { Scope } from '../../domain/scopes.ts'
import { sql } from '../../store/postgres/postgres.ts'
import { sessionHash } from './sessionToken.ts'

/** Maximum lifetime of a session. */
export function sessionLifetimeMs({ config }: Control): number {
  return config.sessionHours * 3_600_000
}

/** Lifetime of a session without a request. */
export function sessionIdleMs({ config }: Control): number {
  return config.sessionIdleMinutes * 60_000
}

/** An active session with the current permissions of its user or key. */
export interface SessionState {
  hash: Buffer
  accountId: number
  account: { name: string; timezone: string }
  /** The user or key that signed in. */
  subject: { kind: 'key' | 'user'; id: string; name: string; email: string | null; role: Role | null }
  /** Empty while the password is one that somebody else set. */
  scopes: readonly Scope[]
  mustChangePassword: boolean
  expiresAt: Date
  lastSeenAt: Date
}

interface SessionRow {
  token_hash: Buffer
  account_id: number
  account_name: string
  timezone: string
  last_seen_at: Date
  expires_at: Date
  key_id: string | null
  key_name: string | null
  key_scopes: Scope[] | null
  user_id: string | null
  user_name: string | null
  user_email: string | null
  user_role: Role | null
  must_change_password: boolean | null
}

// A change of a key, a user or an account reaches every process within this time.
const freshMs = 500
const maxEntries = 20_000

/** Caches the states of sessions for at most half a second. */
class SessionStates {
  private readonly ports: Control
  private readonly entries = new Map<string, { readAt: number; state: Promise<SessionState | undefined> }>()

  private pending: { hashes: Buffer[]; found: Promise<Map<string, SessionState>> } | undefined

  constructor(ports: Control) {
    this.ports = ports
  }

  forget(): void {
    this.entries.clear()
  }

  byToken(token: string): Promise<SessionState | undefined> {
    const hash = sessionHash(token)
    const name = hash.toString('latin1')
    // Uses the monotonic clock, because changes of the system clock must not extend the lifetime.
    const now = performance.now()
    const known = this.entries.get(name)
    if (known && now - known.readAt < freshMs) return known.state
    const entry = { readAt: now, state: this.read(hash) }
    if (this.entries.size >= maxEntries) this.entries.clear()
    this.entries.set(name, entry)
    const drop = () => {
      if (this.entries.get(name) === entry) this.entries.delete(name)
    }
    entry.state.then((state) => state ?? drop(), drop)
    return entry.state
  }

  /** Reads states that are requested at the same moment, as by all open streams, in one statement. */
  private async read(hash: Buffer): Promise<SessionState | undefined> {
    const hashes = this.pending?.hashes ?? []
    hashes.push(hash)
    this.pending ??= { hashes, found: this.readPending(hashes) }
    return (await this.pending.found).get(hash.toString('latin1'))
  }

  private async readPending(hashes: Buffer[]): Promise<Map<string, SessionState>> {
    await Promise.resolve()
    this.pending = undefined
    return readSessions(this.ports, hashes)
  }
}

/** Reads the active sessions, by their hashes in Latin-1. */
async function readSessions(ports: Control, hashes: Buffer[]): Promise<Map<string, SessionState>> {
  const now = new Date(ports.now())
  const rows = await ports.postgres.query<SessionRow>(sql`
    SELECT
      sessions.token_hash,
      sessions.account_id,
      accounts.name AS account_name,
      accounts.timezone,
      sessions.last_seen_at,
      sessions.expires_at,
      api_keys.id AS key_id,
      api_keys.name AS key_name,
      api_keys.scopes AS key_scopes,
      users.id AS user_id,
      users.name AS user_name,
      users.email AS user_email,
      users.role AS user_role,
      users.must_change_password
    FROM sessions
    JOIN accounts ON accounts.id = sessions.account_id
    LEFT JOIN api_keys ON api_keys.account_id = sessions.account_id AND api_keys.id = sessions.key_id
    LEFT JOIN users ON users.account_id = sessions.account_id AND users.id = sessions.user_id
    WHERE sessions.token_hash = ANY(${hashes}::bytea[])
      AND sessions.expires_at > ${now}
      AND sessions.last_seen_at > ${new Date(now.getTime() - sessionIdleMs(ports))}
      AND accounts.disabled_at IS NULL
      AND api_keys.revoked_at IS NULL
      AND (api_keys.expires_at IS NULL OR api_keys.expires_at > ${now})
      AND users.disabled_at IS NULL`)
  return new Map(
    rows.flatMap((row) => {
      const state = stateFrom(row)
      return state ? [[state.hash.toString('latin1'), state] as const] : []
    }),
  )
}

function stateFrom(row: SessionRow): SessionState | undefined {
  const common = {
    hash: row.token_hash,
    accountId: row.account_id,
    account: { name: row.account_name, timezone: row.timezone },
    expiresAt: row.expires_at,
    lastSeenAt: row.last_seen_at,
    mustChangePassword: row.must_change_password ?? false,
  }
  if (row.user_id !== null && row.user_role !== null) {
    const { user_id: id, user_name: name, user_email: email, user_role: role } = row
    const scopes = common.mustChangePassword ? [] : scopesOfRole[role]
    return { ...common, subject: { kind: 'user', id, name: name ?? '', email, role }, scopes }
  }
  if (row.key_id === null || row.key_scopes === null) return undefined
  const subject = { kind: 'key' as const, id: row.key_id, name: row.key_name ?? '', email: null, role: null }
  return { ...common, subject, scopes: row.key_scopes }
}

const statesOfApps = new WeakMap<Control, SessionStates>()

/** Returns the cache of session states of this process. */
export function sessionStates(ports: Control): SessionStates {
  const known = statesOfApps.get(ports)
  if (known) return known
  const made = new SessionStates(ports)
  statesOfApps.set(ports, made)
  return made
}
