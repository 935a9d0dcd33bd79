import type { Control } from '../../ports.ts'
import { AppError } from '../../errors.ts'
import { sql } from '../../store/postgres/postgres.ts'
import { keyHash } from './keyMaterial.ts'
import { keyStates, type KeyState } from './keyStates.ts'
import { keyIdOfToken, tokenStandsFor } from './token.ts'

/** Returns the state of the presented key or of the key of the presented token. Throws INVALID_API_KEY. */
export async function verifyKey(ports: Control, presented: { apiKey: string } | { token: string }): Promise<KeyState> {
  const state =
    'apiKey' in presented
      ? await keyStates(ports).byHash(keyHash(presented.apiKey))
      : await byToken(ports, presented.token)
  if (!state) throw new AppError('INVALID_API_KEY', 'The API key is unknown.')
  if (state.revoked) throw new AppError('INVALID_API_KEY', 'The API key has been revoked.')
  if (state.expiresAt && state.expiresAt.getTime() <= ports.now()) {
    throw new AppError('INVALID_API_KEY', 'The API key has expired.')
  }
  if (state.accountDisabled) throw new AppError('INVALID_API_KEY', 'The account of this API key is disabled.')
  noteUse(ports, state)
  return state
}

async function byToken(ports: Control, token: string): Promise<KeyState | undefined> {
  const keyId = keyIdOfToken(token)
  const state = keyId === undefined ? undefined : await keyStates(ports).byId(keyId)
  return state && (await tokenStandsFor(token, state, ports.now())) ? state : undefined
}

const usesOfApps = new WeakMap<Control, Map<string, number>>()

/** Stores the time of use, at most once a minute, without delaying the request. */
function noteUse(ports: Control, state: KeyState): void {
  const uses = usesOfApps.get(ports) ?? new Map<string, number>()
  usesOfApps.set(ports, uses)
  const minute = Math.floor(ports.now() / 60_000)
  if (uses.get(state.keyId) === minute) return
  if (uses.size > 20_000) uses.clear()
  uses.set(state.keyId, minute)
  ports.postgres
    .run(
      sql`
        UPDATE api_keys
        SET last_used_at = ${new Date(ports.now())}
        WHERE account_id = ${state.accountId}
          AND id = ${state.keyId}
          AND (last_used_at IS NULL OR last_used_at < ${new Date(minute * 60_000)})`,
    )
    .catch((error: unknown) => ports.log.warn({ keyId: state.keyId, err: error }, 'last use of a key not stored'))
}
