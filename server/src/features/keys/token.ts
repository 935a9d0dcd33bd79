import type { webcrypto } from 'node:crypto'
import { decodeProtectedHeader, jwtVerify, SignJWT } from 'jose'
import type { KeyState } from './keyStates.ts'

// Fixed: whatever a token's own header says, nothing else is ever tried.
const algorithm = 'HS256'

// A state lives for half a second; a busy caller's token is then proven twice a second instead of on every request.
const maxProvenTokens = 16

interface TokenOwner {
  keyId: string
  accountUuid: string
  contextUuid: string
}

/** A JWT that stands for an API key; it lives as long as the key. `nowMs` in milliseconds since 1970. */
export function makeToken(owner: TokenOwner, jwtKey: webcrypto.CryptoKey, nowMs: number): Promise<string> {
  const claims = { accountId: owner.accountUuid, contextId: owner.contextUuid, keyId: owner.keyId }
  return new SignJWT(claims)
    .setProtectedHeader({ alg: algorithm, typ: 'JWT', kid: owner.keyId })
    .setIssuedAt(Math.floor(nowMs / 1000))
    .sign(jwtKey)
}

/** The id of the key that a token names, before anything of it is believed; undefined when it is no token of ours. */
export function keyIdOfToken(token: string): string | undefined {
  try {
    const { alg, kid } = decodeProtectedHeader(token)
    return alg === algorithm && kid && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(kid) ? kid : undefined
  } catch {
    return undefined
  }
}

/** Whether the token was signed by the key's account for this very key, and has not run out. */
export async function tokenStandsFor(token: string, state: KeyState, nowMs: number): Promise<boolean> {
  const provenUntil = state.provenTokens.get(token)
  if (provenUntil !== undefined) return nowMs < provenUntil
  const jwtKey = await state.jwtKey()
  try {
    const { payload } = await jwtVerify(token, jwtKey, { algorithms: [algorithm], currentDate: new Date(nowMs) })
    const stands =
      payload['accountId'] === state.accountUuid &&
      payload['contextId'] === state.contextUuid &&
      payload['keyId'] === state.keyId
    if (stands && state.provenTokens.size < maxProvenTokens) {
      state.provenTokens.set(token, payload.exp === undefined ? Number.POSITIVE_INFINITY : payload.exp * 1000)
    }
    return stands
  } catch {
    // Every fault of a token means the same: it does not stand for the key.
    return false
  }
}
