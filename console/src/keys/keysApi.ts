import { useQuery, useQueryClient } from '@tanstack/react-query'
import { request } from '../api/client.ts'
import type { Scope } from '../api/session.tsx'

export const scopeNames = [
  'calls:read',
  'analytics:read',
  'analytics:export',
  'ingest:write',
  'webhooks:manage',
  'admin',
] as const

export type GrantedScope = Scope | '*'

/** A key as `GET /v1/admin/keys` lists it. */
export interface Key {
  id: string
  name: string
  prefix: string
  scopes: GrantedScope[]
  expiresAt: string | null
  revokedAt: string | null
  replacedBy: string | null
  lastUsedAt: string | null
  createdAt: string
}

/** The secrets, which are shown only once. */
export interface NewKey {
  apiKey: string
  hmacSecret: string
  jwt: string
}

export interface KeyBody {
  name: string
  scopes: GrantedScope[]
  expiresAt: string | null
}

const listKey = ['keys']
const restingMs = 30_000

/** All keys of the account, newest first. */
export function useKeys() {
  return useQuery({
    queryKey: listKey,
    queryFn: async ({ signal }) => (await request<{ data: Key[] }>('/v1/admin/keys', { signal })).data.toReversed(),
    refetchInterval: restingMs,
  })
}

/** The actions on keys; they refresh the list. */
export function useKeyActions() {
  const queries = useQueryClient()
  async function change<T>(path: string, method: 'POST' | 'DELETE', body?: unknown): Promise<T> {
    const answer = await request<T>(`/v1/admin/keys${path}`, { method, body })
    await queries.invalidateQueries({ queryKey: listKey })
    return answer
  }
  return {
    create: (body: KeyBody) => change<NewKey>('', 'POST', body),
    rotate: (id: string, overlapSeconds: number) => change<NewKey>(`/${id}/rotate`, 'POST', { overlapSeconds }),
    revoke: (id: string) => change<undefined>(`/${id}`, 'DELETE'),
  }
}

export type KeyState = 'active' | 'replaced' | 'expired' | 'revoked'

/** The state of a key at `readAt`, in milliseconds since 1970. */
export function stateOf({ revokedAt, expiresAt, replacedBy }: Key, readAt: number): KeyState {
  if (revokedAt !== null) return 'revoked'
  if (expiresAt !== null && Date.parse(expiresAt) <= readAt) return 'expired'
  return replacedBy === null ? 'active' : 'replaced'
}
