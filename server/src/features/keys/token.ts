import type { webcrypto } from 'node:crypto'
import { decodeProtectedHeader, jwtVerify, SignJWT } from 'jose'
import type { KeyState } from './keyStates.ts'

// The algorithm is fixed; the one in a token's header is ignored.
const algorithm = 'HS256'

// A cached state lives for half a second, so a busy caller's token is verified twice a second instead of on every
// request.
const maxProvenTokens = 16

interface TokenOwner {
  keyId: string
  accountUuid: string
  contextUuid: string
}

/** Creates a JWT for an API key, valid as long as the key. `nowMs` is in milliseconds since 1970. */
export function makeToken(owner: TokenOwner, jwtKey: webcrypto.CryptoKey, nowMs: number): Promise<string> {
  const claims = { accountId: owner.accountUuid, contextId: owner.contextUuid, keyId: owner.keyId }
  return new SignJWT(claims)
    .setProtectedHeader({ alg: algorithm, typ: 'JWT', kid: owner.keyId })
    .setIssuedAt(Math.floor(nowMs / 1000))
    .sign(jwtKey)
}

/** Reads the key id of a token before any verification; undefined if the text is not such a token. */
export function keyIdOfToken(token: string): string | undefined {
  try {
    const { alg, kid } = decodeProtectedHeader(token)
    return alg === algorithm && kid && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(kid) ? kid : undefined
  } catch {
    return undefined
  }
}

/** Returns whether the token was signed with the account's JWT key for this key and has not expired. */
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
    // All errors of a token have the same result: it does not authenticate.
    return false
  }
}
